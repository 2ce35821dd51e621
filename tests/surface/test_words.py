"""How evidence, verdicts and incidents look."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.act.book import NOON, incident, proof

from gatepost.core.evidence import Family, Level, Verdict
from gatepost.core.units import Account
from gatepost.judge.score import Levels
from gatepost.surface.words import account_of, incident_json, reasons, to_json, verdict_text


@given(st.text(alphabet=st.characters(codec=None), max_size=50))
def test_json_is_text_and_comes_back(text: str) -> None:
    """Whatever a log held; one line."""
    line = to_json({"value": text, "octets": b"\x00\xff"})
    line.encode()
    assert "\n" not in line
    assert json.loads(line) == {"value": text, "octets": "00ff"}


@pytest.mark.parametrize(
    ("said", "account"),
    [
        ("ann@example.org#3", "ann@example.org"),
        ("  Ann@Example.org ", "ann@example.org"),
        ("c#@example.org", "c#@example.org"),
        ("c#@example.org#12", "c#@example.org"),
        ("#3", ""),
    ],
)
def test_an_incident_names_its_account(said: str, account: str) -> None:
    """A number behind the last # is an incident's; anything else belongs to the name."""
    assert account_of(said) == account


def test_a_verdict_says_what_counts_and_what_does_not() -> None:
    """Points, the stronger fact of the family, and the level without the strongest."""
    strong = replace(proof("spread"), points=45.0)
    weak = replace(proof("novelty"), points=20.0)
    other = replace(proof("volume", "400 recipients in 1h"), points=30.0, family=Family.VOLUME)
    verdict = Verdict(
        account=Account("ann@example.org"), at=NOON, score=75.0, level=Level.HOLD, because=(strong, other, weak)
    )
    text = "\n".join(verdict_text(verdict, Level.HOLD, incident(), "enforce", Levels()))
    assert "HOLD   score 75" in text and "ann@example.org#1 (enforce)" in text
    assert "+45 origin" in text and "+30 volume" in text
    assert "(0) origin" in text and "not added: spread is stronger" in text
    assert "would be THROTTLE without spread; next change 13:00Z, when" in text


def test_without_evidence_there_is_no_outlook() -> None:
    """An operator's block stands alone."""
    verdict = Verdict(account=Account("ann@example.org"), at=NOON, score=0.0, level=Level.CLEAR)
    assert len(verdict_text(verdict, Level.CLEAR, None, "observe", Levels())) == 1


def test_reasons_are_the_strongest_facts_in_one_line() -> None:
    """At most three, at most 300 characters."""
    facts = tuple(replace(proof(f"d{n}", f"fact {n}\n"), family=family) for n, family in enumerate(Family))
    verdict = Verdict(account=Account("a"), at=NOON, score=100.0, level=Level.BLOCK, because=facts)
    assert reasons(verdict).count(";") == 2
    assert "\n" not in reasons(verdict)


def test_an_incident_as_json_has_iso_times() -> None:
    """In UTC, to the second."""
    found = incident_json(incident())
    assert found["opened"] == "2026-03-01T12:00:00Z"
    assert found["since"] == "2026-03-01T11:58:30Z"
    assert (found["out_before"], found["out_after"]) == (37, 2)
