"""Many values in one text behave as in a dictionary."""

from array import array

from hypothesis import given
from hypothesis import strategies as st

from gatepost.core.units import DAY
from gatepost.ledger import habit
from gatepost.ledger.packed import FEW, Rows, Times, rows, times

NAMES = st.text(st.sampled_from("ab@.\udcff\x00é "), max_size=4)
STEPS = st.lists(st.tuples(st.sampled_from(("set", "set", "set", "delete")), NAMES, st.floats(0, 9)), max_size=60)


@given(STEPS)
def test_times_are_a_dictionary(steps: list[tuple[str, str, float]]) -> None:
    """Whatever is set, looked up and deleted: the same values in the same order with the same numbers."""
    plain, packed = dict[str, float](), Times()
    for step, name, number in steps:
        if step == "set":
            plain[name] = packed[name] = number
        elif name in plain:
            del plain[name], packed[name]
        assert (name in packed) == (name in plain)
        assert packed.get(name) == plain.get(name)
        assert list(packed.items()) == list(plain.items())
        assert list(packed.values()) == list(plain.values())
        assert (list(packed), len(packed)) == (list(plain), len(plain))


@given(STEPS)
def test_rows_are_a_dictionary(steps: list[tuple[str, str, float]]) -> None:
    """The same with the four numbers of a sight."""
    plain, packed = dict[str, list[float]](), Rows()
    for step, name, number in steps:
        if step == "set":
            plain[name] = packed[name] = [number, number + 1, 0.0, 7.0]
        elif name in plain:
            del plain[name], packed[name]
        assert packed.get(name) == plain.get(name)
        assert list(packed.items()) == list(plain.items())
        assert (list(packed), len(packed)) == (list(plain), len(plain))


def test_a_line_break_makes_no_second_value() -> None:
    """A stranger who gets a line break into a value adds one value, not two."""
    packed = Times()
    packed["a\nb"] = 1.0
    packed["a\nb"] = 2.0
    assert len(packed) == 1
    assert "b" not in packed
    assert packed["a\nb"] == 2.0


def test_only_many_are_packed() -> None:
    """A handful stays a dictionary; packing keeps all, and packing twice is packing once."""
    few = {str(number): float(number) for number in range(FEW - 1)}
    assert times(few) is few
    many = {**few, "one more": 1.0}
    assert dict(times(many)) == many
    assert times(times(many)).__class__ is Times
    sights = {name: [number, number, 0.0, 1.0] for name, number in many.items()}
    assert dict(rows(sights)) == sights


def test_what_is_packed_is_small() -> None:
    """Sixty-four addresses of thirty letters weigh less than three kilobytes."""
    packed = Times()
    for number in range(64):
        packed[f"somebody.{number:04}@example.org".ljust(30, "x")] = float(number)
    weight = packed.names.__sizeof__() + array("d", packed.numbers).__sizeof__()
    assert weight < 3000


@given(st.lists(st.tuples(NAMES, st.floats(1.0, 9 * DAY)), max_size=60), st.sets(st.integers(0, 9)))
def test_a_further_sight_is_the_same_packed(sights: list[tuple[str, float]], dirty: set[int]) -> None:
    """Early, late, on clean days and on dirty ones: packed or not, first, last, days and habits are equal."""
    plain: habit.Sights = {}
    packed: habit.Sights = Rows()
    for name, at in sights:
        assert habit.see(plain, name, at, dirty, 99, DAY) == habit.see(packed, name, at, dirty, 99, DAY)
        assert habit.is_habit(plain, name, at, dirty) == habit.is_habit(packed, name, at, dirty)
    assert list(packed.items()) == list(plain.items())
    assert not habit.is_habit(packed, "nobody", 0.0, dirty)


@given(st.lists(st.tuples(NAMES, st.floats(0, 9)), max_size=60))
def test_a_late_time_does_not_replace_a_later_one(times_: list[tuple[str, float]]) -> None:
    """What is moved keeps the latest time of each value, and what is not there is not begun."""
    latest, packed = dict[str, float](), Times()
    for name, at in times_:
        assert packed.move(name, at) == (name in latest)
        if name not in latest:
            packed[name] = at
        latest[name] = max(latest.get(name, at), at)
    assert dict(packed) == latest
