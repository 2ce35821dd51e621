"""From observing to enforcing, and back (contracts 11)."""

from pathlib import Path

from tests.runtime.scene import ANN, BEN, DAN, NIGHT, Counter, Fixed, Machine, Post, World, configured, habits, theft

from gatepost.core.units import DAY
from gatepost.runtime import mode

HOUR = 3600.0


def observed(folder: Path, clock: Fixed, world: World) -> None:
    """Two thefts that observe mode only noted: one two days old, one of this hour."""
    machine = Machine(configured(folder, "observe"), clock, [Counter(world), Post()])
    machine.read(habits())
    machine.read(theft(NIGHT, ANN))
    clock.at = NIGHT + 2 * DAY
    machine.read(theft(NIGHT + 2 * DAY - HOUR, BEN))
    machine.close()


def test_observe_mode_notes_and_does_nothing(tmp_path: Path) -> None:
    """Every row ends as `would`; the world is untouched."""
    world = World()
    observed(tmp_path, Fixed(), world)
    machine = Machine(configured(tmp_path, "observe"), Fixed(NIGHT + 2 * DAY), [Counter(world), Post()])
    assert set(machine.rows().values()) == {"would"}
    assert world.asked == []


def test_enforce_acts_on_what_is_fresh_and_ends_what_is_old(tmp_path: Path) -> None:
    """The orders of the present level, once; the old rows stay `would`, and that account can be accused anew."""
    world, clock, post = World(), Fixed(), Post()
    observed(tmp_path, clock, world)
    machine = Machine(configured(tmp_path), clock, [Counter(world), post])
    assert [incident.key for incident in mode.noted(machine.house)] == [f"{BEN}#1"]
    assert [change.account for change in mode.let_go(machine.house)] == [ANN]
    assert mode.enforce(machine.house) == [f"{BEN}#1"]
    machine.carry()
    assert world.effects == [f"stop {BEN}#1"]
    assert post.letters == [f"{BEN}#1/notified/3"]
    assert {state for key, state in machine.rows().items() if key.startswith(ANN)} == {"would"}
    machine.read(theft(NIGHT + 2 * DAY + HOUR, ANN))
    assert world.stopped[ANN] == f"{ANN}#2"


def test_enforce_twice_is_enforce_once(tmp_path: Path) -> None:
    """Nothing is noted any more when it was acted on."""
    world, clock = World(), Fixed()
    observed(tmp_path, clock, world)
    machine = Machine(configured(tmp_path), clock, [Counter(world)])
    mode.enforce(machine.house)
    machine.carry()
    assert mode.noted(machine.house) == []
    assert mode.enforce(machine.house) == []


def test_an_action_configured_later_acts_too(tmp_path: Path) -> None:
    """Observed without any action: the incidents stand, and the first action gets its orders."""
    clock, world = Fixed(), World()
    machine = Machine(configured(tmp_path, "observe"), clock, [])
    machine.read(habits())
    machine.read(theft())
    machine.close()
    later = Machine(configured(tmp_path), clock, [Counter(world)])
    assert mode.enforce(later.house) == [f"{ANN}#1"]
    later.carry()
    assert world.effects == [f"stop {ANN}#1"]


def test_the_first_days_are_observed_whatever_the_mode_says(tmp_path: Path) -> None:
    """observe_for counts from the very first start, also over restarts."""
    clock, world = Fixed(), World()
    settings = configured(tmp_path, observe_for="7d")
    machine = Machine(settings, clock, [Counter(world)])
    machine.read(habits())
    machine.read(theft())
    assert not machine.house.enforcing
    assert set(machine.rows().values()) == {"would"}
    machine.close()
    clock.at += 7 * DAY - 1
    again = Machine(settings, clock, [Counter(world)])
    assert not again.house.enforcing
    clock.at += 1
    assert again.house.enforcing


def test_back_to_observe_nothing_planned_is_carried_out(tmp_path: Path) -> None:
    """What enforce planned and did not begin becomes a note."""
    clock, world = Fixed(), World()
    world.refuses = "the disk is full"
    machine = Machine(configured(tmp_path), clock, [Counter(world)])
    machine.read(habits())
    machine.read(theft(NIGHT, ANN))
    machine.house.actions = {}
    machine.close()
    before = len(world.asked)
    world.refuses = ""
    clock.at += HOUR
    back = Machine(configured(tmp_path, "observe"), clock, [Counter(world)])
    back.house.settle()
    mode.observe(back.house)
    back.carry()
    assert world.asked[before:] == []
    assert world.effects == []


def test_a_release_in_observe_mode_still_takes_back_what_enforce_did(tmp_path: Path) -> None:
    """An account must not stay stopped because the mode was changed."""
    clock, world = Fixed(), World()
    machine = Machine(configured(tmp_path), clock, [Counter(world)])
    machine.read(habits())
    machine.read(theft())
    machine.close()
    back = Machine(configured(tmp_path, "observe"), clock, [Counter(world)])
    back.say("release", ANN, how="honest")
    assert world.stopped == {}


def test_through_the_breaker(tmp_path: Path) -> None:
    """Too many at once: the rest is held."""
    clock, world = Fixed(), World()
    machine = Machine(configured(tmp_path, "observe"), clock, [Counter(world)])
    machine.read(habits())
    for account in (ANN, BEN, DAN):
        machine.read(theft(NIGHT, account))
    machine.close()
    later = Machine(
        configured(tmp_path, more="breaker = { blocks_per_hour = 2, share = 0.0 }"), clock, [Counter(world)]
    )
    assert len(mode.enforce(later.house)) == 3
    later.carry()
    done = [key.split("/")[1] for key, state in later.rows().items() if state == "done"]
    assert sorted(done) == ["blocked", "blocked", "held"]
