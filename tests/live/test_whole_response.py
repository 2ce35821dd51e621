"""The whole response on real servers: a theft, everything done, one command that undoes it; and a frozen backend."""

import imaplib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from tests.live.client import send
from tests.live.dovecot import Dovecot, open_mailbox
from tests.live.exim import Exim
from tests.live.ports import until
from tests.live.postgresql import PostgreSQL
from tests.live.scene import BOTNET, FRIEND, HOME, THIEF, Theft, can_send
from tests.live.scene_whole import HASH, OWNERS, STOPS, TELLS, Row, Whole, whole, within
from tests.live.world import World

from gatepost.runtime.carry import MOMENT

pytestmark = pytest.mark.live


RELEASE = "release --honest"
"""As the audit trail has it."""


@pytest.fixture
def scene(
    exims: Callable[..., Exim],
    dovecots: Callable[..., Dovecot],
    postgresql: PostgreSQL,
    sink: World,
    open_folder: Path,
    folders: Callable[[], Path],
) -> Iterator[Whole]:
    """Every server and gatepost, which has caught up; each account has mail of its own in the queue."""
    with whole(exims, dovecots, postgresql, sink, open_folder, folders()) as made:
        for account in OWNERS:
            for number in range(3):
                assert not send(
                    made.exim.port, account, [f"own{number}-{account[:2]}@a.queued.example.net"], HOME[account]
                )
        made.watch.start()
        yield made


def robbed(scene: Whole, account: str) -> None:
    """A thief reads, leaves mail in the queue, and sends until he is refused."""
    for number in range(2):
        assert not send(scene.exim.port, account, [f"prey{number}@b.queued.example.net"], BOTNET[number])
    theft = Theft(scene.exim.port, BOTNET, messages=300, a_second=8, account=account)
    theft.start()
    until(lambda: theft.refused > 0 or scene.watch.dead, "the thief is refused", 30)
    theft.messages = 0
    theft.join()


def ended(scene: Whole, account: str, kinds: set[str], state: str) -> bool:
    """Whether each of these kinds of action has a row of the block in a state, and none is in another."""
    rows = [row for row in scene.blocked(account) if kind(row) in kinds]
    return {kind(row) for row in rows} == kinds and {row.state for row in rows} == {state}


def kind(row: Row) -> str:
    """Of its action."""
    return row.action.partition(":")[0]


def delays(scene: Whole, account: str) -> dict[str, float]:
    """Seconds from the verdict to the end of each row of the block."""
    rows = scene.blocked(account)
    begun = min(row.planned for row in rows)
    return latest((f"{kind(row)} {row.key.split('/')[1]}", row.changed - begun) for row in rows)


def latest(found: Iterable[tuple[str, float]]) -> dict[str, float]:
    """The largest of each name; there are two tables."""
    return dict(sorted(found, key=lambda pair: pair[1]))


def shown(what: str, found: dict[str, float]) -> None:
    """Print it for whoever wants the figure (-s)."""
    print(
        f"{what} (load {os.getloadavg()[0]:.1f}):",
        ", ".join(f"{name} {seconds:.3f} s" for name, seconds in found.items()),
    )


