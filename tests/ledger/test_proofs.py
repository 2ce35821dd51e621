"""Evidence and incidents come out of their packing as they went in."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields

from gatepost.core.events import Cursor
from gatepost.core.evidence import Evidence, Level, Verdict
from gatepost.core.incident import Incident, State
from gatepost.core.units import Account, Instant
from gatepost.ledger import proofs
from gatepost.ledger.proofs import Filed, Proofs, unpack

NUMBERS = st.floats(0, 1e12)
CURSORS = st.builds(Cursor, st.sampled_from(("mx1:mainlog", "mx2:mainlog")), st.integers(0, 9), st.integers(0, 1 << 40))
PROOFS = st.builds(
    Evidence,
    **dict.fromkeys(("points", "since", "until", "measured", "limit"), NUMBERS),
    says=st.text(max_size=9),
    values=st.lists(st.text(max_size=5), max_size=3).map(tuple),
    cites=st.lists(CURSORS, max_size=5).map(tuple),
)
VERDICTS = st.builds(Verdict, at=NUMBERS, score=NUMBERS, because=st.lists(PROOFS, max_size=3).map(tuple))
INCIDENTS = st.builds(
    Incident,
    **dict.fromkeys(("opened", "changed", "hostile_since"), NUMBERS),
    **dict.fromkeys(("number", "step", "out_before", "out_after", "refused"), st.integers(0, 1 << 40)),
    verdict=VERDICTS,
)


@given(st.lists(st.tuples(st.sampled_from("abc"), PROOFS, st.booleans()), max_size=12))
def test_what_stands_is_a_dictionary(steps: list[tuple[str, Evidence, bool]]) -> None:
    """Whatever is entered and taken back: equal evidence under equal names in the same order."""
    plain, packed = dict[str, Evidence](), Proofs()
    for name, proof, entered in steps:
        if entered:
            plain[name] = packed[name] = proof
        elif name in plain:
            del plain[name], packed[name]
        assert list(packed.items()) == list(plain.items())
        assert (name in packed, len(packed), bool(packed)) == (name in plain, len(plain), bool(plain))
        assert packed.get(name) == plain.get(name)
        assert packed.until == min((one.until for one in plain.values()), default=None)
        assert packed.pointed == any(one.points for one in plain.values())


@given(INCIDENTS)
def test_an_incident_comes_back_whole(incident: Incident) -> None:
    """Packed and unpacked, an incident is equal to itself."""
    octets = Filed(incident).octets
    assert unpack(octets) == proofs._unpacked(octets) == incident


def test_a_whole_score_is_shown_as_its_octets_say() -> None:
    """A score of 0 is 0.0 when it is read again, whether the incident was just written or not."""
    verdict = Verdict(account=Account("ann@example.org"), at=Instant(1.0), score=0, level=Level.THROTTLE)
    incident = Incident(verdict.account, 1, State.OPEN, Instant(1.0), Instant(1.0), verdict, Level.THROTTLE)
    assert str(unpack(Filed(incident).octets).verdict.score) == "0.0"


def test_no_field_is_forgotten() -> None:
    """Rows have the fields of what they hold, in their order: a new field cannot be lost."""
    for row, whole in ((proofs._Proof, Evidence), (proofs._Verdict, Verdict), (proofs._Incident, Incident)):
        assert [field.name for field in fields(row)] == [field.name for field in fields(whole)]
