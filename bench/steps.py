"""Where the time goes: microseconds by class of line, and by observation of the engine.

Measured inside one process, line by line, on the pipeline that `gatepost replay` runs, in processor time, so that
other programs do not count. What the stopwatch and the call cost is measured on an empty call and taken off.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from time import thread_time_ns

from msgspec import Struct

from bench.plain import Plain
from gatepost.config import assemble
from gatepost.config.settings import Settings
from gatepost.core.units import account_subject
from gatepost.engine import Pages
from gatepost.lab.people import LOCAL
from gatepost.ledger.page import Page
from gatepost.ledger.signals import case_of
from gatepost.mta.exim import Exim
from gatepost.mta.thread import Thread
from gatepost.runtime.pipeline import Feed, Pipeline
from gatepost.store.memory import Shelf

CLASSES: tuple[tuple[str, str], ...] = (
    ("delivered", r" [=-]> "),
    ("submission", r" <= .* A="),
    ("failed recipient", r" \*\* "),
    ("deferred recipient", r" == "),
    ("failed login", r"^\S+ authenticator failed"),
    ("completed", r" Completed$"),
    ("received", r" <= "),
)
"""Classes of lines, first match wins; everything else is "other"."""

_CLASS = re.compile("|".join(f"({pattern})" for _, pattern in CLASSES))


class Took(Struct, frozen=True):
    """What things of one class cost."""

    name: str
    number: int
    mean: float
    """Microseconds, arithmetic mean."""


def class_of(line: str) -> str:
    """The class of a line."""
    found = _CLASS.search(line[20:])
    return CLASSES[(found.lastindex or 1) - 1][0] if found else "other"


def lines(sample: Sequence[str]) -> list[Took]:
    """The whole path, by class of line, most expensive in all first."""
    settings = Settings()
    pipeline = Pipeline(assemble.engine(settings), assemble.observer(settings), Shelf())
    feed = Feed("mainlog", Exim(), Thread("mx1"))
    spent: dict[str, int] = defaultdict(int)
    numbers: dict[str, int] = defaultdict(int)
    offset = 0
    for line in sample:
        kind = class_of(line)
        begun = thread_time_ns()
        pipeline.read(feed, 0, offset, (line,))
        spent[kind] += thread_time_ns() - begun
        numbers[kind] += 1
        offset += len(line) + 1
    idle = _idle(pipeline, feed)
    return _table((kind, numbers[kind], spent[kind] - idle * numbers[kind]) for kind in spent)


def _idle(pipeline: Pipeline, feed: Feed, times: int = 20_000) -> float:
    """Nanoseconds of a call without a line, stopwatch included."""
    spent = 0
    for _ in range(times):
        begun = thread_time_ns()
        pipeline.read(feed, 0, 0, ())
        spent += thread_time_ns() - begun
    return spent / times


def observations(sample: Sequence[str]) -> list[Took]:
    """The engine alone, by case of observation; the first row is all of them together."""
    path = Plain(LOCAL)
    seen = [(path.observer.observe(event), event.account) for event in path.events(sample) if event.account]
    pages = {account: Page(subject=account_subject(account)) for _, account in seen}
    spent: dict[str, int] = defaultdict(int)
    numbers: dict[str, int] = defaultdict(int)
    for one, account in seen:
        case = case_of(one)
        books = Pages(path.site, pages[account])
        begun = thread_time_ns()
        path.engine.observe(one, books)
        spent[case] += thread_time_ns() - begun
        numbers[case] += 1
    rows = _table((case, numbers[case], spent[case] - _watch() * numbers[case]) for case in spent)
    whole = sum(row.number for row in rows)
    return [Took("all observations", whole, sum(row.number * row.mean for row in rows) / max(1, whole)), *rows]


def _watch(times: int = 20_000) -> float:
    """Nanoseconds of the stopwatch."""
    spent = 0
    for _ in range(times):
        begun = thread_time_ns()
        spent += thread_time_ns() - begun
    return spent / times


def _table(rows: Iterable[tuple[str, int, float]]) -> list[Took]:
    ranked = sorted(rows, key=lambda row: -row[2])
    return [Took(name, number, round(spent / number / 1000, 2)) for name, number, spent in ranked]
