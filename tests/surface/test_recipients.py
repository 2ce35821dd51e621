"""gatepost recipients: the dead addresses on an account's list."""

import csv
import io
from pathlib import Path

from tests.runtime.scene import ANN, HOME, NIGHT, habits, mail
from tests.surface.desk import Desk


def learnt(folder: Path) -> Desk:
    """ann wrote to an address that is a formula, and to one that is gone."""
    desk = Desk(folder)
    desk.learn([*habits(), *mail(NIGHT, ANN, HOME[ANN], ["=cmd@example.net", "gone@example.net"], bad=2)])
    return desk


def test_the_list_for_people(tmp_path: Path) -> None:
    """A line an address: days, cause and the receiver's words."""
    said = learnt(tmp_path).run("recipients", ANN).out.splitlines()
    assert said[0] == "ann@example.org: 2 dead addresses"
    assert said[2].split()[:4] == ["gone@example.net", "2026-03-15", "2026-03-15", "invalid_recipient"]
    assert "no such user" in said[2]


def test_the_list_for_spreadsheets(tmp_path: Path) -> None:
    """No cell is a formula; both ways to ask give the same."""
    desk = learnt(tmp_path)
    rows = list(csv.reader(io.StringIO(desk.run("recipients", ANN, "--csv").out)))
    assert [row[0] for row in rows] == ["address", "'=cmd@example.net", "gone@example.net"]
    assert desk.run("recipients", ANN, "--format", "csv").out == desk.run("recipients", ANN, "--csv").out


def test_the_list_for_programs(tmp_path: Path) -> None:
    """The address exactly; an account without any has an empty list."""
    desk = learnt(tmp_path)
    found = desk.run("recipients", ANN, "--format", "json").json
    assert [one["address"] for one in found] == ["=cmd@example.net", "gone@example.net"]
    assert desk.run("recipients", "ben@example.org", "--format", "json").json == []
    assert desk.run("export", ANN).json["dead_addresses"][1]["address"] == "gone@example.net"


LETTER = '[letter]\nfrom = "postmaster@example.org"\nlanguage = "de"\n'


def test_a_letter_is_shown_before_it_is_sent(tmp_path: Path) -> None:
    """As it would go out, and why it does not now; nothing is sent or written."""
    desk = learnt(tmp_path)
    desk.configure("observe", LETTER)
    before = desk.state.read_bytes()
    said = desk.run("recipients", ANN, "--preview").out.splitlines()
    assert said[0] == "not sent now: in observe mode nothing is sent"
    assert "To: ann@example.org" in said
    assert "Subject: 2 Adressen, an die Sie schreiben, gibt es nicht" in said
    assert "[addresses.csv, 2 addresses]" in said
    assert desk.state.read_bytes() == before
    desk.configure("enforce", LETTER)
    assert "dead addresses count, 20 are worth a letter" in desk.run("recipients", ANN, "--preview").out
    desk.configure("enforce")
    refused = desk.run("recipients", ANN, "--preview")
    assert refused.code == 2 and "letter.from" in refused.err
