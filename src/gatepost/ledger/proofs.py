"""Evidence that stands and the incident of a page, packed.

A page is read a thousand times for each time its evidence is. As objects the evidence of an attacked account weighs
more than all its measures; packed it weighs a quarter. What was read lately stays unpacked in a cache that all pages
share.
"""

from collections.abc import Iterator, Mapping, MutableMapping
from functools import lru_cache
from sys import intern
from typing import Any

from msgspec import Struct
from msgspec.msgpack import Decoder, Encoder
from msgspec.structs import astuple, replace

from gatepost.core.events import Cursor
from gatepost.core.evidence import WITHDRAWN, Answer, Evidence, Family, Level, Verdict
from gatepost.core.incident import Incident, State
from gatepost.core.units import Account, Instant

MAX_CITES = 5
"""Lines that evidence cites: the first ones, and the last."""

CACHED = 1024
"""Pieces of evidence, and incidents, kept unpacked; about 1 kB each."""


class _Proof(Struct, array_like=True):
    """The fields of Evidence in their order."""

    detector: str
    family: Family
    points: float
    since: Instant
    until: Instant
    says: str
    measured: float
    limit: float
    demands: Level
    acted: bool
    values: tuple[str, ...]
    cites: tuple[tuple[str, int, int], ...]


class _Verdict(Struct, array_like=True):
    """The fields of Verdict in their order."""

    account: Account
    at: Instant
    score: float
    level: Level
    because: tuple[_Proof, ...]
    spared: str


class _Incident(Struct, array_like=True):
    """The fields of Incident in their order."""

    account: Account
    number: int
    state: State
    opened: Instant
    changed: Instant
    verdict: _Verdict
    peak: Level
    step: int
    hostile_since: Instant
    out_before: int
    out_after: int
    refused: int
    stopped: Instant = Instant(0.0)


_encode = Encoder().encode
_proof_in = Decoder(_Proof).decode
_incident_in = Decoder(_Incident).decode


class Proofs(MutableMapping[str, Evidence]):
    """What stands against an account, by detector: a handful, looked through one by one."""

    __slots__ = ("octets",)

    def __init__(self, proofs: Mapping[str, Evidence] | None = None) -> None:
        self.octets: tuple[str | bytes, ...] = ()
        """Names and packed evidence by turns."""
        for name, proof in (proofs or {}).items():
            self[name] = proof

    def __getitem__(self, name: str) -> Evidence:
        packed = self.octets[self._place(name) + 1]
        assert isinstance(packed, bytes)
        return _proof(packed)

    def __setitem__(self, name: str, proof: Evidence) -> None:
        packed = _encode(_row(proof))
        if name in self.octets:
            place = self._place(name)
            self.octets = (*self.octets[: place + 1], packed, *self.octets[place + 2 :])
        else:
            self.octets = (*self.octets, intern(name), packed)

    def __delitem__(self, name: str) -> None:
        place = self._place(name)
        self.octets = (*self.octets[:place], *self.octets[place + 2 :])

    def __iter__(self) -> Iterator[str]:
        return iter([name for name in self.octets[::2] if isinstance(name, str)])

    def __len__(self) -> int:
        return len(self.octets) // 2

    def __bool__(self) -> bool:
        return bool(self.octets)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self.octets

    def get(self, name: str, default: Any = None) -> Any:
        """The evidence under a name; asked for every line, so without an exception."""
        return self[name] if name in self.octets else default

    def stand(self, name: str, answer: Answer) -> bool:
        """Let an answer stand, since when and on which lines it first did; True when what stands changed."""
        if answer is None:
            return False
        if answer is WITHDRAWN:
            if name not in self:
                return False
            del self[name]
            return True
        assert isinstance(answer, Evidence)
        before = self.get(name)
        if before is not None:
            cites = (*before.cites[: MAX_CITES - 1], *answer.cites)
            answer = replace(answer, since=before.since, cites=cites)
        self[name] = answer
        return True

    @property
    def until(self) -> Instant | None:
        """When the first of it ends; None when there is none."""
        return _until(self.octets)

    @property
    def pointed(self) -> bool:
        """Whether any of it has points."""
        return any(proof.points for proof in whole(self.octets))

    def _place(self, name: str) -> int:
        if name not in self.octets:
            raise KeyError(name)
        return self.octets.index(name)


class Filed:
    """A page's incident; empty octets when there was none."""

    __slots__ = ("octets",)

    def __init__(self, incident: Incident | None = None) -> None:
        self.octets = b""
        if incident is not None:
            self.octets = _pack(incident)
            if isinstance(incident.verdict.score, float):  # a whole number comes out of its octets as 0.0
                _remember(self.octets, incident)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Filed) and self.octets == other.octets

    __hash__ = None  # type: ignore[assignment]


def _pack(incident: Incident) -> bytes:
    """An incident as octets."""
    fields = list(astuple(incident))
    verdict = incident.verdict
    because = [_row(proof) for proof in verdict.because]
    fields[_VERDICT] = (verdict.account, verdict.at, verdict.score, verdict.level, because, verdict.spared)
    return _encode(fields)


def unpack(data: bytes) -> Incident:
    """Octets as the incident they are."""
    return _INCIDENTS.get(data) or _remember(data, _unpacked(data))


_INCIDENTS: dict[bytes, Incident] = {}
"""Those packed or unpacked last: what a page was given is mostly asked for at the next line."""


def _remember(data: bytes, incident: Incident) -> Incident:
    if len(_INCIDENTS) >= CACHED:
        del _INCIDENTS[next(iter(_INCIDENTS))]
    _INCIDENTS[data] = incident
    return incident


def _unpacked(data: bytes) -> Incident:
    flat = _incident_in(data)
    verdict, fields = flat.verdict, list(astuple(flat))
    because = tuple(_whole(proof) for proof in verdict.because)
    fields[_VERDICT] = Verdict(verdict.account, verdict.at, verdict.score, verdict.level, because, verdict.spared)
    return Incident(*fields)


_VERDICT = Incident.__struct_fields__.index("verdict")


@lru_cache(maxsize=CACHED)
def whole(octets: tuple[str | bytes, ...]) -> tuple[Evidence, ...]:
    """All evidence of names and packed evidence by turns."""
    return tuple(_proof(packed) for packed in octets[1::2] if isinstance(packed, bytes))


@lru_cache(maxsize=CACHED)
def _until(octets: tuple[str | bytes, ...]) -> Instant | None:
    return min((proof.until for proof in whole(octets)), default=None)


@lru_cache(maxsize=CACHED)
def _proof(data: bytes) -> Evidence:
    return _whole(_proof_in(data))


def _row(proof: Evidence) -> tuple[object, ...]:
    """The fields of evidence; a line it cites is a row, without the source when it is that of the line before."""
    cites = list[tuple[str, int, int]]()
    source = ""
    for cursor in proof.cites:
        cites.append(("" if cursor.source == source else cursor.source, cursor.generation, cursor.offset))
        source = cursor.source
    return (*map(_short, astuple(proof)[:-1]), cites)


def _short(field: object) -> object:
    """A whole number as one: it takes a few octets instead of nine, and is read as a float again."""
    return int(field) if isinstance(field, float) and field.is_integer() else field


def _whole(row: _Proof) -> Evidence:
    fields, cites, source = list(astuple(row)), list[Cursor](), ""
    for named, generation, offset in row.cites:
        source = named or source
        cites.append(Cursor(source, generation, offset))
    fields[-1] = tuple(cites)
    return Evidence(*fields)
