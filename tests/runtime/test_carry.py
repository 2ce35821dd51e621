"""Orders carried out once, and taken back (contracts 11)."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.runtime.scene import ANN, BEN, CLEO, NIGHT, Counter, Fixed, Machine, Post, World, configured, habits, theft

from gatepost.core.errors import ActionError, StoreError
from gatepost.core.incident import Order, State
from gatepost.core.ports import Position, Target
from gatepost.runtime import carry
from gatepost.runtime.control import Request
from gatepost.runtime.obey import obey
from gatepost.source.given import Lines
from gatepost.source.lines import length


class Slow(Counter):
    """An action that never ends."""

    name = "slow"

    async def ensure(self, order: Order, target: Target) -> str:
        """Hang."""
        await asyncio.Event().wait()
        return ""


class Reluctant(Counter):
    """An action that takes nothing back before it is told to."""

    name = "a-reluctant"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.asked, self.answers = asyncio.Event(), asyncio.Event()

    async def undo(self, order: Order, target: Target, record: str) -> str:
        """Wait, then let go."""
        self.asked.set()
        await self.answers.wait()
        return await super().undo(order, target, record)


class Unfit(Counter):
    """An action that cannot hold this login."""

    name = "unfit"

    def plan(self, order: Order, target: Target) -> str:
        """Refuse."""
        raise ActionError("the login cannot be denied; change the password by hand")


class Deaf(Post):
    """A mail server that takes nothing."""

    async def ensure(self, order: Order, target: Target) -> str:
        """Refuse."""
        raise ActionError("no mail server", retry=True)

    async def digest(self, pairs: Sequence[tuple[Order, Target]]) -> str:
        """Refuse."""
        raise ActionError("no mail server", retry=True)


@pytest.fixture
def world() -> World:
    """What actions change."""
    return World()


def robbed(folder: Path, *actions: Counter | Post, read: bool = True) -> Machine:
    """A gatepost that knows its accounts; ann is robbed now."""
    machine = Machine(configured(folder), Fixed(), actions)
    machine.read(habits())
    if read:
        machine.read(theft())
    return machine


def state(machine: Machine) -> State:
    """Where the only incident stands."""
    (incident,) = machine.incidents()
    return incident.state


def given(machine: Machine, lines: list[str]) -> Lines:
    """The next lines of the log."""
    before = machine.house.positions["mx1"].offset
    return Lines(1, before, lines, Position(1, before + sum(length(line) for line in lines)))


def test_one_step_stands_for_those_before_it(tmp_path: Path, world: World) -> None:
    """Throttle, hold and block that were ordered together are one measure and one letter."""
    post = Post()
    machine = robbed(tmp_path, Counter(world), post)
    assert world.asked == [f"{ANN}#1/blocked/3"]
    assert post.letters == [f"{ANN}#1/notified/3"]
    assert state(machine) is State.CONTAINED
    assert machine.incidents()[0].peak.word == "block"


def test_a_refused_measure_is_tried_again_later_and_later(tmp_path: Path, world: World) -> None:
    """Each failure waits longer, at most five minutes; when the world gives way it is done and contained."""
    world.refuses = "the disk is full"
    machine = robbed(tmp_path, Counter(world))
    waits: list[float] = []
    for _ in range(10):
        (row,) = [row for row in machine.store.rows(f"{ANN}#1") if row.state == "failed"]
        assert "the disk is full" in row.note
        waits.append(row.next_try - machine.clock.at)
        machine.clock.at = row.next_try
        machine.carry()
    assert waits == sorted(waits) and waits[0] == 2.0 and waits[-1] == carry.SLOWEST
    assert state(machine) is State.OPEN
    world.refuses = ""
    machine.clock.at += carry.SLOWEST
    machine.carry()
    assert world.effects == [f"stop {ANN}#1"]
    assert state(machine) is State.CONTAINED


def test_before_its_time_nothing_is_tried(tmp_path: Path, world: World) -> None:
    """A slow world is not hammered."""
    world.refuses = "no"
    machine = robbed(tmp_path, Counter(world))
    before = len(world.asked)
    machine.carry()
    assert len(world.asked) == before


def test_what_can_never_be_done_is_said_and_the_letter_goes_out(tmp_path: Path, world: World) -> None:
    """An action that cannot hold the login fails for good, and delays neither the others nor the letter."""
    post = Post()
    machine = robbed(tmp_path, Unfit(world), Counter(world), post)
    assert machine.rows()[f"{ANN}#1/blocked/3 unfit"] == "failed"
    assert world.effects == [f"stop {ANN}#1"]
    assert post.letters == [f"{ANN}#1/notified/3"]
    assert state(machine) is State.OPEN


def test_an_action_that_hangs_is_given_up_and_tried_again(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After its deadline the row says so; the other actions are done."""
    monkeypatch.setattr(carry, "DEADLINE", 0.05)
    machine = robbed(tmp_path, Slow(world), Counter(world))
    row = next(row for row in machine.store.rows(f"{ANN}#1") if row.action == "slow" and row.state == "failed")
    assert "no answer" in row.note
    assert row.next_try < machine.clock.at + 60
    assert world.effects == [f"stop {ANN}#1"]