def test_everything_stops_and_one_command_brings_everything_back(scene: Whole, sink: World) -> None:
    """All is done within a second of the verdict, and taken back within two of the order; audit tells it in order."""
    before = len(sink.accepted())
    thief = open_mailbox(scene.dovecot.imap, THIEF, BOTNET[0])
    robbed(scene, THIEF)
    until(lambda: ended(scene, THIEF, STOPS | TELLS, "done"), f"everything is done: {scene.rows(THIEF)}")
    found = delays(scene, THIEF)
    shown("from the verdict to", found)
    assert max(found.values()) <= within(1.0)

    with pytest.raises((imaplib.IMAP4.abort, OSError)):
        thief.noop()
    assert scene.stored()[THIEF] == "{gatepost!" + f"{THIEF}#1}}{HASH}" and scene.stored()[FRIEND] == HASH
    assert not can_send(scene.exim.port, THIEF, HOME[THIEF]) and can_send(scene.exim.port, FRIEND, HOME[FRIEND])
    assert scene.dovecot.let_in([(THIEF, "submission"), (THIEF, "imap")]) == [False, True]
    queued = len(scene.exim.queue(frozen=True))
    assert queued >= 5 and len(scene.exim.queue()) == queued + 3
    assert sink.await_mail(OWNERS[THIEF]) and sink.await_mail("abuse@desk.example.org")
    assert not [mail for mail in sink.mails() if THIEF in mail["to"] and "example.org" in mail["text"]], "bounces alone"

    done = scene.watch.run("release", THIEF, "--honest", "--because", "test", "--format", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    until(lambda: ended(scene, THIEF, STOPS | {"hook"}, "undone"), f"everything is undone: {scene.rows(THIEF)}")
    back = latest((kind(row), row.changed - scene.told()) for row in scene.blocked(THIEF))
    shown("from the order to release to", back)
    assert max(back.values()) <= within(2.0)

    assert scene.stored()[THIEF] == HASH
    assert can_send(scene.exim.port, THIEF, HOME[THIEF])
    assert scene.dovecot.let_in([(THIEF, "submission"), (THIEF, "imap")]) == [True, True]
    assert open_mailbox(scene.dovecot.imap, THIEF).noop()[0] == "OK"
    for number in range(3):
        sink.await_mail(f"own{number}-u1@a.queued.example.net")
    assert not [address for address in sink.accepted()[before:] if address.endswith("@b.queued.example.net")]
    listed = json.loads(scene.watch.run("queue", THIEF, "--delete", "--format", "json").stdout)
    assert listed["queues"][0]["done"] == queued - 3 and not scene.exim.queue(frozen=True)
    types = [json.loads(body)["type"] for _, _, body in scene.receiver.posted]
    assert types[-1] == "incident.end" and types.count("incident.end") == 1 and "incident.step" in types
    trail(scene)


def trail(scene: Whole) -> None:
    """The audit trail has verdict, measures, what was told, the order to release, what was undone: in this order."""
    said = [json.loads(line) for line in scene.watch.run("audit", THIEF, "--format", "jsonl").stdout.splitlines()]
    results = {(one["what"], one["result"].partition(":")[0]): place for place, one in enumerate(said)}
    verdict, order = (next(n for n, one in enumerate(said) if one["what"] == what) for what in ("block", RELEASE))
    names = [f"{row.key.partition('/')[2]} {row.action}" for row in scene.blocked(THIEF)]
    measures = [results[name, "done"] for name in names if name.startswith("blocked")]
    letters = [results[name, "done"] for name in names if name.startswith("notified")]
    assert verdict < min(measures) and max(measures) < min(letters) and max(letters) < order, said
    assert order < min(results[name, "undone"] for name in names), said
    assert (said[verdict]["who"], said[order]["why"]) == ("gatepost", "test")


def test_a_frozen_database_delays_nobody_and_is_made_good(scene: Whole, sink: World) -> None:
    """While PostgreSQL stands still everything else is done; when it goes on, its row is done, and a release frees."""
    scene.postgresql.process.freeze()
    try:
        robbed(scene, FRIEND)
        until(
            lambda: ended(scene, FRIEND, STOPS - {"sql"} | TELLS, "done"), f"the others are done: {scene.rows(FRIEND)}"
        )
        found = {name: seconds for name, seconds in delays(scene, FRIEND).items() if not name.startswith("sql")}
        shown("with PostgreSQL frozen, from the verdict to", found)
        for name, seconds in found.items():
            moment = 0.0 if name.startswith(("table", "queue")) else MOMENT
            assert seconds <= moment + within(1.0), f"{name}: sessions and letters wait a moment for the lock"
        assert not ended(scene, FRIEND, {"sql"}, "done")
    finally:
        scene.postgresql.process.thaw()
    until(lambda: ended(scene, FRIEND, {"sql"}, "done"), f"its row is made good: {scene.rows(FRIEND)}")
    assert scene.stored()[FRIEND].endswith(HASH) and scene.stored()[FRIEND] != HASH
    assert scene.watch.run("release", FRIEND, "--password-changed").returncode == 0
    assert scene.stored()[FRIEND] == HASH and can_send(scene.exim.port, FRIEND, HOME[FRIEND])
