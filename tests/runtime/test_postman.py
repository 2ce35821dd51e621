"""Reports delivered by LMTP: what is answered, and that it is counted first."""

import asyncio
import smtplib
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.live.ports import free_port, until
from tests.runtime.process import Process, now
from tests.runtime.scene import HOME, configured, mail
from tests.wire.mails import arf, dsn, original, recipient, told

from gatepost.core.reports import Heard, Report
from gatepost.core.units import Account
from gatepost.runtime.control import Reply
from gatepost.runtime.inbox import COUNTED, UNKNOWN
from gatepost.runtime.postman import Postman

BEN, BOB = Account("ben@example.org"), "bob@example.net"


def taken(hear: Callable[[Report], Reply], data: bytes, to: str = "feedback@example.org") -> str:
    """What one mail is answered."""
    return asyncio.run(Postman(hear).take(to, data))


def test_what_reports_nothing_is_taken() -> None:
    """A person's mail, a receipt, nothing at all: 250, or the mail server would bounce it; nobody is asked."""
    said = [taken(lambda report: pytest.fail("asked"), data) for data in (b"", told("hello"), b"Subject: a\n\nb")]
    assert {one[:10] for one in said} == {"250 2.0.0 "}


def test_a_report_goes_in_pieces_and_fails_as_one() -> None:
    """Fifty recipients ten at a time; when a piece cannot be counted the mail comes again."""
    data, heard = dsn(*[recipient(f"x{n}@example.net") for n in range(48)]), list[Report]()

    def hear(report: Report) -> Reply:
        heard.append(report)
        return (
            Reply(heard=(Heard(COUNTED),) * len(report.failed)) if len(heard) != 8 else Reply(error="the disk is full")
        )

    assert taken(hear, data) == "250 2.0.0 48 counted"
    assert [len(report.failed) for report in heard] == [10, 10, 10, 10, 8]
    assert taken(hear, data) == "451 4.3.0 the disk is full"


def test_the_sender_a_report_went_to_is_looked_for_twice() -> None:
    """By the envelope, as a list's VERP address comes; then by the mail's own field, for an alias hides the first."""
    asked = list[str]()

    def hear(report: Report) -> Reply:
        asked.append(report.to)
        return Reply(heard=(Heard(UNKNOWN),))

    assert taken(hear, dsn(to="list+bob=example.net@example.org")).endswith(f"0 counted; {UNKNOWN}")
    assert asked == ["feedback@example.org", "list+bob=example.net@example.org"]


def test_a_running_gatepost_counts_what_is_delivered(tmp_path: Path) -> None:
    """250 says that it is written down: given again, also after a kill, it was counted before."""
    port = free_port()
    configured(tmp_path, more=f'[reports]\nkeep = "7d"\nlmtp = "inet:127.0.0.1:{port}"\n')
    process = Process(tmp_path)
    process.learn(days=2)
    process.append(lines := list(mail(now() - 60, BEN, HOME[BEN], [BOB])))
    queue_id = lines[0].split()[2]
    about = original(queue_id, f"<{queue_id}@desk.example.net>")

    def give(data: bytes) -> bytes:
        with smtplib.LMTP("127.0.0.1", port, timeout=30) as client:
            client.ehlo_or_helo_if_needed()
            client.mail("")
            client.rcpt("feedback@example.org")
            return b"%d %s" % client.data(data)

    process.start()
    try:
        until(lambda: give(dsn(recipient(BOB), about=about)).startswith(b"250"), "the report is taken", 30)
        assert give(arf(about, who=BOB)) == b"250 2.0.0 1 counted"
        process.kill()
        process.start()
        again = [give(data) for data in (dsn(recipient(BOB), about=about), arf(about, who=BOB))]
        assert again == [b"250 2.0.0 0 counted; counted before"] * 2
    finally:
        process.kill()
    assert "Traceback" not in process.said