def test_a_letter_waits_for_the_first_try_of_every_measure(tmp_path: Path, world: World) -> None:
    """Measures first: a letter never tells of what was not even tried."""
    post = Post()
    machine = robbed(tmp_path, Counter(world), post, read=False)
    lines = theft()
    machine.changes += (changes := machine.house.pipeline.read(machine.source.feed, 1, 10_000_000, lines))
    machine.house.settle(changes)
    asyncio.run(machine.carrier.run("post"))
    assert post.letters == []
    asyncio.run(machine.carrier.run("counter"))
    asyncio.run(machine.carrier.run("post"))
    assert len(post.letters) == 1


def test_a_letter_waits_a_moment_for_a_measure_under_way(tmp_path: Path, world: World) -> None:
    """It says what became of the measure; one that hangs keeps it back for two seconds only."""
    post, slow = Post(), Slow(world)
    machine = robbed(tmp_path, slow, post, read=False)
    machine.changes += (changes := machine.source.read(given(machine, theft())))
    machine.house.settle(changes)

    async def hung() -> None:
        doing = asyncio.ensure_future(machine.carrier.run(slow.name))
        while "running" not in machine.rows().values():
            await asyncio.sleep(0)
        for later, letters in ((0.0, 0), (carry.MOMENT - 0.1, 0), (carry.MOMENT, 1)):
            machine.clock.at = start + later
            await machine.carrier.run(post.name)
            assert len(post.letters) == letters
        doing.cancel()

    start = machine.clock.at
    machine.carrier.start()
    asyncio.run(hung())


def test_many_letters_become_one(tmp_path: Path, world: World) -> None:
    """After a catch-up two are enough; each account is named once, and all are contained."""
    post = Post()
    machine = robbed(tmp_path, Counter(world), post, read=False)
    for account in (ANN, BEN, CLEO):
        machine.changes += (changes := machine.source.read(given(machine, theft(NIGHT, account))))
        machine.house.settle(changes)
    machine.carrier.start()
    machine.carry()
    assert post.letters == []
    assert [len(digest) for digest in post.digests] == [3]
    assert {incident.state for incident in machine.incidents()} == {State.CONTAINED}


def test_a_release_takes_back_what_failed_after_it_was_begun(tmp_path: Path, world: World) -> None:
    """An action may have had its effect before it failed: it is undone like one that is done."""
    machine = robbed(tmp_path, Counter(world))
    row = machine.store.rows(f"{ANN}#1")[-1]
    machine.store.close_row(row.order.key, row.action, "failed", "no answer within 60 s", machine.clock.now(), 9e9)
    machine.say("release", how="honest")
    assert world.stopped == {}


