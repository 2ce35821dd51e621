"""Whether Postfix or Sendmail asks a milter door, and whether mail flows without; needs no root.

Source: postconf(5): smtpd_milters, milter_default_action, milter_command_timeout, milter_connect_timeout; Postfix's
MILTER_README, "Different settings for different Milter applications"; Sendmail's cf/README and op.me, section 5.11
"Mail filters": F= (none: mail flows), T=R (time for an answer, ten seconds). An answer that comes later than the mail
server waits is none: it lets the rest of the session pass.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from gatepost.config.asking import MilterDoor
from gatepost.surface.doctor.check import Check
from gatepost.surface.doctor.program import answer, there

PAGE = "docs/doors/milter.md has the lines"
SENDMAIL = Path("/etc/mail/sendmail.cf")
LONGEST = 5
"""Seconds a message may wait for a gatepost that hangs."""

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_FLOWS = ("accept",)


def look(door: MilterDoor) -> Iterator[Check]:
    """Where the door is asked, and what happens when nobody answers.

    Raises:
        OSError, subprocess.SubprocessError: Postfix's programs did not answer, sendmail.cf cannot be read.
    """
    if there("postconf") or not SENDMAIL.exists():
        yield from _postfix(door)
    else:
        yield from _sendmail(door, SENDMAIL.read_text(errors="replace"))


def _postfix(door: MilterDoor) -> Iterator[Check]:
    wanted = _wanted(door.listen, answer("postconf", "-x", "-h", "queue_directory").strip())
    usual, own = answer("postconf", "-x", "-h", "smtpd_milters"), answer("postconf", "-x", "-P")
    lists = dict(re.findall(r"(?m)^(\S+/inet)/smtpd_milters =(.*)$", own))
    asking = [found for value in (usual, *lists.values()) if (found := wanted.search(value))]
    name = f"door {door.name}: asked"
    if not asking:
        says = f"no smtpd_milters has {door.listen}: nobody is stopped"
        yield Check(name, "fail", says, f"{PAGE} for main.cf")
        return
    yield Check(name, "ok", "Postfix asks for every message that comes by SMTP")
    for service, value in lists.items():
        if not wanted.search(value):
            yield Check(
                name, "warn", f"{service} has smtpd_milters of its own, which do not ask", f"{PAGE} for main.cf"
            )
    options = [found[1] or "" for found in asking]
    yield _open(door, [_option(text, "default_action", "milter_default_action") for text in options])
    yield _patient(door, [_seconds(_option(text, "command_timeout", "milter_command_timeout")) for text in options])


def _wanted(listen: str, queue: str) -> re.Pattern[str]:
    """This door in a list; what stands in its braces is the group."""
    kind, _, place = listen.partition(":")
    names = [place, place.removeprefix(f"{queue}/")] if kind == "unix" else [place]
    address = rf"{'(?:unix|local)' if kind == 'unix' else kind}:(?:{'|'.join(map(re.escape, names))})(?![\w./-])"
    return re.compile(rf"(?:\{{\s*{address}([^}}]*)\}}|(?<![\w:]){address})")


def _option(braces: str, name: str, general: str) -> str:
    """What one milter is set to, or all of them."""
    found = re.search(rf"\b{name}\s*=\s*([^\s,}}]+)", braces)
    return found[1] if found else answer("postconf", "-x", "-h", general).strip()


def _open(door: MilterDoor, actions: list[str]) -> Check:
    name = f"door {door.name}: without gatepost"
    closed = [action for action in actions if action not in _FLOWS]
    if closed:
        says = f"Postfix answers {closed[0][:40]!r} to everybody while gatepost is down"
        return Check(name, "fail", says, f"default_action=accept; {PAGE} for main.cf")
    return Check(name, "ok", "mail flows")


def _patient(door: MilterDoor, waits: list[float]) -> Check:
    """Whether the mail server waits long enough for a slow answer, and not too long for none."""
    name, shortest, longest = f"door {door.name}: patience", min(waits), max(waits)
    if shortest <= door.slow:
        says = f"slow is {door.slow:g} s, and the mail server waits {shortest:g} s: the rest of a session would pass"
        return Check(name, "fail", says, f"a shorter slow, or a longer time for an answer; {PAGE}")
    if longest > LONGEST + door.slow:
        says = f"mail flows, but the mail server waits {longest:g} s when gatepost hangs"
        return Check(name, "warn", says, f"a time of 2 s for an answer; {PAGE}")
    return Check(name, "ok", f"the mail server waits {longest:g} s for an answer")


def _seconds(text: str) -> float:
    """A time of Postfix or Sendmail; what is none is endless."""
    found = re.fullmatch(r"(\d{1,9})([smhdw]?)", text.strip())
    return int(found[1]) * _UNITS[found[2]] if found else float("inf")


def _sendmail(door: MilterDoor, text: str) -> Iterator[Check]:
    """The lines of sendmail.cf that m4 makes of INPUT_MAIL_FILTER."""
    name, place = f"door {door.name}: asked", re.escape(_spelled(door.listen))
    found = re.search(rf"(?m)^X([^,\n]+),\s*S=(?:local:|unix:)?{place}(?![\w./-])(.*)$", text)
    used = re.findall(r"(?m)^O InputMailFilters=(.*)$", text)
    if not found or found[1].strip() not in [one.strip() for value in used[-1:] for one in value.split(",")]:
        says = f"{SENDMAIL} has no mail filter at {door.listen}: nobody is stopped"
        yield Check(name, "fail", says, f"{PAGE} for sendmail.mc")
        return
    yield Check(name, "ok", "Sendmail asks for every message that comes by SMTP")
    flag = re.search(r"\bF=([RT4])", found[2])
    if flag:
        says = f"F={flag[1]}: Sendmail refuses everybody while gatepost is down"
        yield Check(f"door {door.name}: without gatepost", "fail", says, f"leave out F=; {PAGE} for sendmail.mc")
    else:
        yield Check(f"door {door.name}: without gatepost", "ok", "mail flows")
    time = re.search(r"\bT=(?:[^,]*;)?R:(\w+)", found[2])
    yield _patient(door, [_seconds(time[1]) if time else 10.0])


def _spelled(listen: str) -> str:
    """An address as Sendmail spells it: "inet:4003@127.0.0.1"; of a unix socket its path."""
    kind, _, place = listen.partition(":")
    host, _, port = place.rpartition(":")
    return place if kind == "unix" else f"inet:{port}@{host.strip('[]')}"
