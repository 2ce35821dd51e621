"""The order of things while gatepost runs: start, catch up, follow, stop (contracts 10)."""

import sqlite3
from pathlib import Path

import pytest
from tests.runtime.running import Running
from tests.runtime.scene import (
    ANN,
    BEN,
    CLEO,
    NIGHT,
    Fixed,
    configured,
    habits,
    theft,
)

from gatepost.core.errors import StoreError
from gatepost.core.events import AnyEvent
from gatepost.core.incident import State
from gatepost.core.units import Account, account_subject
from gatepost.judge.docket import Change
from gatepost.ledger.page import decode
from gatepost.runtime import loop as running
from gatepost.runtime.pipeline import Pipeline
from gatepost.store.sqlite import Sqlite

HOUR = 3600.0


def messages(path: str, account: Account) -> int:
    """How many of an account's messages are recorded on its page: recipients over all days."""
    with Sqlite.open(Path(path)) as store:
        page = decode(store.load(account_subject(account)) or b"")
    return sum(sum(diary[1::2]) for name, diary in page.diaries.items() if "recipient.accepted" in name)


@pytest.fixture
def clock() -> Fixed:
    """Three in the morning."""
    return Fixed(NIGHT)


def test_after_six_hours_each_account_that_still_stands_is_stopped_once(tmp_path: Path, clock: Fixed) -> None:
    """Three thefts while gatepost was stopped, one over since: measures first, one digest, nothing for the third."""
    here = Running(tmp_path, clock)
    here.write(habits(), NIGHT)
    ends = 'life = { hold_ends_after = "3h" }'
    here.settings = configured(tmp_path, more=ends)
    here.until(lambda: here.idle)
    assert here.world.asked == []
    early, late = theft(NIGHT + HOUR, CLEO), [*theft(NIGHT + 4 * HOUR, ANN), *theft(NIGHT + 5 * HOUR, BEN)]
    here.write([*early, *late], NIGHT + 5 * HOUR + 60)
    clock.at = NIGHT + 6 * HOUR
    here.until(lambda: here.idle and bool(here.post.digests))
    assert sorted(here.world.asked) == [f"{ANN}#1/blocked/3", f"{BEN}#1/blocked/3"]
    assert here.post.letters == []
    assert sorted(here.post.digests[0]) == [f"{ANN}#1/notified/3", f"{BEN}#1/notified/3"]
    assert here.incidents() == {f"{ANN}#1": State.CONTAINED, f"{BEN}#1": State.CONTAINED, f"{CLEO}#1": State.EXPIRED}


def test_what_ended_by_itself_up_to_now_is_not_ordered(tmp_path: Path, clock: Fixed) -> None:
    """Nothing came after the theft; its hold has ended by the clock when gatepost is back."""
    here = Running(tmp_path, clock)
    here.write(habits(), NIGHT)
    here.settings = configured(tmp_path, more='life = { hold_ends_after = "3h" }')
    here.until(lambda: here.idle)
    here.write(theft(NIGHT + HOUR, ANN), NIGHT + HOUR + 60)
    clock.at = NIGHT + 6 * HOUR
    here.until(lambda: here.idle)
    assert here.world.asked == []
    assert here.incidents() == {f"{ANN}#1": State.EXPIRED}


def test_orders_wait_while_a_source_is_behind(tmp_path: Path, clock: Fixed) -> None:
    """Incidents are recorded before the end of the catch-up, and nothing is carried out."""
    here = Running(tmp_path, clock)
    here.write(habits(), NIGHT)
    here.until(lambda: here.idle)
    here.write(theft(NIGHT + HOUR), NIGHT + HOUR + 60)
    clock.at = NIGHT + 6 * HOUR
    seen: list[bool] = []

    def watch() -> bool:
        if any(change.orders for change in here.changes) and not here.daemon.carrier.open:
            seen.append(not here.world.asked)
        return here.idle and bool(here.world.asked)

    here.until(watch)
    assert all(seen)
    assert here.world.effects == [f"stop {ANN}#1"]


def test_the_first_start_learns_and_lets_old_thefts_go(tmp_path: Path, clock: Fixed) -> None:
    """What lies a week back is history: it ends, and the account can be accused anew; what is fresh is stopped."""
    here = Running(tmp_path, clock)
    old = theft(NIGHT - 7 * 24 * HOUR, BEN)
    lines = sorted([*habits(), *old], key=lambda line: line[:19])
    here.write([*lines, *theft(NIGHT - HOUR, ANN)], NIGHT)
    here.until(lambda: here.idle)
    assert here.world.effects == [f"stop {ANN}#1"]
    assert here.incidents()[f"{BEN}#1"] is State.EXPIRED


def test_live_lines_are_acted_on_at_once(tmp_path: Path, clock: Fixed) -> None:
    """Caught up, then robbed: one measure, one letter."""
    here = Running(tmp_path, clock)
    here.write(habits(), NIGHT)
    wrote: list[bool] = []

    def rob() -> bool:
        if here.idle and not wrote:
            here.write(theft())
            wrote.append(True)
        return bool(wrote) and here.idle and bool(here.post.letters)

    here.until(rob)
    assert here.world.effects == [f"stop {ANN}#1"]
    assert here.post.letters[-1] == f"{ANN}#1/notified/3"


