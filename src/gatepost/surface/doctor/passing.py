"""Whether a door let mail pass unjudged lately, as the running gatepost noted it."""

from collections.abc import Iterator
from pathlib import Path

from gatepost.config.asking import DoorSettings
from gatepost.core.units import DAY, Instant, iso
from gatepost.runtime import passing
from gatepost.store.sqlite import Sqlite
from gatepost.surface.doctor.check import Check

REMEDY = "gatepost's log says more at that time; is the machine overloaded, or its disk full?"


def look(door: DoorSettings, state: Path, now: Instant) -> Iterator[Check]:
    """The last alarm of a door, when it is younger than a day.

    Raises:
        StoreError: the state cannot be read.
    """
    name = f"door {door.name}: judged"
    if not state.exists():
        return
    with Sqlite.open(state, readonly=True) as store:
        found = passing.last(store, door.name)
    if found is None or found.at < now - DAY:
        yield Check(name, "ok", "no alarm in the last 24 hours")
        return
    says = f"{found.passed:,} questions passed unjudged until {iso(found.at)}: {found.reason}"
    yield Check(name, "warn", says, REMEDY)
