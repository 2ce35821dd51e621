"""Mails that report about ours: what they state, and that nothing in them can hurt."""

import base64
import random
import time

import pytest
from tests.wire.mails import arf, dsn, original, recipient, told

from gatepost.core.reports import MOST_FAILED, Failed, Hop, Report
from gatepost.wire import mime, reports

QMAIL = """\
Hi. This is the qmail-send program at example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<bob@example.net>:
Sorry, no mailbox here by that name. (#5.1.1)

<carl@example.net>: 192.0.2.9 does not like recipient.
Remote host said: 552 Mailbox full

--- Below this line is a copy of the message.

Return-Path: <ann@example.org>"""

EXIM = """\
A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  bob@example.net
    SMTP error from remote mail server after RCPT TO:<bob@example.net>:
    550 5.1.1 user unknown

------ This is a copy of the message, including all the headers. ------

Return-path: <ann@example.org>"""


def read(mail: bytes) -> Report:
    """What a mail reports; it must report something."""
    found = reports.read(mail)
    assert isinstance(found, Report), found
    return found


def test_a_standard_failure_is_read_whole() -> None:
    """RFC 3464: recipient, status, words and host, and every way to find the message again."""
    found = read(dsn())
    assert found == Report(
        "failed",
        client="203.0.113.5",
        by="mx.example.net",
        to="ann@example.org",
        message_id="<1@example.org>",
        hops=(Hop("mx.example.net", "4F0aaaAAAAz1"), Hop("mx1.example.org", "4F0abcDEFGz1")),
        failed=(Failed("bob@example.net", "", "5.1.1", "550 5.1.1 user unknown", "mx.example.net"),),
    )


@pytest.mark.parametrize("returned", ["message/rfc822", "text/rfc822-headers", "message/global-headers"])
def test_the_message_comes_back_whole_or_as_its_header(returned: str) -> None:
    """Either way its Message-ID and its way through our host are read (RFC 6522, RFC 6533)."""
    assert read(dsn(returned=returned)).message_id == "<1@example.org>"


def test_line_ends_and_encodings_do_not_matter() -> None:
    """CRLF, and a report in base64, say the same."""
    assert read(dsn().replace(b"\n", b"\r\n")) == read(dsn())
    block = b"Reporting-MTA: dns; mx.example.net\n\n" + recipient("bob@example.net").encode()
    head, _, rest = dsn().partition(b"Content-Type: message/delivery-status\n\n")
    packed = b"Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(block)
    assert read(head + packed + b"\n--=_b\n" + rest.partition(b"--=_b\n")[2]) == read(dsn())


def test_who_was_first_written_to_is_kept() -> None:
    """Original-Recipient is xtext (RFC 3461 section 4): +3D is an equals sign."""
    more = "Original-Recipient: rfc822;b+3Db@example.net\n"
    assert read(dsn(recipient("passed@example.com", more=more))).failed[0].original == "b=b@example.net"


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_what_is_no_failure_reports_nothing(action: str) -> None:
    """A delay or a receipt is no failure."""
    assert reports.read(dsn(recipient("bob@example.net", action=action, status="4.4.1"))) == reports.NO_FAILURE


def test_a_complaint_is_read_with_who_complains() -> None:
    """RFC 5965: the message by its own header, the recipient where it is not redacted."""
    found = read(arf(who="bob@example.net"))
    assert (found.kind, found.message_id, found.failed) == (
        "complaint",
        "<1@example.org>",
        (Failed("bob@example.net"),),
    )
    assert found.hops[-1] == Hop("mx1.example.org", "4F0abcDEFGz1")
    assert read(arf()).failed == (Failed(""),)


@pytest.mark.parametrize("kind", ["not-spam", "opt-out", "auth-failure", "other", ""])
def test_only_accusations_are_complaints(kind: str) -> None:
    """Feedback that mail was no spam, or about DMARC, accuses nobody."""
    assert reports.read(arf(kind=kind)) == reports.NO_COMPLAINT


def test_failures_in_words_are_read() -> None:
    """qmail and Exim without a machine-readable part: each recipient with its own reason, and the message below."""
    found = read(told(QMAIL))
    said = {failed.address: failed.reply for failed in found.failed}
    assert said["bob@example.net"] == "Sorry, no mailbox here by that name. (#5.1.1)"
    assert said["carl@example.net"].endswith("Remote host said: 552 Mailbox full")
    assert found.message_id == "<1@example.org>" and found.hops[-1].queue_id == "4F0abcDEFGz1"
    assert "550 5.1.1 user unknown" in read(told(EXIM)).failed[0].reply


def test_a_notice_that_mail_is_late_is_no_failure() -> None:
    """However it is worded."""
    assert reports.read(told(EXIM, subject="Warning: message delayed 24 hours")) == reports.NO_FAILURE
    assert reports.read(told("Your mail to\n  bob@example.net\nhas not yet been delivered.\n")) == reports.NO_FAILURE


