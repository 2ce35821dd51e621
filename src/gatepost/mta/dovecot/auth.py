"""Lines of Dovecot's auth process: failed look-ups, refusals by a policy server or a deny table, PAM's own line.

Owns who failed from where. The name is what was typed, and with auth_verbose_passwords the password stands behind it:
both are a stranger's text on either side of the client. A line is therefore read in every way that Dovecot's own words
allow. More than one way, and it is a failed login of nobody; none of these lines is ever unread when a password may
stand in it, and nothing behind the words that announce one is kept.
Source: Dovecot src/auth/auth-request.c (get_log_prefix, auth_request_log_login_failure), auth-policy.c,
passdb-pam.c, 2.2 and 2.3; lib-auth's event prefixes of 2.4; Linux-PAM modules/pam_unix/support.c.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from gatepost.core.events import MAX_REPLY
from gatepost.mta.addresses import ADDRESS, plain
from gatepost.mta.base import Record
from gatepost.mta.dovecot.memory import Memory, add, spend
from gatepost.mta.dovecot.wording import AGAIN, AUTH, LEVEL, NEXT

GIVEN = "given password"
"""What Dovecot writes in front of a password."""

PAM = "pam_unix("

_OLD = re.compile(
    rf"[a-z-]+(?:\([A-Za-z0-9_]{{1,32}}\))?: {LEVEL}(?:conn unix:[^ ]{{1,64}} \(pid=[0-9]+,uid=[0-9]+\): "
    r"auth-worker<[0-9]+>: )?([a-z][a-z0-9_-]{0,31})\("
)
_NEW = re.compile(r"auth(?:-worker)?\(")
_NEW_DRIVER = re.compile(LEVEL + r"(?:request \[[0-9]+\]: )?([a-z][a-z0-9_-]{0,31}): ")
_CLIENT = re.compile(
    rf"(?=,({ADDRESS})(?:,(?:master|sasl:[a-z0-9_-]{{1,32}}))*(?:,<([^<>, ]*)>)?\)((?:<[^<>, ]*>){{0,2}}): )"
)
_FAILED = re.compile(
    r"(?:unknown user|password mismatch(?: \(for ldap bind\))?|invalid credentials"
    r"|no password returned \(and no nopassword\)"
    r"|pam_authenticate\(\) failed: [a-z ':;]+(?: \(password mismatch\?\))?(?:: [0-9]+ time\(s\))?)"
    r"(?: \((?:sha1 of )?given password: .*\))?( - trying the next passdb)?",
    re.IGNORECASE | re.DOTALL,
)
_POLICY = re.compile(r"Authentication failure due to policy server refusal(?:: (.*))?", re.DOTALL)
_SPELT = re.compile(r"Username character disallowed by auth_username_chars: 0x[0-9a-f]{2} \(username: .*\)", re.DOTALL)
_DENIED = "User found from deny passdb"
_PAM = re.compile(
    rf"pam_unix\(dovecot:auth\): authentication failure; .* ruser=(.*) rhost=({ADDRESS})(?:\s+user=.*)?", re.DOTALL
)


class Reading(NamedTuple):
    """One way to read a line of the auth process."""

    user: str
    client: str
    session: str
    meaning: str
    """ "failed", "next", "own" or "policy"."""
    words: str = ""
    """What a policy server said."""


def read_auth(text: str, tag: str, memory: Memory) -> Record:
    """Read a line of the auth process.

    Args:
        text: the message, beginning with the process's name.
        tag: what gatepost's own refusals start with.
        memory: told of the sessions whose failure the line tells.
    """
    readings = list(dict.fromkeys(_readings(text, tag)))
    secret = GIVEN in text.lower()
    if not readings:
        return Record(kind="ignored", why=AUTH)
    if len({(reading.user, reading.client) for reading in readings}) > 1:
        return Record(kind="login", ok=False) if secret else _tampered(readings)
    reading = readings[0]
    if reading.meaning == "next":
        return Record(kind="ignored", why=NEXT)
    return _told(reading, _record(reading, secret=secret and GIVEN in reading.user.lower()), memory)


def _readings(text: str, tag: str) -> Iterator[Reading]:
    """Every way to read the line: wherever a client may stand, if what follows is what Dovecot says."""
    old, new = _OLD.match(text), _NEW.match(text)
    for opening in filter(None, (old, new)):
        for found in _CLIENT.finditer(text, opening.end()):
            end = found.end(3) + len(": ")
            driver = old[1] if opening is old and old else ""
            if not driver:
                named = _NEW_DRIVER.match(text, end)
                if named is None:
                    continue
                driver, end = named[1], named.end()
            user = text[opening.end() : found.start()]
            session = found[2] or found[3][found[3].rfind("<") + 1 : -1]
            yield from _meant(Reading(user, plain(found[1]), session, ""), driver, text[end:], tag)


def _meant(reading: Reading, driver: str, words: str, tag: str) -> Iterator[Reading]:
    failed = _FAILED.fullmatch(words)
    if failed is not None:
        yield reading._replace(meaning="next" if failed[1] else "failed")
    elif words == _DENIED:
        yield reading._replace(meaning="own")
    elif _SPELT.fullmatch(words):
        yield reading._replace(user="", meaning="failed")
    elif driver == "policy" and (refused := _POLICY.fullmatch(words)):
        said = (refused[1] or "")[:MAX_REPLY]
        yield reading._replace(meaning="own" if tag and said.startswith(tag) else "policy", words=said)


def _record(reading: Reading, *, secret: bool) -> Record:
    own = reading.meaning == "own"
    if secret:
        return Record(kind="login", ok=False)
    return Record(
        kind="own" if own else "login",
        own=own,
        ok=None if own else False,
        account=reading.user or None,
        client=reading.client,
        reply=reading.words,
    )


def _told(reading: Reading, record: Record, memory: Memory) -> Record:
    """The record, unless PAM told the same failure in a line of its own."""
    again = spend(memory.pam, (reading.user, reading.client))
    if reading.session:
        add(memory.told, reading.session)
    return Record(kind="ignored", why=AGAIN) if again else record


def _tampered(readings: list[Reading]) -> Record:
    return Record(
        kind="unread",
        why="tampered",
        candidates=tuple(dict.fromkeys(reading.user for reading in readings if reading.user))[:10],
        clients=tuple(dict.fromkeys(reading.client for reading in readings))[:10],
    )


def read_pam(text: str, memory: Memory) -> Record:
    """Read the line that PAM's module writes itself, under the name of Dovecot's process."""
    found = _PAM.fullmatch(text.rstrip())
    if found is None:
        return Record(kind="ignored", why=AUTH)
    user, client = found[1], plain(found[2])
    if GIVEN in user.lower():
        return Record(kind="login", ok=False)
    if " rhost=" in user:
        return Record(kind="unread", why="tampered", candidates=(user,), clients=(client,))
    add(memory.pam, (user, client))
    return Record(kind="login", ok=False, account=user or None, client=client)
