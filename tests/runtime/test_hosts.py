"""Logins on one server, mail on others, bounces on a third: one account."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import permutations
from pathlib import Path

import pytest
from tests.runtime.scene import ANN, Fixed, Machine, configured

from gatepost.config.load import load, read
from gatepost.config.mistakes import ConfigErrors
from gatepost.core.events import AnyEvent, Delivery, Submission
from gatepost.core.ports import Position
from gatepost.runtime.follow import Followed
from gatepost.runtime.pipeline import Pipeline
from gatepost.runtime.replay import Replay
from gatepost.runtime.sources import sources
from gatepost.source.given import Lines
from gatepost.source.lines import octets

HOSTS = ("imap", "in1", "in2", "out")
PEERS = ", ".join(f'{{ name = "192.0.2.{number}", host = "{host}" }}' for number, host in enumerate(HOSTS))
LISTENER = f'[[source]]\nkind = "syslog"\nname = "all"\nlisten = "tcp:127.0.0.1:601"\nzone = "UTC"\npeers = [{PEERS}]\n'
FILES = "".join(f'[[source]]\nkind = "tail"\nname = "{host}"\npath = "{host}.log"\nzone = "UTC"\n' for host in HOSTS)
ADDRESSES = """
[host.in1]
addresses = ["203.0.113.11", "10.1.2.11"]
[host.in2]
addresses = ["203.0.113.12", "2001:db8::12"]
[host.out]
addresses = ["203.0.113.30", "2001:DB8::30", "10.1.2.30"]
"""
LOGIN = (
    "Mar 15 02:5{0}:00 lies dovecot: imap-login: Login: user=<ann@example.org>, method=PLAIN, rip=192.0.2.10,"
    " lip=192.0.2.1, mpid=7, TLS, session=<a{0}>"
)
REMOTE = "relay=mx.example.net[198.51.100.1]:25, delay=1, delays=0/0/0/1"
NO_USER = (
    "dsn=5.1.1, status=bounced (host mx.example.net[198.51.100.1] said: 550 5.1.1 no such user (in reply to RCPT TO"
    " command))"
)
ID = "225C022A26{}"


def postfix(turn: int, program: str, text: str, queue_id: str = ID, second: int = 1) -> str:
    """One line of Postfix's."""
    return f"Mar 15 02:5{turn}:0{second} lies postfix/{program}[7]: {queue_id.format(turn)}: {text}"


def submitted(turn: int, number: int) -> list[str]:
    """A message of the account's, with so many recipients."""
    return [
        postfix(
            turn, "submission/smtpd", "client=x[192.0.2.10], sasl_method=PLAIN, sasl_username=Ann@Example.org", second=0
        ),
        postfix(turn, "cleanup", f"message-id=<{turn}@example.org>"),
        postfix(turn, "qmgr", f"from=<ann@example.org>, size=400, nrcpt={number} (queue active)"),
    ]


def bounced(turn: int, queue_id: str = ID) -> list[str]:
    """Its only recipient does not exist."""
    outcome = f"to=<x@example.net>, {REMOTE}, {NO_USER}"
    return [postfix(turn, "smtp", outcome, queue_id, 2), postfix(turn, "qmgr", "removed", queue_id, 3)]


def followed(machine: Machine, seen: list[AnyEvent]) -> dict[str, Followed]:
    """The sources of a gatepost, by the hosts they speak for."""
    machine.house.pipeline.saw = seen.append
    return {one.feed.thread.host: one for one in sources(machine.house)[0]}


def test_the_hosts_of_one_account_write_on_one_page(tmp_path: Path) -> None:
    """Logins of one host, mail and bounces of two others whose queue ids are the same: nothing is mixed up."""
    machine, seen = Machine(configured(tmp_path, more=LISTENER), Fixed(), []), list[AnyEvent]()
    by_host = followed(machine, seen)
    for turn in range(3):
        mail = [*submitted(turn, 1), *bounced(turn)]
        for host, lines in (("imap", [LOGIN.format(turn)]), ("in1", mail), ("in2", mail)):
            by_host[host].read(Lines(1, turn * 10_000, lines, Position(1, (turn + 1) * 10_000)))
    assert {event.account for event in seen} == {ANN}
    told = {(type(event).__name__, event.host) for event in seen}
    assert {("Login", "imap"), ("Submission", "in1"), ("Submission", "in2")} <= told
    assert {("Delivery", "in1"), ("Delivery", "in2")} <= told
    assert sum(type(event).__name__ == "Submission" for event in seen) == 6
    machine.close()