def test_a_persons_mail_is_no_report() -> None:
    """Whoever writes about failures is no mail server."""
    mail = told(QMAIL).replace(b"MAILER-DAEMON@", b"carl@").replace(b"Return-Path: <>\n", b"", 1)
    assert reports.read(mail) == reports.NO_REPORT
    assert reports.read(b"") == reports.NO_REPORT


FROM = {
    "from x (helo.example [203.0.113.9])\n\tby mx1 (Postfix) with ESMTP id 4F0bbbBBBBz1": "203.0.113.9",
    "from [198.51.100.1] (unknown [203.0.113.9])\n\tby mx1 (Postfix) with ESMTP id 4F0bbbBBBBz1": "203.0.113.9",
    "from [203.0.113.9] (helo=[198.51.100.1])\n\tby mx1 with esmtp (Exim 4.96)\n\tid 1w": "203.0.113.9",
    "from a.example ([203.0.113.9] helo=b)\n\tby mx1 with esmtp (Exim 4.96)\n\tid 1w": "203.0.113.9",
    "from a.example ([IPv6:2001:db8::9])\n\tby mx1 with esmtp id 1w": "2001:db8::9",
    "from ann by mx1 with local (Exim 4.96)\n\tid 1w": "",
    "from x ([999.999.999.999]) by mx1 id 1w": "",
}


@pytest.mark.parametrize("received", FROM)
def test_who_handed_it_in_is_our_servers_word(received: str) -> None:
    """The address our own server wrote, never the greeting that the client chose."""
    mail = b"Received: " + received.encode() + b"\n" + dsn().partition(b"id 4F0bbbBBBBz1\n")[2]
    assert read(mail).client == FROM[received]


def test_a_filter_on_this_host_does_not_hide_who_came() -> None:
    """Behind a content filter the upper field names loopback; the next one is ours as well."""
    filtered = b"Received: from localhost (localhost [127.0.0.1])\n\tby mx1 (Postfix) with ESMTP id 4F0dddDDDDz1\n"
    assert read(filtered + dsn()).client == "203.0.113.5"


def test_everything_is_bounded() -> None:
    """However many recipients and hops, however long the words."""
    many = [recipient(f"b{n}@example.net", reply="550 " + "x" * 9000) for n in range(500)]
    hops = "".join(f"Received: by mx1.example.org id 4F0abcDEFGz{n}\n" for n in range(1000))
    found = read(dsn(*many, about=hops + original()))
    assert len(found.failed) == MOST_FAILED and len(found.hops) <= 30
    assert all(len(failed.reply) <= 300 for failed in found.failed)


def test_control_characters_do_not_survive() -> None:
    """What a terminal would obey is blank."""
    found = read(dsn(recipient("bob@example.net", reply="550 \x1b[31mred\x07\x9b user unknown")))
    assert found.failed[0].reply.isprintable()


def nested(deep: int) -> bytes:
    """Multiparts within each other."""
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(deep)) + dsn()


BOMBS = {
    "deep": nested(20_000),
    "wide": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 200_000,
    "boundaries": b"Content-Type: multipart/mixed; boundary=-\n\n" + b"-" * 1_000_000,
    "prefixes": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--bb\n" * 200_000,
    "parameters": b"Content-Type: multipart/report" + b';a="' * 300_000 + b"\n\n",
    "fields": b"A: b\n" * 200_000,
    "folded": b"A: b\n" + b" x\n" * 300_000,
    "addresses": told("a@b " * 200_000),
    "dots": told("a." * 400_000),
    "lines": told("bob@example.net\n" * 60_000),
    "received": dsn(about="Received: " + "by " * 300_000),
    "charset": b"Content-Type: multipart/mixed; boundary*=nosuch''%ff\n\n--\xff\n",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_do_nothing(bomb: str) -> None:
    """Depth, width, boundaries and words made to be slow: read or not, within half a second of processor time."""
    begun = time.process_time()
    reports.read(BOMBS[bomb])
    assert time.process_time() - begun < 0.5


def test_the_first_parts_are_read_and_no_more() -> None:
    """A mail of thousands of parts has at most a few."""
    assert len(mime.read(BOMBS["wide"])[1]) <= mime.PARTS


def test_damaged_reports_are_read_or_not() -> None:
    """Octets taken out, doubled and exchanged: never an exception (the seed is fixed)."""
    chance = random.Random(20260302)
    samples = [dsn(), arf(who="bob@example.net"), told(QMAIL), told(EXIM), nested(6)]
    for _ in range(1500):
        mail = bytearray(chance.choice(samples))
        for _ in range(chance.randint(1, 8)):
            start, end = sorted(chance.randrange(len(mail) + 1) for _ in range(2))
            kind = chance.randrange(4)
            if kind == 0:
                del mail[start : min(end, start + 40)]
            elif kind == 1:
                mail[start:start] = mail[start : min(end, start + 200)]
            elif kind == 2:
                mail[start:start] = chance.randbytes(chance.randint(1, 8))
            else:
                other = chance.choice(samples)
                mail[start : start + 60] = other[start : start + 60]
        found = reports.read(bytes(mail))
        assert isinstance(found, (str, Report))
