"""Pages in memory: hot ones as objects, cold ones as bytes.

Owns which pages are objects: two generations of at most `hot` pages together; what was not used since the last turn is
encoded and handed to the cold store. The cold store of a replay is a dictionary that moves to a temporary SQLite file
when it grows above its limit.
"""

import sqlite3
import tempfile
from collections.abc import Iterable
from pathlib import Path

from gatepost.core.ports import PageStore
from gatepost.core.units import Subject
from gatepost.ledger.page import Page, decode, encode

HOT = 20_000
"""Pages kept as objects; about 12 kB each at most."""

OVERHEAD = 350
"""Bytes an entry of the dictionary costs beside its text and its value, with what the allocator rounds up."""


class Cold:
    """Encoded pages of one run; nothing survives it."""

    def __init__(self, limit: int = 1 << 30) -> None:
        """Start empty.

        Args:
            limit: octets kept in memory before the rest goes to a temporary file.
        """
        self._limit, self._held = limit, 0
        self._pages: dict[Subject, bytes] = {}
        self._file: sqlite3.Connection | None = None

    def load(self, subject: Subject) -> bytes | None:
        """One page, None when there is none."""
        if self._file is None:
            return self._pages.get(subject)
        row = self._file.execute("SELECT data FROM pages WHERE subject = ?", (subject,)).fetchone()
        return None if row is None else bytes(row[0])

    def save(self, pages: Iterable[tuple[Subject, bytes]]) -> None:
        """Keep pages."""
        if self._file is not None:
            self._file.executemany("REPLACE INTO pages VALUES (?, ?)", pages)
            return
        for subject, data in pages:
            old = self._pages.get(subject)
            self._held += len(data) - (len(old) if old is not None else -OVERHEAD - len(subject))
            self._pages[subject] = data
        if self._held > self._limit:
            self._spill()

    def _spill(self) -> None:
        """Move everything to a temporary file, deleted as soon as it is open."""
        folder = tempfile.TemporaryDirectory(prefix="gatepost-")
        self._file = sqlite3.connect(Path(folder.name) / "pages.db", isolation_level=None)
        self._file.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;"
            "CREATE TABLE pages (subject TEXT PRIMARY KEY, data BLOB) WITHOUT ROWID; BEGIN"
        )
        self._file.executemany("REPLACE INTO pages VALUES (?, ?)", self._pages.items())
        self._pages = {}
        folder.cleanup()


class Shelf:
    """The pages somebody is working with."""

    def __init__(self, cold: PageStore | None = None, hot: int = HOT) -> None:
        """Start with no page hot.

        Args:
            cold: where pages rest; a `Cold` of this run when None.
            hot: pages kept as objects.
        """
        self.cold: PageStore = cold if cold is not None else Cold()
        self._half = max(1, hot // 2)
        self._young: dict[Subject, Page] = {}
        self._old: dict[Subject, Page] = {}
        self.dirty: dict[Subject, Page] = {}
        """Pages handed out for writing since the last flush."""

    def page(self, subject: Subject) -> Page:
        """A page to write on; a fresh one when there is none."""
        page = self._young.get(subject)
        if page is None:
            page = self._warm(subject) or Page(subject=subject)
            self._young[subject] = page
            if len(self._young) > self._half:
                self._turn()
        self.dirty[subject] = page
        return page

    def peek(self, subject: Subject) -> Page | None:
        """A page to read; None when there is none."""
        page = self._young.get(subject) or self._old.get(subject)
        if page is not None:
            return page
        data = self.cold.load(subject)
        return None if data is None else decode(data)

    def flush(self) -> None:
        """Hand all dirty pages to the cold store."""
        dirty, self.dirty = self.dirty, {}
        self.cold.save((subject, encode(page)) for subject, page in dirty.items())

    def _warm(self, subject: Subject) -> Page | None:
        page = self._old.pop(subject, None)
        if page is not None:
            return page
        data = self.cold.load(subject)
        return None if data is None else decode(data)

    def _turn(self) -> None:
        """The young generation grows old; what was old and stayed unused becomes bytes."""
        leaving, self._old, self._young = self._old, self._young, {}
        changed = [page for subject, page in leaving.items() if self.dirty.pop(subject, None) is not None]
        self.cold.save((page.subject, encode(page)) for page in changed)