# Handed from host to host

NEXT = "9C1A22A2{}7"
HANDED = "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 9C1A22A2{}7)"


def handed(turn: int, relay: str = "203.0.113.30", ids: str = ID) -> list[str]:
    """What the first host says: two recipients went to the next one, one to its own mailbox."""
    out = f"relay=out.example.org[{relay}]:25, delay=1, delays=0/0/0/1, {HANDED.format(turn)}"
    here = "relay=virtual, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (delivered to maildir)"
    return [
        *submitted(turn, 3),
        postfix(turn, "smtp", f"to=<x@example.net>, {out}", ids, 2),
        postfix(turn, "smtp", f"to=<y@example.net>, {out}", ids, 2),
        postfix(turn, "virtual", f"to=<z@example.org>, {here}", ids, 2),
        postfix(turn, "qmgr", "removed", ids, 2),
    ]


def taken(turn: int, client: str = "203.0.113.11") -> list[str]:
    """What the next one says: one recipient exists, the other does not."""
    good = f"to=<y@example.net>, {REMOTE}, dsn=2.0.0, status=sent (250 2.0.0 OK)"
    return [
        postfix(turn, "smtpd", f"client=in1.example.org[{client}]", NEXT, 1),
        postfix(turn, "cleanup", f"message-id=<{turn}@example.org>", NEXT, 1),
        postfix(turn, "qmgr", "from=<ann@example.org>, size=500, nrcpt=2 (queue active)", NEXT, 2),
        postfix(turn, "smtp", good, NEXT, 3),
        *bounced(turn, NEXT),
    ]


def counted(events: Sequence[AnyEvent]) -> dict[tuple[str, str], int]:
    """Recipients handed in, delivered and failed, by host."""
    found = Counter[tuple[str, str]]()
    for event in events:
        if isinstance(event, Submission):
            found["in", event.host] += event.recipients or 0
        elif isinstance(event, Delivery):
            found[event.result, event.host] += event.count
    return dict(found)


ONCE = {("in", "in1"): 3, ("delivered", "in1"): 1, ("delivered", "out"): 1, ("bounced", "out"): 1}
"""Three recipients: each handed in once, and told once what became of it, by the host that knows."""


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize(
    ("relay", "client"),
    [("203.0.113.30", "203.0.113.11"), ("2001:db8::30", "203.0.113.11"), ("10.1.2.30", "10.1.2.11")],
)
def test_a_bounce_on_a_third_host_is_the_accounts(
    order: tuple[int, ...], relay: str, client: str, tmp_path: Path
) -> None:
    """Logins on one host, submission on another, bounce on a third: one account, whichever log is read first."""
    machine, seen = Machine(configured(tmp_path, more=ADDRESSES + LISTENER), Fixed(), []), list[AnyEvent]()
    by_host = followed(machine, seen)
    parts = [("imap", [LOGIN.format(0)]), ("in1", handed(0, relay)), ("out", taken(0, client))]
    for number in order:
        host, lines = parts[number]
        by_host[host].read(Lines(1, 0, lines, Position(1, octets(lines))))
    assert counted(seen) == ONCE
    assert {event.account for event in seen} == {ANN} and {event.host for event in seen} == {"imap", "in1", "out"}
    assert [event.address for event in seen if isinstance(event, Delivery) and event.address] == ["x@example.net"]
    machine.close()


