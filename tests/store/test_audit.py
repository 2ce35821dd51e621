"""The audit trail: rows that stay."""

from pathlib import Path

import pytest
from tests.act.book import incident, order
from tests.runtime.scene import ANN, BEN, NIGHT, Counter, Fixed, Machine, World, configured, habits, theft

from gatepost.core.errors import StoreError
from gatepost.core.units import Instant
from gatepost.store import audit, forget
from gatepost.store.audit import Entry
from gatepost.store.sqlite import Sqlite


def test_a_row_cannot_be_changed(tmp_path: Path) -> None:
    """Whoever tries, through this connection or another, is refused by the file."""
    with Sqlite.open(tmp_path / "state.db") as store:
        audit.append(store, Entry(at=Instant(5.0), who="eve", what="block", account=ANN, why="x" * 9999))
        with pytest.raises(StoreError, match="append-only"):
            store.run("UPDATE audit SET who = 'ann'")
        (entry,) = audit.entries(store)
        assert (entry.number, entry.who, entry.what, len(entry.why)) == (1, "eve", "block", audit.SHOWN)


def test_a_theft_and_its_end_are_told_whole(tmp_path: Path) -> None:
    """The verdict with its reasons, each order with its result, the operator's word, and the undoing: in this order."""
    machine = Machine(configured(tmp_path), Fixed(), [Counter(World())])
    machine.read(habits((ANN,)))
    machine.read(theft(NIGHT, ANN))
    machine.say("release", ANN, how="password-changed")
    found = audit.entries(machine.store, ANN)
    assert {entry.account for entry in found} == {ANN}
    levels = [entry for entry in found if entry.what == "block"]
    assert levels and levels[0].who == audit.US and "score" in levels[0].result and levels[0].why
    done = next(entry for entry in found if entry.what.startswith("blocked/") and entry.result.startswith("done"))
    told = next(entry for entry in found if entry.what == "release --password-changed")
    undone = next(entry for entry in found if entry.result.startswith("undone") and entry.number > told.number)
    assert levels[0].number < done.number < told.number < undone.number
    assert told.who != audit.US and undone.incident == f"{ANN}#1"
    machine.close()


def test_the_same_failure_is_one_row(tmp_path: Path) -> None:
    """A backend that is down for a day says so once."""
    with Sqlite.open(tmp_path / "state.db") as store:
        one = order(incident())
        store.claim(one, "table", "", Instant(1.0))
        for at in range(5):
            store.close_row(one.key, "table", "failed", "no route", Instant(float(at)), at + 1.0)
            store.claim(one, "table", "", Instant(at + 0.5))
        store.close_row(one.key, "table", "done", "", Instant(9.0))
        assert [entry.result for entry in audit.entries(store)] == ["failed: no route", "done"]


def test_age_and_forgetting(tmp_path: Path) -> None:
    """Old rows go, and those of an account that is forgotten; numbers are not given twice."""
    with Sqlite.open(tmp_path / "state.db") as store:
        for at, account in enumerate((ANN, BEN, ANN)):
            audit.append(store, Entry(at=Instant(float(at)), who="eve", what="block", account=account))
        assert audit.old(store, 1.0) == 1
        assert forget.account(store, ANN) == 1
        audit.append(store, Entry(at=Instant(9.0), who="eve", what="forget"))
        assert [entry.number for entry in audit.entries(store)] == [2, 4]
        assert [entry.number for entry in audit.entries(store, BEN, 1.0)] == [2]
