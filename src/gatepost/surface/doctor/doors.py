"""Whether a door answers; whether Postfix asks there, at which stages, and whether mail flows without; needs no root.

Source: postconf(1), options -x, -h and -P; postconf(5): check_policy_service, smtpd_delay_reject; SMTPD_POLICY_README
"Advanced policy client configuration": default_action, timeout. A question at a stage at which nobody has logged in yet
is answered with DUNNO, whoever comes: a restriction in the wrong list does nothing, and nobody notices.
"""

import re
import socket
from collections.abc import Iterator

from gatepost.config.asking import DoorSettings, DovecotDoor, EximDoor, MilterDoor, PostfixDoor
from gatepost.config.secret import secret
from gatepost.core.errors import ConfigError
from gatepost.core.units import host_and_port
from gatepost.surface.doctor import secured
from gatepost.surface.doctor.check import Check
from gatepost.surface.doctor.postfix import ENDS
from gatepost.surface.doctor.program import answer
from gatepost.wire import milter
from gatepost.wire.policy import MAX_REQUEST
from gatepost.wire.posted import post, reply

STAGES = {
    "RCPT": ("smtpd_recipient_restrictions", "smtpd_relay_restrictions", "smtpd_sender_restrictions"),
    "DATA": ("smtpd_data_restrictions",),
    "the end of DATA": ("smtpd_end_of_data_restrictions",),
}
EARLY = ("smtpd_client_restrictions", "smtpd_helo_restrictions")
PAGE = "docs/doors/postfix.md has the lines for main.cf"
PATIENCE = 2.0
"""Seconds Postfix waits for an answer with the lines of the page."""

PROBE = b"request=smtpd_access_policy\nprotocol_state=RCPT\nclient_address=127.0.0.1\nsasl_username=\n\n"
"""A question about mail from outside: nobody logged in, so it is passed and changes nothing."""

PROBES: dict[type[DoorSettings], tuple[bytes, bytes]] = {
    PostfixDoor: (PROBE, b"action=DUNNO\n\n"),
    EximDoor: (b"ask stage=rcpt client=127.0.0.1 login:\n", b"pass"),
    MilterDoor: (milter.offer(), milter.negotiated(milter.offer()[5:])[0]),
}
"""That question in each protocol, and its answer; of a milter the offer with which everything begins."""


def look(door: PostfixDoor) -> Iterator[Check]:
    """Where Postfix asks, and what happens when nobody answers.

    Raises:
        OSError, subprocess.SubprocessError: Postfix's programs did not answer.
    """
    wanted = _wanted(door.listen, answer("postconf", "-x", "-h", "queue_directory").strip())
    lists = {name: answer("postconf", "-x", "-h", name) for names in (*STAGES.values(), EARLY) for name in names}
    at = [stage for stage, names in STAGES.items() if any(_asks(lists[name], wanted) for name in names)]
    yield _asked(door, at, [name for name in EARLY if _asks(lists[name], wanted)])
    if not at:
        return
    yield from _services(door, wanted)
    found = [text for value in lists.values() for text in wanted.findall(value)]
    yield _open(door, found)
    keeps = ("hold" in door.on and door.at_hold == "keep") or ("block" in door.on and door.at_block == "keep")
    if keeps and (proxy := answer("postconf", "-x", "-h", "smtpd_proxy_filter").strip()):
        says = f"smtpd_proxy_filter = {proxy[:80]}: Postfix cannot hold a message that it hands on at once"
        yield Check(
            f"door {door.name}: hold",
            "warn",
            says,
            'take "hold" out of on, set at_block = "deny", or use a content_filter',
        )


def _wanted(listen: str, queue: str) -> re.Pattern[str]:
    """A question at this address; what stands in its braces is the group."""
    kind, _, place = listen.partition(":")
    names = [place]
    if kind == "unix" and place.startswith(f"{queue}/"):
        names.append(place.removeprefix(f"{queue}/"))
    either = "|".join(map(re.escape, names))
    address = rf"{kind}:(?:{either})(?![\w./-])"
    return re.compile(rf"check_policy_service[\s,]+(?:{address}|\{{\s*{address}([^}}]*)\}})")


def _asks(value: str, wanted: re.Pattern[str]) -> bool:
    """Whether a list of restrictions comes to the question before it ends."""
    found = wanted.search(value)
    return found is not None and not ENDS.search(value[: found.start()])