def lines_of_a_day() -> Iterator[tuple[str, list[str]]]:
    """Four logs: logins, two hosts that take mail with the same queue ids in another minute, one that sends it on."""
    yield "imap", [LOGIN.format(turn) for turn in range(4)]
    yield "in1", [line for turn in (0, 2) for line in handed(turn)]
    yield "in2", [line for turn in (1, 3) for line in handed(turn)]
    yield "out", [line for turn in range(4) for line in taken(turn, "2001:db8::12" if turn % 2 else "203.0.113.11")]


DAY = {
    ("in", "in1"): 6, ("in", "in2"): 6, ("delivered", "in1"): 2, ("delivered", "in2"): 2, ("delivered", "out"): 4,
    ("bounced", "out"): 4,
}  # fmt: skip


def test_replay_joins_four_logs(tmp_path: Path) -> None:
    """The logs of a configuration, merged by time: as live."""
    configured(tmp_path)
    config = (tmp_path / "gatepost.toml").read_text()
    mx1 = '[[source]]\nkind = "tail"\nname = "mx1"\npath = "mainlog"\nzone = "UTC"\n'
    (tmp_path / "gatepost.toml").write_text(config.replace(mx1, ADDRESSES + FILES))
    for host, lines in lines_of_a_day():
        (tmp_path / f"{host}.log").write_text("".join(f"{line}\n" for line in lines))
    seen = list[AnyEvent]()

    class Watched(Pipeline):
        def __init__(self, *args: object) -> None:
            super().__init__(*args)  # type: ignore[arg-type]
            self.saw = seen.append

    logs = [str(tmp_path / f"{host}.log") for host in HOSTS]
    run = Replay(logs, load(tmp_path / "gatepost.toml"), zone="UTC", pipeline=Watched)
    list(run.changes())
    assert counted(seen) == DAY and {event.account for event in seen} == {ANN}
    assert run.unjoined == 0


def test_a_message_is_joined_over_restarts(tmp_path: Path) -> None:
    """A bounce that comes after a restart is still the account's: what was joined is in the state."""
    lines = taken(0)
    first, then = lines[:3], lines[3:]
    settings = configured(tmp_path, more=ADDRESSES + LISTENER)
    for start, parts in ((0, [("in1", handed(0)), ("out", first)]), (octets(first), [("out", then)])):
        machine, seen = Machine(settings, Fixed(), []), list[AnyEvent]()
        by_host = followed(machine, seen)
        for host, block in parts:
            by_host[host].read(Lines(1, start, block, Position(1, start + octets(block))))
        machine.house.settle()
        machine.close()
    assert counted(seen) == {("delivered", "out"): 1, ("bounced", "out"): 1}


def strangers() -> Iterator[tuple[list[str], list[str]]]:
    """What the two hosts say when only one side of a hand-over is ours."""
    yield handed(0, "198.51.100.66"), taken(0)
    yield handed(0), taken(0, "198.51.100.66")
    yield handed(0), taken(0, "203.0.113.12")
    yield handed(0), taken(2)
    forged = [line.replace("out.example.org[203", "x[198.51.100.66]:25 relay=out[203") for line in handed(0)]
    yield forged, taken(0)


@pytest.mark.parametrize(("first", "then"), list(strangers()))
@pytest.mark.parametrize("turned", [False, True])
def test_no_stranger_moves_an_outcome(first: list[str], then: list[str], turned: bool, tmp_path: Path) -> None:
    """A queue id that another server answers, or that another client brought, or another host: nobody is charged."""
    machine, seen = Machine(configured(tmp_path, more=ADDRESSES + LISTENER), Fixed(), []), list[AnyEvent]()
    by_host = followed(machine, seen)
    parts = [("in1", first), ("out", then)]
    for host, lines in reversed(parts) if turned else parts:
        by_host[host].read(Lines(1, 0, lines, Position(1, octets(lines))))
    assert {event.host for event in seen} == {"in1"}
    machine.close()


