"""gatepost audit: the trail for people and programs."""

import getpass
from pathlib import Path

import pytest
from tests.surface.desk import Desk

ANN, BEN = "ann@example.org", "ben@example.org"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A gatepost that enforces and does not run."""
    return Desk(tmp_path)


def test_who_did_what_and_why(desk: Desk) -> None:
    """Two operators' orders with their reasons, each followed by what became of it."""
    desk.run("block", ANN, "--reason", "phone call")
    desk.run("release", ANN, "--honest", "--reason", "our mistake")
    desk.run("block", BEN, "--reason", "x")
    found = desk.run("audit", ANN, "--format", "json").json
    assert {row["account"] for row in found} == {ANN}
    said = [(row["who"], row["what"], row["why"]) for row in found if row["who"] != "gatepost"]
    assert said == [(getpass.getuser(), "block", "phone call"), (getpass.getuser(), "release --honest", "our mistake")]
    results = [row["result"].partition(":")[0] for row in found if row["what"].startswith("blocked/")]
    assert results == ["done", "undone"]


def test_one_incident_a_span_and_words(desk: Desk) -> None:
    """ACCOUNT may be an incident; --since takes a span; foreign values stay on their line."""
    desk.run("block", ANN, "--reason", "a\x1b[2J\nb")
    desk.run("release", ANN, "--honest")
    desk.run("block", ANN, "--reason", "x")
    second = desk.run("audit", f"{ANN}#2", "--format", "json").json
    assert {row["incident"] for row in second} == {None, f"{ANN}#2"}
    assert desk.run("audit", "--since", "1h").out == desk.run("audit").out
    text = desk.run("audit").out
    assert "\x1b" not in text and all(line.startswith("20") for line in text.splitlines())


def test_forgetting_says_that_and_not_whom(desk: Desk) -> None:
    """Nothing of the account is left; that somebody deleted it is."""
    desk.run("block", ANN, "--reason", "x")
    desk.run("release", ANN, "--honest")
    assert desk.run("forget", ANN).code == 0
    (row,) = desk.run("audit", "--format", "json").json
    assert (row["what"], row["account"], row["who"]) == ("forget", "", getpass.getuser())


def test_an_incident_by_any_name_of_its_account(tmp_path: Path) -> None:
    """A bare name, capitals: the incident is the account's, whatever the operator calls it."""
    desk = Desk(tmp_path, more='accounts = { default_domain = "example.org" }')
    desk.run("block", ANN, "--reason", "phone call")
    found = desk.run("audit", "Ann#1", "--format", "json").json
    assert found == desk.run("audit", f"{ANN}#1", "--format", "json").json
    assert any(row["incident"] == f"{ANN}#1" for row in found)
