"""gatepost report: whom it names, and what it does not tell."""

import base64
import hashlib
import mailbox
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.act.book import incident
from tests.runtime.scene import ANN, HOME, NIGHT, habits, mail
from tests.surface.desk import Desk

from gatepost.core.reports import Report
from gatepost.runtime.sightings import Sighting
from gatepost.surface import arf
from gatepost.wire import mime, reports

US = '[reports]\norg = "Example Mail"\ncontact = "abuse@example.org"\n'
BOTS = [f"10.{number}.7.9" for number in range(20, 32)]


def theft() -> Iterator[str]:
    """Twelve bots with ann's password, and ann herself in between."""
    for number, bot in enumerate(BOTS):
        to = [f"v{number}x{n}@prey{n}.example.net" for n in range(10)]
        yield from mail(NIGHT + number, ANN, bot, to, bad=3, print_="bot")
        yield from mail(NIGHT + number, ANN, HOME[ANN], ["friend@example.net"])


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A gatepost that has learnt ann's habits and the theft."""
    desk = Desk(tmp_path, more=US)
    desk.learn([*habits((ANN,)), *theft()])
    return desk


def test_attackers_are_named_and_the_owner_is_not(desk: Desk) -> None:
    """A report for each bot, none for ann's home; the same again gives the same reports."""
    said = desk.run("report", "xarf", f"{ANN}#1", str(desk.folder / "old.log"), "--zone", "UTC")
    assert said.code == 0, said.err
    assert {one["source_identifier"] for one in said.lines} == set(BOTS)
    assert len({one["report_id"] for one in said.lines}) == len(BOTS)
    assert desk.run("report", "xarf", f"{ANN}#1", str(desk.folder / "old.log"), "--zone", "UTC").out == said.out
    one = said.lines[3]
    assert (one["first_seen"], one["reporter"]["domain"]) == ("2026-03-15T03:00:03Z", "example.org")
    assert "handed in: 1, recipients: 10." in one["description"]


def test_nothing_of_the_customer_is_told(desk: Desk) -> None:
    """No account, no recipient, neither in clear nor in the packed evidence; the hash is the evidence's."""
    said = desk.run("report", "xarf", f"{ANN}#1", str(desk.folder / "old.log"), "--zone", "UTC")
    for one in said.lines:
        evidence = base64.b64decode(one["evidence"][0]["payload"])
        assert one["evidence"][0]["hash"] == f"sha256:{hashlib.sha256(evidence).hexdigest()}"
        assert b"handed in a message for 10 recipients" in evidence
        told = str(one).replace("abuse@example.org", "") + evidence.decode()
        assert "ann" not in told and "prey" not in told


def test_a_feedback_report_is_read_by_our_own_reader(desk: Desk, tmp_path: Path) -> None:
    """An mbox of a mail for each bot: a complaint in three parts, about the address, and nothing of the customer."""
    words = ("report", "arf", f"{ANN}#1", str(desk.folder / "old.log"), "--zone", "UTC", "--org", "Pöst, Inc.")
    said = desk.run(*words)
    assert (said.code, desk.run(*words).out) == (0, said.out), said.err
    (tmp_path / "reports.mbox").write_text(said.out)
    mails = [one.as_bytes() for one in mailbox.mbox(tmp_path / "reports.mbox")]
    fields = [mime.head(next(part.body for part in mime.read(one)[1] if "feedback" in part.kind)) for one in mails]
    assert [one["source-ip"] for one in fields] == [[bot] for bot in BOTS]
    assert {name: value[0] for name, value in fields[3].items() if name not in ("source-ip", "user-agent")} == {
        "feedback-type": "abuse",
        "version": "1",
        "arrival-date": "Sun, 15 Mar 2026 03:00:03 -0000",
        "incidents": "1",
    }
    for one in mails:
        whole, parts = mime.read(one)
        assert whole.fields["content-type"][0].startswith('multipart/report; report-type="feedback-report"')
        assert [part.kind for part in parts] == ["text/plain", "message/feedback-report", "text/rfc822-headers"]
        assert isinstance(found := reports.read(one), Report) and found.kind == "complaint"
        assert "ann" not in (told := "".join(part.text for part in parts)) and "prey" not in told
        assert "subject" not in mime.head(parts[2].body) and "to" not in whole.fields


def test_an_address_of_the_new_kind_has_its_literal() -> None:
    """IPv6 in the Received field as RFC 5321 writes it, bare in Source-IP."""
    seen = Sighting(NIGHT, NIGHT, "2001:db8::/48", [(NIGHT, 3)], 1, 3)
    mail = arf.mail(incident(), "2001:db8::7", seen, "Example Mail", "abuse@example.org").decode()
    assert "Received: from [IPv6:2001:db8::7]\n\tby example.org; " in mail and "Source-IP: 2001:db8::7\n" in mail


def test_what_is_missing_is_said(desk: Desk) -> None:
    """An unknown incident, nobody who reports, a log that is not there, a log of another time: each with its code."""
    log = str(desk.folder / "old.log")
    assert desk.run("report", "xarf", f"{ANN}#9", log).code == 1
    assert desk.run("report", "xarf", f"{ANN}#1", log, "--contact", "nobody").code == 2
    assert desk.run("report", "xarf", f"{ANN}#1", "/nonexistent/log", "--zone", "UTC").code == 3
    other = desk.log(list(mail(NIGHT, "ben@example.org", "192.0.2.1", ["a@example.net"])), "other.log")
    assert desk.run("report", "xarf", f"{ANN}#1", other, "--zone", "UTC").code == 1
    for org, contact in (("a\nBcc: x@example.net", "abuse@example.org"), ("Example Mail", "a b@c@example.org")):
        said = desk.run("report", "arf", f"{ANN}#1", log, "--zone", "UTC", "--org", org, "--contact", contact)
        assert said.code == 2 and "make no sender" in said.err
    desk.configure()
    said = desk.run("report", "xarf", f"{ANN}#1", log)
    assert said.code == 2 and "--org" in said.err