def test_what_waits_is_bounded(tmp_path: Path) -> None:
    """Mail that passes from host to host without an account leaves nothing behind, and costs nobody anything."""
    machine, seen = Machine(configured(tmp_path, more=ADDRESSES + LISTENER), Fixed(), []), list[AnyEvent]()
    by_host = followed(machine, seen)
    incoming = [line.replace(", sasl_method=PLAIN, sasl_username=Ann@Example.org", "") for line in handed(0)]
    for host, lines in (("out", taken(0)), ("in1", incoming), ("out", taken(2))):
        by_host[host].read(Lines(1, 0, lines, Position(1, octets(lines))))
    assert seen == [] and not machine.house.handovers.waits("out", NEXT.format(0))
    machine.close()


WITH_EXIM = (
    "2026-03-15 02:50:01 1zzzzz-000001-00 <= ann@example.org H=x [192.0.2.10] P=esmtpsa A=plain:ann@example.org S=400"
    " for x@example.net y@example.net",
    '2026-03-15 02:50:02 1zzzzz-000001-00 => x@example.net F=<" H=x [198.51.100.9]"@example.org> R=smart'
    ' T=remote_smtp H=out.example.org [203.0.113.30] C="250 OK id=1yyyyy-000002-00"',
    "2026-03-15 02:50:02 1zzzzz-000001-00 -> y@example.net R=smart T=remote_smtp H=out.example.org [203.0.113.30]"
    ' C="250 OK id=1yyyyy-000002-00"',
    "2026-03-15 02:50:02 1zzzzz-000001-00 Completed",
)
EXIM_TOOK = (
    "2026-03-15 02:50:02 1yyyyy-000002-00 <= ann@example.org H=in1.example.org [203.0.113.11] P=esmtp S=500"
    " for x@example.net y@example.net",
    "2026-03-15 02:50:03 1yyyyy-000002-00 => y@example.net R=dnslookup T=remote_smtp H=mx.example.net [198.51.100.1]"
    ' C="250 OK"',
    "2026-03-15 02:50:03 1yyyyy-000002-00 ** x@example.net R=dnslookup T=remote_smtp H=mx.example.net [198.51.100.1]:"
    " SMTP error from remote mail server after RCPT TO:<x@example.net>: 550 5.1.1 no such user",
    "2026-03-15 02:50:04 1yyyyy-000002-00 Completed",
)


@pytest.mark.parametrize("turned", [False, True])
def test_exim_hands_to_exim(turned: bool, tmp_path: Path) -> None:
    """The same between two Exims: its answer names the queue id, and its address stands behind all a sender writes."""
    machine, seen = Machine(configured(tmp_path, more=ADDRESSES + FILES), Fixed(), []), list[AnyEvent]()
    for host, lines in (("in1", WITH_EXIM), ("out", EXIM_TOOK)):
        (tmp_path / f"{host}.log").write_text("".join(f"{line}\n" for line in lines))
    by_host = followed(machine, seen)
    parts = [("in1", WITH_EXIM), ("out", EXIM_TOOK)]
    for host, lines in reversed(parts) if turned else parts:
        by_host[host].read(Lines(1, 0, list(lines), Position(1, octets(lines))))
    assert counted(seen) == {("in", "in1"): 2, ("delivered", "out"): 1, ("bounced", "out"): 1}
    machine.close()


@pytest.mark.parametrize(
    ("block", "place"),
    [
        ('[host.mx9]\naddresses = ["192.0.2.1"]\n', "host.mx9"),
        ("[host.mx1]\naddresses = []\n", "host.mx1.addresses"),
        ('[host.mx1]\naddresses = ["192.0.2.0/24"]\n', "host.mx1.addresses[0]"),
        ('[host.mx1]\naddresses = ["127.0.0.1"]\n', "host.mx1.addresses[0]"),
        ('[host.mx1]\naddresses = ["2001:db8::1", "2001:DB8:0::1"]\n', "host.mx1.addresses[1]"),
    ],
)
def test_addresses_of_hosts_are_checked(block: str, place: str, tmp_path: Path) -> None:
    """Of a host that is read, one address each, and none that every host has."""
    source = '[[source]]\nkind = "tail"\nname = "mx1"\npath = "mainlog"\n'
    with pytest.raises(ConfigErrors) as found:
        read(block + source, "gatepost.toml", tmp_path)
    assert [mistake.key for mistake in found.value.mistakes] == [place]
