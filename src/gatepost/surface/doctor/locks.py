"""Whether passwords could be locked where the configuration says; nothing is changed."""

import os
from collections.abc import Iterator
from pathlib import Path

from gatepost.act.credentials import mark_of
from gatepost.act.foreign import visible
from gatepost.act.lockedsql import SqlLock
from gatepost.config.lockers import lock_of
from gatepost.config.locks import CommandSettings, LdapSettings, PasswdSettings, Settings, SqlSettings
from gatepost.core.errors import ActionError, StoreError
from gatepost.surface.doctor.check import Check, untried

NOBODY = "nobody@gatepost.invalid"
"""A login that nobody has (RFC 2606 section 2)."""

SERVERS = (SqlSettings, LdapSettings)


def look(found: Settings, *, offline: bool) -> Iterator[Check]:
    """One place: asked for a login that nobody has, as the running gatepost asks; a file's owner; a program's mode.

    Args:
        found: the block.
        offline: connect nowhere.
    """
    if isinstance(found, CommandSettings):
        yield from _programs(found)
        return
    lock = lock_of(found)
    name = f"locks {lock.place}"
    if offline and isinstance(found, SERVERS):
        yield untried(name)
        return
    try:
        (there,) = lock.changed([([NOBODY], mark_of(f"{NOBODY}#0"))])
    except (ActionError, StoreError) as error:
        yield Check(name, "fail", visible(str(error), 300), "mend it: until then no password is locked there")
        return
    if there:
        says = f"it finds the login {NOBODY}, which nobody has: it would find anybody"
        yield Check(name, "fail", says, "make count, or filter, ask for the one login")
    else:
        yield Check(name, "ok", "answers, and knows nobody whom it should not know")
        if isinstance(lock, SqlLock):
            yield from _granted(f"{name}: change", lock)
    if isinstance(found, PasswdSettings):
        yield _writable(name, Path(found.path))


def _granted(name: str, lock: SqlLock) -> Iterator[Check]:
    """Whether gatepost's user of the database may change a password; the change is planned and not done."""
    try:
        asked = lock.may(NOBODY, mark_of(f"{NOBODY}#0"))
    except StoreError as error:
        remedy = "GRANT UPDATE on the table, or on the column that lock sets, to gatepost's user"
        yield Check(name, "fail", f"lock and unlock are refused: {visible(str(error), 250)}", remedy)
        return
    if asked:
        yield Check(name, "ok", "lock and unlock are taken")
    else:
        says = "lock or unlock is no UPDATE: whether it may be used was not found out"
        yield Check(name, "unknown", says, "block and release an account of your own once")


def _writable(name: str, path: Path) -> Check:
    real = Path(os.path.realpath(path))
    if not os.access(real.parent, os.W_OK):
        return Check(f"{name}: writable", "fail", f"{real.parent} cannot be written", "give gatepost's user the folder")
    if os.geteuid() not in (0, real.stat().st_uid):
        return Check(f"{name}: writable", "fail", f"{real} is somebody else's", "chown it to gatepost's user")
    return Check(f"{name}: writable", "ok", "it can be replaced with owner and mode as they are")


def _programs(found: CommandSettings) -> Iterator[Check]:
    for what, words in (("lock", found.lock), ("unlock", found.unlock)):
        name = f"locks command: {what}"
        if os.access(words[0], os.X_OK) and Path(words[0]).is_file():
            yield Check(name, "ok", f"{visible(words[0])} can be run")
        else:
            yield Check(name, "fail", f"{visible(words[0])} cannot be run", "correct the path, or chmod 0755")