def test_a_release_right_after_a_crash_takes_back_what_was_running(tmp_path: Path, world: World) -> None:
    """The row says running, the effect is there, and the operator is quicker than the recovery."""
    machine = robbed(tmp_path, Counter(world))
    row = machine.store.rows(f"{ANN}#1")[-1]
    machine.store.close_row(row.order.key, row.action, "running", "", machine.clock.now())
    machine.close()
    again = Machine(machine.settings, machine.clock, [Counter(world)])
    again.say("release", how="password-changed")
    assert world.stopped == {}
    assert "running" not in again.rows().values()


def test_a_release_before_anything_was_done_does_nothing_later(tmp_path: Path, world: World) -> None:
    """Orders that waited are closed, not carried out."""
    world.refuses = "no"
    machine = robbed(tmp_path, Counter(world), Deaf())
    machine.say("release", how="honest")
    world.refuses = ""
    machine.clock.at += 3600
    machine.carry()
    assert world.effects == []
    assert not {"planned", "running"} & set(machine.rows().values())


def test_what_cannot_be_taken_back_is_told_and_tried_again(tmp_path: Path, world: World) -> None:
    """The row keeps its state and says why; the next turn frees the account."""
    machine = robbed(tmp_path, Counter(world))
    world.refuses = "the disk is full"
    reply = machine.say("release", how="honest")
    assert reply.rows[-1].state == "done"
    assert "the disk is full" in reply.rows[-1].note
    assert world.stopped
    world.refuses = ""
    machine.carry()
    assert world.stopped == {}


def test_a_slow_measure_delays_no_other_in_a_release(tmp_path: Path, world: World) -> None:
    """A backend that does not answer keeps only its own row: the other measures are taken back meanwhile."""
    slow = Reluctant(World())
    machine = robbed(tmp_path, slow, Counter(world))

    async def release() -> None:
        request = Request("release", ANN, how="honest")
        saying = asyncio.ensure_future(obey(machine.house, machine.carrier, request, "root"))
        async with asyncio.timeout(10):
            await slow.asked.wait()
            while world.stopped:
                await asyncio.sleep(0.01)
        assert slow.world.stopped and not saying.done()
        slow.answers.set()
        await saying

    asyncio.run(release())
    assert not slow.world.stopped


def test_a_row_of_an_action_that_is_gone_holds_nobody_up(tmp_path: Path, world: World) -> None:
    """The configuration no longer names the table: the others work, the letter goes out."""
    machine = robbed(tmp_path, Counter(world), read=False)
    machine.house.settle(machine.source.read(given(machine, theft())))
    machine.close()
    post, later = Post(), World()
    other = Counter(later)
    other.name = "other"
    again = Machine(machine.settings, machine.clock, [other, post])
    again.read(theft(NIGHT, BEN))
    assert later.effects == [f"stop {BEN}#1"]
    assert post.letters == [f"{BEN}#1/notified/3"]


def test_a_worker_outlives_a_state_that_cannot_be_written(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk stops no worker: it says so and comes back."""
    machine = robbed(tmp_path, Counter(world), read=False)
    machine.house.settle(machine.source.read(given(machine, theft())))
    monkeypatch.setattr(carry, "STORE_AGAIN", 0.01)
    full = iter([True, True, False])
    claim = machine.store.claim

    def claimed(*words: object) -> bool:
        if next(full, False):
            raise StoreError("state.db: the disk is full")
        return claim(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(machine.store, "claim", claimed)

    async def work() -> None:
        machine.carrier.start()
        task = asyncio.create_task(machine.carrier.work("counter"))
        async with asyncio.timeout(10):
            while not world.effects:
                await asyncio.sleep(0.01)
        task.cancel()

    asyncio.run(work())
    assert world.effects == [f"stop {ANN}#1"]