def test_others_have_their_turn_within_a_block_of_lines(
    tmp_path: Path, clock: Fixed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks at a door does not wait for a thousand lines that came at once."""
    monkeypatch.setattr(running, "SLICE", 0.0)
    here = Running(tmp_path, clock)
    here.write(habits(), NIGHT)
    between: set[int] = set()

    def look() -> bool:
        position = here.daemon.house.positions.get("mx1")
        if position is not None:
            between.add(position.offset)
        return here.idle

    here.until(look)
    assert len(between) > 2 and max(between) == here.log.stat().st_size


def test_lines_that_break_the_engine_cost_only_themselves(
    tmp_path: Path, clock: Fixed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A detector's mistake skips one line; every other line of the block is recorded, once."""
    here = Running(tmp_path, clock)
    here.write([*habits(), *theft()], NIGHT)
    take, broken = Pipeline.take, list[AnyEvent]()

    def breaks(self: Pipeline, event: AnyEvent) -> tuple[Change, ...]:
        if event.account == BEN and not broken:
            broken.append(event)
        if broken and event == broken[0]:
            raise ZeroDivisionError
        return take(self, event)

    monkeypatch.setattr(Pipeline, "take", breaks)
    here.until(lambda: here.idle)
    monkeypatch.undo()
    assert broken
    assert here.world.effects == [f"stop {ANN}#1"]
    assert [messages(here.settings.state.path, who) for who in (BEN, CLEO)] == [14 * 6 - 1, 14 * 6]


def test_a_full_disk_loses_nothing(tmp_path: Path, clock: Fixed, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the state cannot be written gatepost goes on, tells the desk, and acts as soon as there is room."""
    here = Running(tmp_path, clock)
    here.write(habits(), NIGHT)
    here.until(lambda: here.idle)
    monkeypatch.setattr(running, "AGAIN", 0.02)
    full = [True]
    run = Sqlite.run

    def refuse(self: Sqlite, sql: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        if full[0] and sql.startswith(("BEGIN", "INSERT", "UPDATE")):
            raise StoreError(f"{self.path}: the disk is full; free some space, gatepost goes on by itself")
        return run(self, sql, values)

    turns: list[int] = []

    def later() -> bool:
        if not turns:
            monkeypatch.setattr(Sqlite, "run", refuse)
            here.write(theft())
        turns.append(1)
        if here.post.alarms:
            full[0] = False
        return not full[0] and here.idle and bool(here.world.effects)

    started: list[bool] = []

    def until() -> bool:
        if not started and not here.idle:
            return False
        started.append(True)
        return later()

    here.until(until)
    assert here.world.effects == [f"stop {ANN}#1"]
    assert "cannot be written" in here.post.alarms[0][0]
    assert "the disk is full" in here.post.alarms[0][1][0]


def test_the_first_days_end_while_gatepost_runs(tmp_path: Path, clock: Fixed) -> None:
    """observe_for passes: what is fresh is acted on without a restart."""
    here = Running(tmp_path, clock, observe_for="1d")
    here.write([*habits(), *theft()], NIGHT)

    def pass_by() -> bool:
        if here.idle and clock.at == NIGHT:
            assert here.world.asked == []
            clock.at = NIGHT + 23.9 * HOUR
        elif clock.at > NIGHT and here.idle and not here.daemon.house.enforcing:
            clock.at = NIGHT + 24 * HOUR
            here.write(theft(clock.at - 1, BEN)[:1], clock.at)
        return bool(here.world.effects) and here.idle

    here.until(pass_by)
    assert here.world.effects == [f"stop {ANN}#1"]


def test_a_clock_that_jumps_is_told_and_loses_nothing(
    tmp_path: Path, clock: Fixed, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two years ahead and back: a line in the log; pages, incidents and measures stay."""
    here = Running(tmp_path, clock)
    here.write([*habits(), *theft()], NIGHT)
    moves = [NIGHT + 2 * 365 * 24 * HOUR, NIGHT - 365 * 24 * HOUR, NIGHT]
    told: list[str] = []
    moved = [0]

    def jump() -> bool:
        told.append(capsys.readouterr().out)
        if not here.idle or not here.world.effects or "".join(told).count("the clock was moved") < moved[0]:
            return False
        if moved[0] < len(moves):
            clock.at = moves[moved[0]]
        moved[0] += 1
        return moved[0] > len(moves)

    here.until(jump)
    assert here.world.stopped == {ANN: f"{ANN}#1"}
    assert here.incidents() == {f"{ANN}#1": State.CONTAINED}
    with Sqlite.open(Path(here.settings.state.path)) as store:
        assert len(list(store.subjects())) == 4


def test_lines_from_next_year_are_taken_as_now(tmp_path: Path, clock: Fixed) -> None:
    """A host whose clock is wrong: its theft is a theft of now, and time does not run ahead for the others."""
    here = Running(tmp_path, clock)
    here.write(habits(), NIGHT)
    here.until(lambda: here.idle)
    here.write(theft(NIGHT + 365 * 24 * HOUR, BEN), NIGHT)
    here.until(lambda: here.idle and bool(here.world.effects))
    with Sqlite.open(Path(here.settings.state.path)) as store:
        (incident,) = store.find(BEN)
    assert incident.opened == NIGHT
    assert here.daemon.house.pipeline.totals.last <= NIGHT + 300


def test_a_log_that_is_away_at_the_start_is_waited_for(tmp_path: Path, clock: Fixed) -> None:
    """It comes back as it was: nothing is read twice."""
    here = Running(tmp_path, clock)
    here.write(habits(), NIGHT)
    here.until(lambda: here.idle)
    away = here.log.with_name("elsewhere")
    here.log.rename(away)
    steps: list[str] = []

    def back() -> bool:
        if not steps and here.daemon.carrier.open:
            steps.append("waits")
            away.rename(here.log)
            here.write(theft())
        return bool(steps) and here.idle and bool(here.world.effects)

    here.until(back)
    assert here.daemon.house.pipeline.totals.lines == len(theft())
