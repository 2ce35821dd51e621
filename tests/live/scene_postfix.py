"""The same scene on Postfix and Dovecot: their lines of history, and a configuration for both logs and both tables."""

import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.live.dovecot import Dovecot
from tests.live.page import DOCS
from tests.live.postfix import Postfix
from tests.live.scene import Watch, history
from tests.live.world import World

ASKED = 3
"""The page lets Postfix ask at RCPT, DATA and the end of DATA."""


def mail(number: int, at: float, account: str, client: str, to: Sequence[str]) -> Iterator[tuple[float, str]]:
    """The lines of one delivered message, as this Postfix writes them."""
    head, queue_id = time.strftime("%b %e %H:%M:%S mx1 postfix", time.gmtime(at)), f"{number:09X}"
    yield at, f"{head}/smtpd[100]: {queue_id}: client=unknown[{client}], sasl_method=PLAIN, sasl_username={account}"
    yield at, f"{head}/cleanup[101]: {queue_id}: message-id=<h{number}@desk.example.test>"
    yield at, f"{head}/qmgr[102]: {queue_id}: from=<{account}>, size=400, nrcpt={len(to)} (queue active)"
    for address in to:
        yield (
            at,
            (
                f"{head}/smtp[103]: {queue_id}: to=<{address}>, relay=127.0.0.1[127.0.0.1]:25, delay=0.1,"
                " delays=0/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 OK: queued)"
            ),
        )
    yield at, f"{head}/qmgr[102]: {queue_id}: removed"


def set_up(folder: Path, postfix: Postfix, dovecot: Dovecot, sink: World, tables: Path) -> Watch:
    """A configuration beside both, and 14 days of Postfix's log to learn from.

    Args:
        folder: gatepost's own.
        postfix: with the page's lines for `tables`/deny, an lmdb table.
        dovecot: with the page's block for `tables`/shut.
        sink: takes the letters.
        tables: where both deny tables are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    postfix.maillog.with_name("maillog.1").write_text(history(time.time() - 600, write=mail))
    config = folder / "gatepost.toml"
    config.write_text(
        f'mode = "enforce"\n[start]\nobserve_for = "0s"\n[domains]\nlocal = ["example.test"]\n'
        f'[[source]]\nkind = "tail"\nname = "mx1"\npath = "{postfix.maillog}"\nzone = "UTC"\n'
        f'[[source]]\nkind = "tail"\nname = "imap1"\npath = "{dovecot.logfile}"\nzone = "UTC"\n'
        f'[[action]]\nkind = "table"\nformat = "lmdb"\npath = "{tables}/deny"\n'
        f'[[action]]\nkind = "table"\nformat = "passwd-file"\npath = "{tables}/shut"\nmode = "0644"\n'
        f'services = ["submission", "sieve"]\n'
        f'[[action]]\nkind = "notify"\nto = ["abuse@desk.example.org"]\nfrom = "gatepost@example.org"\n'
        f'smtp = "127.0.0.1:{sink.port}"\n'
    )
    return Watch(folder, config)


def ask_at(door: Path) -> str:
    """The lines of main.cf on the page about doors, for a socket."""
    page = (DOCS / "doors/postfix.md").read_text()
    lines = re.findall(r"(?m)^    ((?:smtpd_|    check_).*)$", page)
    text = "\n".join(line.rstrip(",") for line in lines) + "\n"
    assert text.count("check_policy_service") == ASKED
    return text.replace("unix:gatepost/policy", f"unix:{door}")


def watch_door(folder: Path, postfix: Postfix, sink: World, door: Path) -> Watch:
    """A configuration that reads Postfix's log and answers it in the dialogue, and 14 days to learn from.

    Args:
        folder: gatepost's own.
        postfix: with the lines of `ask_at`.
        sink: takes the letters.
        door: the socket; its group is known in the servers' folder only, so open it to all once it is there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    postfix.maillog.with_name("maillog.1").write_text(history(time.time() - 600, write=mail))
    config = folder / "gatepost.toml"
    config.write_text(
        f'mode = "enforce"\n[start]\nobserve_for = "0s"\n[domains]\nlocal = ["example.test"]\n'
        f'[[source]]\nkind = "tail"\nname = "mx1"\npath = "{postfix.maillog}"\nzone = "UTC"\n'
        f'[[door]]\nkind = "postfix"\nlisten = "unix:{door}"\n'
        f'[[action]]\nkind = "notify"\nto = ["abuse@desk.example.org"]\nfrom = "gatepost@example.org"\n'
        f'smtp = "127.0.0.1:{sink.port}"\n'
    )
    return Watch(folder, config)
