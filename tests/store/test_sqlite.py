"""Pages, positions, open messages, incidents, the journal and instructions in one file."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.act.book import NOON, incident, order

from gatepost.core.events import Cursor, Instruction
from gatepost.core.incident import State
from gatepost.core.ports import Position
from gatepost.core.units import Account, Instant, Subject
from gatepost.mta.message import Message, mark, save
from gatepost.store.sqlite import Sqlite

ANN = "ann@example.org"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Sqlite]:
    """An empty state."""
    with Sqlite.open(tmp_path / "state.db") as opened:
        yield opened


def told(account: str = ANN) -> Instruction:
    """The operator speaks."""
    return Instruction(
        at=NOON, account=Account(account), host="", cursor=Cursor("operator", 0, 0), verb="block", by="root", reason="x"
    )


def test_everything_comes_back_as_it_was(store: Sqlite, tmp_path: Path) -> None:
    """After the file was closed and opened again."""
    position = Position(3, 99, 1, 2, b"head", NOON)
    message = save(Message(Account(ANN), NOON, "192.0.2.1", done={"x@example.net"}), b"key")
    with store.transaction():
        store.save([(Subject("account:a"), b"page")])
        store.put_position("mx1", position)
        store.put_messages("mx1", [("q1", message), ("q2", message)], ())
        store.put_messages("mx1", (), ["q2"])
        store.put(incident())
        store.tell(told())
    store.close()
    with Sqlite.open(tmp_path / "state.db", readonly=True) as again:
        assert again.load(Subject("account:a")) == b"page"
        assert again.position("mx1") == position
        assert list(again.messages("mx1")) == [("q1", message)]
        assert message.done == (mark("x@example.net", b"key"),)
        assert again.get(f"{ANN}#1") == incident()
        assert [one.instruction for one in again.told(0)] == [told()]


def test_what_is_not_there_is_none(store: Sqlite) -> None:
    """And no error."""
    assert store.load(Subject("account:x")) is None
    assert store.position("x") is None
    assert store.get("x#1") is None
    assert list(store.told(0)) == []


def test_incidents_are_found_by_account_and_by_standing(store: Sqlite) -> None:
    """Newest first."""
    old = replace(incident(number=1), state=State.RELEASED)
    new = replace(incident(number=2), changed=Instant(NOON + 60))
    for one in (old, new, incident("ben@example.org")):
        store.put(one)
    assert [one.key for one in store.find(Account(ANN))] == [f"{ANN}#2", f"{ANN}#1"]
    assert [one.key for one in store.find(Account(ANN), standing=True)] == [f"{ANN}#2"]
    assert len(store.find()) == 3


def test_a_row_is_claimed_until_it_is_done(store: Sqlite) -> None:
    """Running rows may be claimed again after a crash; done, undone and noted ones never."""
    one = order(incident())
    assert store.claim(one, "table", "undo", NOON)
    assert store.claim(one, "table", "undo", NOON)
    assert store.rows(one.incident)[0].tries == 2
    for state in ("done", "undone", "would"):
        store.close_row(one.key, "table", state, "", NOON)
        assert not store.claim(one, "table", "undo", NOON)


def test_planning_twice_plans_once(store: Sqlite) -> None:
    """A row that is there stays as it is, whatever became of it."""
    one = order(incident())
    store.plan(one, "table", NOON)
    store.close_row(one.key, "table", "done", "note", NOON)
    store.plan(one, "table", Instant(NOON + 5), "would")
    (row,) = store.rows(one.incident)
    assert (row.state, row.note) == ("done", "note")


def test_what_was_noted_is_taken_up_and_put_down(store: Sqlite) -> None:
    """would and planned change places; what is done or was begun does not."""
    noted, done, begun = (order(incident(number=n)) for n in (1, 2, 3))
    store.plan(noted, "table", NOON, "would")
    store.claim(done, "table", "undo", NOON)
    store.close_row(done.key, "table", "done", "", NOON)
    store.claim(begun, "table", "undo", NOON)
    store.close_row(begun.key, "table", "failed", "", NOON)
    for one in (noted, done, begun):
        store.take_up(one, "table", NOON)
    assert [store.rows(one.incident)[0].state for one in (noted, done, begun)] == ["planned", "done", "failed"]
    assert store.put_down(NOON) == 1
    assert [store.rows(one.incident)[0].state for one in (noted, done, begun)] == ["would", "done", "failed"]


def test_what_must_be_undone_is_found_newest_first(store: Sqlite) -> None:
    """Rows begun or done of ended incidents; what never began is not among them."""
    about = replace(incident(), state=State.RELEASED)
    store.put(about)
    for step, state in enumerate(("done", "running", "failed", "planned"), start=1):
        one = order(about, step=step)
        store.plan(one, "table", NOON)
        if state != "planned":
            store.claim(one, "table", "undo", NOON)
            store.close_row(one.key, "table", state, "", NOON)  # type: ignore[arg-type]
    store.plan(order(about, step=9), "table", NOON)
    store.close_row(order(about, step=9).key, "table", "failed", "cannot hold it", NOON)
    assert [row.order.step for row in store.undoable()] == [3, 2, 1]
    standing = incident("ben@example.org")
    store.put(standing)
    store.claim(order(standing), "table", "undo", NOON)
    assert [row.order.step for row in store.undoable()] == [3, 2, 1]


def test_orders_are_counted_when_they_were_planned(store: Sqlite) -> None:
    """By incident; a later change of the row and a mere note count nothing."""
    for number in range(3):
        store.plan(order(incident(number=number)), "table", Instant(NOON + number))
        store.plan(order(incident(number=number)), "other", Instant(NOON + number))
    store.plan(order(incident(number=9)), "table", Instant(NOON + 9), "would")
    store.plan(order(incident(number=8), "held"), "table", Instant(NOON + 9))
    store.close_row(order(incident(number=0)).key, "table", "undone", "", Instant(NOON + 99))
    assert list(store.planned_since("blocked", NOON)) == [f"{ANN}#1", f"{ANN}#2"]


def test_instructions_are_numbered_and_never_numbered_again(store: Sqlite) -> None:
    """The number is the offset: a forgotten one is not given to somebody else."""
    first, second = store.tell(told()), store.tell(told("ben@example.org"))
    assert (first.number, second.number) == (1, 2)
    assert store.forget_instructions(Account("ben@example.org")) == 1
    assert store.tell(told()).number == 3
    assert [one.number for one in store.told(1)] == [3]


def test_active_accounts_are_accounts(store: Sqlite) -> None:
    """Networks are none, and old pages do not count."""
    store.clock = NOON
    store.save([(Subject("account:a"), b""), (Subject("network:as64500"), b"")])
    store.clock = Instant(NOON - 60)
    store.save([(Subject("account:b"), b"")])
    assert store.active(NOON) == 1
