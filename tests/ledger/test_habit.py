"""Values, their sights and the clean days that make a habit."""

from gatepost.core.units import DAY
from gatepost.ledger import habit


def test_two_clean_days_make_a_habit() -> None:
    """A value is habit from the day after its second clean day on."""
    sights: habit.Sights = {}
    habit.see(sights, "a", 0.5 * DAY, (), 10, 90 * DAY)
    assert not habit.is_habit(sights, "a", 1.5 * DAY, ())
    habit.see(sights, "a", 1.5 * DAY, (), 10, 90 * DAY)
    assert not habit.is_habit(sights, "a", 1.6 * DAY, ())
    assert habit.is_habit(sights, "a", 2.1 * DAY, ())


def test_a_day_touched_by_an_incident_teaches_nothing() -> None:
    """Days that an incident soiled are not counted."""
    sights: habit.Sights = {}
    for day in (0, 1, 2):
        habit.see(sights, "a", (day + 0.5) * DAY, (1, 2), 10, 90 * DAY)
    assert not habit.is_habit(sights, "a", 3.5 * DAY, (1, 2))


def test_the_cap_forgets_what_was_seen_least() -> None:
    """At the cap a stranger's flood of values does not push habits out."""
    sights: habit.Sights = {}
    for day in range(4):
        habit.see(sights, "home", (day + 0.5) * DAY, (), 8, 90 * DAY)
    for number in range(100):
        habit.see(sights, f"x{number}", 4.5 * DAY + number, (), 8, 90 * DAY)
    assert len(sights) <= 8
    assert habit.is_habit(sights, "home", 5.5 * DAY, ())


def test_a_late_sight_moves_the_first_and_makes_nothing_new() -> None:
    """Only the recorder says what was new; a late event never makes a known value new."""
    sights: habit.Sights = {}
    assert habit.see(sights, "a", 100.0, (), 10, 90 * DAY)
    assert not habit.see(sights, "a", 50.0, (), 10, 90 * DAY)
    assert sights["a"][:2] == [50.0, 100.0]


def test_merging_takes_the_first_and_the_last_sight() -> None:
    """Nodes merged: first is the minimum, last and days the maximum."""
    assert habit.merge({"a": [5.0, 9.0, 1.0, 0.0]}, {"a": [3.0, 7.0, 4.0, 0.0], "b": [1.0, 1.0, 0.0, 0.0]}) == {
        "a": [3.0, 9.0, 4.0, 0.0],
        "b": [1.0, 1.0, 0.0, 0.0],
    }
