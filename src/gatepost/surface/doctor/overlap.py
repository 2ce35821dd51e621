"""Whether two logs tell the same facts: each would be counted twice (contracts 9).

Compares without positions what both say of the minutes in which both say anything, the newest first: who logged in from
where, which message was taken in, what became of which recipient. A rejectlog beside a mainlog, and a syslog copy of a
log, are found.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from msgspec import Struct

from gatepost.core.units import iso
from gatepost.mta.base import Record
from gatepost.surface.doctor.check import Check

MINUTE = 60
SHARE = 0.5
"""Facts of one minute that must be in both logs."""

Fact = tuple[str, ...]
Minutes = Mapping[int, frozenset[Fact]]


class Heard(Struct, frozen=True):
    """What one source told, by minutes."""

    name: str
    minutes: Minutes


def heard(name: str, records: Sequence[Record]) -> Heard:
    """The facts among the newest records of one source."""
    found: dict[int, set[Fact]] = {}
    for record in records:
        if record.time is not None and record.kind in ("login", "submission", "delivery"):
            found.setdefault(int(record.time // MINUTE), set()).add(_fact(record))
    return Heard(name, {minute: frozenset(facts) for minute, facts in found.items()})


def _fact(record: Record) -> Fact:
    return (
        record.kind,
        record.queue_id,
        record.address,
        str(record.result or ""),
        record.account or "",
        record.client,
        "" if record.queue_id else str(record.time),
    )


def look(sources: Sequence[Heard]) -> Iterator[Check]:
    """Every two of them; nothing is said when there is one."""
    if len(sources) < 2:
        return
    found = [check for one, other in combinations(sources, 2) for check in _pair(one, other)]
    yield from found or [Check("sources: overlap", "ok", "no two logs tell the same facts")]


def _pair(one: Heard, other: Heard) -> Iterator[Check]:
    for minute in sorted(one.minutes.keys() & other.minutes.keys(), reverse=True):
        same = one.minutes[minute] & other.minutes[minute]
        fewer = min(len(one.minutes[minute]), len(other.minutes[minute]))
        if len(same) >= SHARE * fewer:
            of = f"{len(same):,} of {fewer:,} facts of the minute {iso(minute * MINUTE)[:16]}"
            says = f"{one.name} and {other.name}: {of} stand in both"
            remedy = "keep one of them: what stands in both is counted twice"
            yield Check("sources: overlap", "fail", says, remedy)
            return
