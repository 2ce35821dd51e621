"""One thing that was looked at, and how it stands."""

from collections.abc import Callable, Iterable, Iterator
from subprocess import SubprocessError
from typing import Literal

from msgspec import Struct

from gatepost.core.errors import GatepostError

State = Literal["ok", "warn", "fail", "unknown"]

TRIES = (OSError, SubprocessError, GatepostError, ValueError)
"""What the world answers when it refuses; a check turns it into `unknown`."""


class Check(Struct, frozen=True):
    """The answer to one question about this host."""

    name: str
    """"log mx1: selectors"."""
    state: State
    """fail: gatepost cannot do its work so; warn: it can, worse or at a risk; unknown: it could not be found out."""
    says: str
    remedy: str = ""


Checks = Iterable[Check]


def untried(name: str) -> Check:
    """What --offline leaves out."""
    return Check(name, "unknown", "not tried: --offline", "run doctor without --offline")


def guarded(name: str, look: Callable[[], Checks]) -> Iterator[Check]:
    """All answers of one look; what goes wrong on the way is one more answer, never an exception."""
    try:
        yield from look()
    except TRIES as error:
        yield Check(name, "unknown", f"could not be found out: {error}", "mend that, or run doctor as root")


def worst(checks: Checks) -> State:
    """The worst of all states: fail, then warn, then unknown, then ok."""
    states = {check.state for check in checks}
    order: tuple[State, ...] = ("fail", "warn", "unknown", "ok")
    return next((state for state in order if state in states), "ok")
