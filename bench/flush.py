"""What is written to disk beside a busy server (contracts 24). Goal: 5 MB/s at 2,000 lines/s over 100,000 accounts.

Every account has a page with a fortnight of habits. The log then comes at its pace in event time, each message from an
account by chance, and everything is written down every ten seconds or 5,000 accounts, as `gatepost watch` does. Counted
is what the process hands to the kernel (`wchar` of /proc/self/io), checkpoints of SQLite's log among it.
"""

from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from msgspec import Struct
from msgspec.structs import replace

from bench import traffic
from bench.habits import DAY
from bench.million import message
from bench.plain import Plain
from bench.traffic import START
from gatepost.config.settings import Settings, State
from gatepost.core.ports import Position
from gatepost.core.units import Account, Instant, Subject, account_subject
from gatepost.lab.people import LOCAL
from gatepost.ledger.page import Page, encode
from gatepost.mta.exim import Exim
from gatepost.runtime.house import House
from gatepost.runtime.loop import FLUSH, FULL
from gatepost.runtime.pipeline import Feed
from gatepost.store.sqlite import Sqlite

RATE = 2_000
"""Lines a second; a message has three."""

MOST = 5_000_000
"""Octets a second: the goal."""

_DAYS = 14
_PIECE = 500
"""Lines read at a time."""

_MODELS = 40
"""As many as `message` has networks."""

_IO = Path("/proc/self/io")


class Written(Struct, frozen=True):
    """What one run wrote."""

    accounts: int
    seconds: float
    """Of event time."""
    octets: int
    pages: int
    """Pages of accounts that were written."""

    @property
    def rate(self) -> float:
        """Octets a second."""
        return self.octets / self.seconds


class _Clock:
    """Time is what the log says."""

    def __init__(self, at: float) -> None:
        self.at = at

    def now(self) -> Instant:
        """The moment of the last flush."""
        return Instant(self.at)


def measure(accounts: int, flushes: int, seed: int, folder: Path | None = None) -> Written:
    """Write down so many times ten seconds of a busy server.

    Args:
        accounts: accounts with a page.
        flushes: how often everything is written down.
        seed: of the accounts' habits and of who writes when.
        folder: where the state is made; a temporary one when None.

    Raises:
        OSError: this system does not tell what a process writes.
    """
    with TemporaryDirectory(dir=folder) as made:
        path = Path(made) / "state.db"
        _settle_in(path, accounts, seed)
        return _run(path, accounts, flushes, seed)


def _run(path: Path, accounts: int, flushes: int, seed: int) -> Written:
    begun = START + _DAYS * DAY
    with Sqlite.open(path) as store:
        clock = _Clock(begun)
        house = House(replace(Settings(), state=State(str(path))), store, clock)
        feed, offset, pages = Feed("mx1:mainlog", Exim(), house.thread("mx1")), 0, 0
        before, written = _written(), begun
        for piece, at in _pieces(begun, accounts, flushes, seed):
            house.remember(house.pipeline.read(feed, 0, offset, piece))
            offset += sum(len(line) + 1 for line in piece)
            waiting, clock.at = len(house.pipeline.shelf.dirty), at
            if waiting > FULL or at - written >= FLUSH:
                house.positions[feed.name] = Position(offset=offset, newest=feed.newest)
                house.settle()
                pages, written = pages + waiting, at
    return Written(accounts, flushes * FLUSH, _written() - before, pages)


def _pieces(begun: float, accounts: int, flushes: int, seed: int) -> Iterator[tuple[list[str], float]]:
    """All lines, so many at a time, and the time they have come to."""
    for turn in range(flushes):
        text = list(lines(begun + turn * FLUSH, accounts, turn, seed))
        for first in range(0, len(text), _PIECE):
            yield (
                text[first : first + _PIECE],
                begun + turn * FLUSH + min(len(text), first + _PIECE) / len(text) * FLUSH,
            )


def lines(begun: float, accounts: int, turn: int, seed: int) -> Iterator[str]:
    """The lines of the time between two flushes."""
    messages, chance = int(RATE * FLUSH / 3), Random(f"{seed} {turn}")
    for number in range(messages):
        at, who = int(begun + FLUSH * number / messages), chance.randrange(accounts)
        yield from message(at, f"user{who}@example.org", who, turn * messages + number).splitlines()


def _settle_in(path: Path, accounts: int, seed: int) -> None:
    """Give every account a page that somebody of a made log has, who has also written from this account's network."""
    out = StringIO()
    traffic.write(out, seed=seed, accounts=_MODELS * 3 // 2, days=_DAYS)
    plain = Plain(LOCAL)
    plain.changes(out.getvalue().splitlines())
    models = list(plain.pages.values())[:_MODELS]
    for number, page in enumerate(models):
        at = int(START + _DAYS * DAY - _MODELS + number)
        plain.changes(message(at, page.subject.partition(":")[2], number, number).splitlines())
    with Sqlite.open(path) as store, store.transaction():
        store.save(_pages(models, accounts))


def _pages(models: Sequence[Page], accounts: int) -> Iterator[tuple[Subject, bytes]]:
    for number in range(accounts):
        subject = account_subject(Account(f"user{number}@example.org"))
        yield subject, encode(replace(models[number % len(models)], subject=subject))


def _written() -> int:
    """Octets this process has handed to the kernel so far."""
    told = dict(line.split(": ") for line in _IO.read_text().splitlines())
    return int(told["wchar"])