def _asked(door: PostfixDoor, at: list[str], early: list[str]) -> Check:
    name = f"door {door.name}: asked"
    if not at and early and answer("postconf", "-x", "-h", "smtpd_delay_reject").strip() == "no":
        says = f"Postfix asks in {early[0]} only, before anybody has logged in: every question is passed"
        return Check(name, "fail", says, PAGE)
    if not at and not early:
        says = f"no list of main.cf comes to check_policy_service {door.listen}: nobody is stopped"
        return Check(name, "fail", says, f"{PAGE}; it stands first, before any permit")
    missing = ", ".join(stage for stage in STAGES if stage not in (at or ["RCPT"]))
    if missing:
        return Check(name, "warn", f"Postfix asks at {', '.join(at) or 'RCPT'}, not at {missing}", PAGE)
    return Check(name, "ok", f"Postfix asks at {', '.join(at)}")


def _services(door: PostfixDoor, wanted: re.Pattern[str]) -> Iterator[Check]:
    """Services of master.cf with a list of their own."""
    for line in answer("postconf", "-x", "-P").splitlines():
        place, _, value = line.partition(" =")
        service, _, setting = place.rpartition("/")
        if setting in {names[0] for names in STAGES.values()} and not _asks(value, wanted):
            says = f"{service} has a list of its own in {setting}, which does not ask"
            yield Check(f"door {door.name}: asked", "warn", says, PAGE)


def _open(door: PostfixDoor, braces: list[str]) -> Check:
    """Whether mail flows while nobody answers."""
    name = f"door {door.name}: without gatepost"
    usual = answer("postconf", "-h", "smtpd_policy_service_default_action").strip()
    actions = [_setting(text, "default_action", usual) for text in braces]
    closed = [action for action in actions if not action.upper().startswith("DUNNO")]
    if closed:
        says = f"Postfix answers {closed[0][:60]!r} to everybody while gatepost is down"
        return Check(name, "fail", says, f"default_action=DUNNO in each question; {PAGE}")
    waits = [_setting(text, "timeout", "100s") for text in braces]
    if slow := [wait for wait in waits if wait not in ("1s", "2s", "3s", "4s", "5s")]:
        says = f"mail flows, but Postfix waits {slow[0]} for each answer when gatepost hangs"
        return Check(name, "warn", says, f"timeout=2s, try_limit=1; {PAGE}")
    return Check(name, "ok", "mail flows")


def _setting(text: str, name: str, usual: str) -> str:
    """One setting of a question's braces."""
    found = re.search(rf"\b{name}\s*=\s*([^,}}]*)", text)
    return found[1].strip() if found else usual


def live(door: DoorSettings) -> Check:
    """Ask a question at the door, as its mail server does."""
    name = f"door {door.name}: answers"
    try:
        probe, passes = _probe(door)
    except ConfigError as error:
        return Check(name, "fail", str(error), "gatepost watch does not start without it")
    try:
        said, wrong = _said(door, probe)
    except OSError as error:
        return Check(name, "fail", f"{door.listen}: {error}", "is gatepost watch running, and may this user ask?")
    if wrong is not None:
        return wrong
    if door.authority:
        return Check(name, "ok", f"{door.listen}: whoever shows no certificate is hung up on, as this program was")
    if said != passes:
        return Check(name, "fail", f"{door.listen}: somebody else answers: {said[:60]!r}", "name another address")
    return Check(name, "ok", f"{door.listen}: a question was answered")


def _said(door: DoorSettings, probe: bytes) -> tuple[bytes, Check | None]:
    """What a question is answered, and what is wrong with TLS there."""
    with _connected(door.listen) as link:
        if door.certificate:
            said, shown = secured.asked(door, link, probe)
            return said, secured.trouble(door, said, shown)
        link.sendall(probe)
        return link.recv(MAX_REQUEST), None


def _probe(door: DoorSettings) -> tuple[bytes, bytes]:
    """What is asked, about nobody, and what is answered."""
    if isinstance(door, DovecotDoor):
        return post("allow", secret(door.secret, f"door {door.name}"), b'{"login":""}'), reply(b'{"status":0,"msg":""}')
    return PROBES[type(door)]


def _connected(listen: str) -> socket.socket:
    kind, _, place = listen.partition(":")
    if kind == "inet":
        return socket.create_connection(host_and_port(place), PATIENCE)
    link = socket.socket(socket.AF_UNIX)
    link.settimeout(PATIENCE)
    try:
        link.connect(place)
    except OSError:
        link.close()
        raise
    return link
