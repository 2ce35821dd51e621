"""Many values with a few numbers each, in one text and one row of numbers.

A dictionary is quickest for the handful of values that an ordinary account shows, and weighs 150 octets and more for
each. What a thief fills, up to a cap, is kept here instead: looked up by a search through one text, for the length of
each value, one octet, and eight for each number.
"""

from array import array
from collections.abc import Collection, ItemsView, Iterable, Iterator, MutableMapping, ValuesView
from typing import Any, ClassVar

FEW = 2
"""Values kept in a dictionary; more are packed."""

_END = "\n"
"""Stands around every value, and in none: a line break inside one is kept as NUL."""


_MANY_DAYS = float(1 << 24)
"""More than the number of any day."""


class _Packed:
    """Values in the order they came, each with WIDTH numbers."""

    __slots__ = ("names", "numbers")

    WIDTH: ClassVar[int] = 1

    def __init__(self) -> None:
        self.names = _END
        self.numbers = array("d")

    def _find(self, value: str) -> int:
        """Where the numbers of a value begin; -1 when it is not there."""
        names = self.names
        at = names.find(f"\n{value}\n" if _END not in value else _wrapped(value))
        return names.count(_END, 0, at) * self.WIDTH if at >= 0 else -1

    def _append(self, value: str) -> None:
        self.names += _wrapped(value)[1:]

    def __delitem__(self, value: str) -> None:
        wrapped = _wrapped(value)
        at = self.names.find(wrapped)
        if at < 0:
            raise KeyError(value)
        first = self.names.count(_END, 0, at) * self.WIDTH
        self.names = self.names[:at] + self.names[at + len(wrapped) - 1 :]
        del self.numbers[first : first + self.WIDTH]

    def __contains__(self, value: object) -> bool:
        return isinstance(value, str) and self._find(value) >= 0

    def __len__(self) -> int:
        return len(self.numbers) // self.WIDTH

    def __iter__(self) -> Iterator[str]:
        return iter(self.names.split(_END)[1:-1])


class Times(_Packed, MutableMapping[str, float]):
    """Values with their last sight."""

    __slots__ = ()

    def get(self, value: str, default: Any = None) -> Any:
        """The last sight, the default when there is none: asked for every line, so without an exception."""
        at = self._find(value)
        return default if at < 0 else self.numbers[at]

    def __getitem__(self, value: str) -> float:
        at = self._find(value)
        if at < 0:
            raise KeyError(value)
        return self.numbers[at]

    def __setitem__(self, value: str, last: float) -> None:
        at = self._find(value)
        if at >= 0:
            self.numbers[at] = last
            return
        self._append(value)
        self.numbers.append(last)

    def move(self, value: str, last: float) -> bool:
        """A further sight of a value, perhaps a late one; False when the value is not there."""
        at = self._find(value)
        if at < 0:
            return False
        if last > self.numbers[at]:
            self.numbers[at] = last
        return True

    def items(self) -> ItemsView[str, float]:
        """All values with their numbers, as they are now."""
        return dict(zip(self, self.numbers, strict=True)).items()

    def values(self) -> ValuesView[float]:
        """All numbers, as they are now."""
        return dict(enumerate(self.numbers)).values()


class Rows(_Packed, MutableMapping[str, list[float]]):
    """Values with the four numbers of a sight (habit.py). What is read is a copy; write it back.

    The last two are a number of days and a day, whole and small: they are kept as one number.
    """

    __slots__ = ()

    WIDTH = 3

    def get(self, value: str, default: Any = None) -> Any:
        """The four numbers, the default when there are none: asked for every line, so without an exception."""
        at = self._find(value)
        return default if at < 0 else _four(*self.numbers[at : at + 3])

    def __getitem__(self, value: str) -> list[float]:
        at = self._find(value)
        if at < 0:
            raise KeyError(value)
        return _four(*self.numbers[at : at + 3])

    def __setitem__(self, value: str, row: list[float]) -> None:
        at = self._find(value)
        if at < 0:
            at = len(self.numbers)
            self._append(value)
        self.numbers[at : at + 3] = array("d", (row[0], row[1], row[2] * _MANY_DAYS + row[3]))

    def days(self, value: str) -> tuple[float, float] | None:
        """The last two numbers, the days and the day; None when the value is not there."""
        at = self._find(value)
        return None if at < 0 else divmod(self.numbers[at + 2], _MANY_DAYS)

    def move(self, value: str, at: float, day: float, dirty: Collection[int]) -> bool:
        """A further sight of a value, as `habit.see` means it; False when the value is not there."""
        place = self._find(value)
        if place < 0:
            return False
        numbers = self.numbers
        if at > numbers[place + 1]:
            numbers[place + 1] = at
            open_day = numbers[place + 2] % _MANY_DAYS
            if day > open_day:
                days = numbers[place + 2] // _MANY_DAYS + (open_day not in dirty)
                numbers[place + 2] = days * _MANY_DAYS + day
        elif at < numbers[place]:
            numbers[place] = at
        return True

    def items(self) -> ItemsView[str, list[float]]:
        """All values with their numbers, as they are now."""
        return dict(zip(self, self.values(), strict=True)).items()

    def lasts(self) -> Iterable[tuple[str, float]]:
        """Values with their last sight."""
        return zip(self, self.numbers[1 :: self.WIDTH], strict=True)

    def values(self) -> ValuesView[list[float]]:
        """The numbers of all values, as they are now."""
        flat = self.numbers.tolist()
        return {at: _four(*flat[at : at + 3]) for at in range(0, len(flat), 3)}.values()


def _four(first: float, last: float, days: float) -> list[float]:
    return [first, last, days // _MANY_DAYS, days % _MANY_DAYS]


def times(values: MutableMapping[str, float]) -> MutableMapping[str, float]:
    """The same values, packed when they are many."""
    if len(values) < FEW or isinstance(values, Times):
        return values
    packed = Times()
    packed.update(values)
    return packed


def rows(values: MutableMapping[str, list[float]]) -> MutableMapping[str, list[float]]:
    """The same values, packed when they are many."""
    if len(values) < FEW or isinstance(values, Rows):
        return values
    packed = Rows()
    packed.update(values)
    return packed


def _wrapped(value: str) -> str:
    return f"\n{value}\n" if _END not in value else f"\n{value.replace(_END, chr(0))}\n"
