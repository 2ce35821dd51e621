"""One node's page for one subject.

Owns the state of every measure, the standing evidence, and what the docket knows of the account's incidents. Pages
are the only mutable things below the line; `recorder.py` writes them, `view.py` reads them.
"""

from array import array
from collections.abc import MutableMapping, MutableSequence
from sys import intern
from typing import Any

from msgspec import Struct, convert, field
from msgspec.msgpack import Decoder, Encoder

from gatepost.core.evidence import Evidence, Level
from gatepost.core.incident import Incident
from gatepost.core.units import Subject
from gatepost.ledger import daily
from gatepost.ledger.daily import Diary
from gatepost.ledger.familiar import Sets
from gatepost.ledger.habit import Sights
from gatepost.ledger.packed import Rows, Times, rows, times
from gatepost.ledger.proofs import Filed, Proofs, unpack
from gatepost.ledger.rings import Rings

MAX_SPELLINGS = 16
"""Spellings of one login that a page keeps; a client chooses the case of each letter."""

MAX_DIRTY = 60
"""Days touched by incidents that a page remembers."""


class Pardon(Struct, frozen=True):
    """An exemption given by the operator."""

    until: float | None
    by: str
    reason: str


class Page(Struct):
    """Everything remembered of one subject."""

    subject: Subject
    rings: Rings = field(default_factory=Rings)
    seen: dict[str, MutableMapping[str, float]] = field(default_factory=dict)
    """Distinct values with their last sight."""
    known: dict[str, Sights] = field(default_factory=dict)
    diaries: dict[str, Diary] = field(default_factory=dict)
    familiar: dict[str, Sets] = field(default_factory=dict)
    applied: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Per source: generation and offset of the last recorded event; an earlier one is a no-op."""
    standing: Proofs = field(default_factory=Proofs)
    level: Level = Level.CLEAR
    filed: Filed = field(default_factory=Filed, name="incident")
    number: int = 0
    """Incidents so far."""
    clock: float = 0.0
    """The account's event clock: the newest event recorded."""
    cleared: float = 0.0
    """Events before this instant count in no window and no share."""
    days: int = 0
    """Closed clean days with activity."""
    day: int = 0
    """The open day."""
    dirty: MutableSequence[int] = field(default_factory=daily.new)
    """Days that teach nothing."""
    hostile: dict[str, float] = field(default_factory=dict)
    """Values kept as hostile after a theft, and until when; the theft itself under STOLEN."""
    spared: dict[str, float] = field(default_factory=dict)
    """Values that raise nothing after a wrong block, and until when."""
    spellings: dict[str, float] = field(default_factory=dict)
    pardon: Pardon | None = None
    out: int = 0
    """Recipients accepted while evidence stood, before an incident."""
    late: int = 0
    """Events older than their windows."""

    @property
    def incident(self) -> Incident | None:
        """The one that stands, or the last one."""
        return unpack(self.filed.octets) if self.filed.octets else None

    @incident.setter
    def incident(self, incident: Incident | None) -> None:
        self.filed = Filed(incident)

    def touch_day(self, day: int) -> None:
        """A later day begins: the one before is closed, and counts when it was clean."""
        if self.day and self.day not in self.dirty:
            self.days += 1
        self.day = day

    def soil(self, first: int, last: int) -> None:
        """An incident touched these days."""
        for day in range(max(first, last - MAX_DIRTY), last + 1):
            if day not in self.dirty:
                self.dirty.append(day)
        del self.dirty[: max(0, len(self.dirty) - MAX_DIRTY)]

    def spell(self, login: str, at: float) -> bool:
        """Remember how the login was spelt; True when this spelling is new."""
        fresh = login not in self.spellings
        if fresh and len(self.spellings) >= MAX_SPELLINGS:
            del self.spellings[min(self.spellings, key=self.spellings.__getitem__)]
        self.spellings[login] = at
        return fresh


def plain(value: Any) -> object:
    """What msgspec asks for of the types of ours that a page holds: how they are saved.

    Raises:
        NotImplementedError: it is none of them.
    """
    if isinstance(value, Rings):
        return value.kept()
    if isinstance(value, (Times, Rows, Proofs)):
        return dict(value)
    if isinstance(value, Filed):
        return unpack(value.octets) if value.octets else None
    if isinstance(value, array):
        return value.tolist()
    raise NotImplementedError(type(value))


def _ours(kind: type, saved: Any) -> object:
    """A type of ours from what was saved."""
    if kind is Rings:
        return Rings(convert(saved, dict[str, list[int]]))
    if kind is Proofs:
        return Proofs(convert(saved, dict[str, Evidence]))
    if kind is Filed:
        return Filed(convert(saved, Incident | None))
    raise NotImplementedError(kind)


_ENCODER = Encoder(enc_hook=plain)
_DECODER = Decoder(Page, dec_hook=_ours)


def encode(page: Page) -> bytes:
    """A page as bytes; rings and sets that are empty are left out."""
    seen = page.seen
    page.seen = {key: values for key, values in seen.items() if values}
    try:
        return _ENCODER.encode(page)
    finally:
        page.seen = seen


def decode(data: bytes) -> Page:
    """Bytes as a page.

    Raises:
        msgspec.DecodeError: the bytes are no page.
    """
    page = _DECODER.decode(data)
    page.seen = {intern(key): times(values) for key, values in page.seen.items()}
    page.known = {intern(key): rows(sights) for key, sights in page.known.items()}
    page.applied = {intern(key): place for key, place in page.applied.items()}
    page.dirty = daily.new(page.dirty)
    page.diaries = {intern(key): daily.new(diary) for key, diary in page.diaries.items()}
    page.familiar = {intern(key): sets for key, sets in page.familiar.items()}
    return page
