"""What gatepost counts in a Postfix log is what pflogsumm counts."""

import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from bench.peers import Missing, pflogsumm
from tests.mta.corpus import WRITTEN

from gatepost.mta import DIALECTS

REMOTE = "relay=mx.example.net[198.51.100.25]:25, delay=0.4, delays=0.1/0/0.2/0.1"
OK = f"{REMOTE}, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 9C1A22A26A)"
UNKNOWN = f"{REMOTE}, dsn=5.1.1, status=bounced (host mx.example.net[198.51.100.25] said: 550 5.1.1 unknown)"
LATER = f"{REMOTE}, dsn=4.2.0, status=deferred (host mx.example.net[198.51.100.25] said: 450 4.2.0 later)"
HERE = "relay=virtual, delay=0.1, delays=0.05/0.01/0/0.04, dsn=2.0.0, status=sent (delivered to maildir)"

TOTALS = {"received": 5, "delivered": 6, "deferred": 2, "bounced": 2, "rejected": 2}
"""pflogsumm 1.1.5 of Debian 12 on this log: "Grand Totals", messages."""


def day() -> list[str]:
    """A morning without filters: mail out, in, from a local user, a notification, refusals."""
    texts = [
        ("smtpd", "A1: client=unknown[192.0.2.7], sasl_method=PLAIN, sasl_username=ann@example.org"),
        ("cleanup", "A1: message-id=<1@laptop>"),
        ("qmgr", "A1: from=<ann@example.org>, size=1000, nrcpt=4 (queue active)"),
        ("smtp", f"A1: to=<bob@example.net>, {OK}"),
        ("smtp", f"A1: to=<eve@example.net>, {LATER}"),
        ("smtp", f"A1: to=<joe@example.net>, {LATER}"),
        ("smtp", f"A1: to=<nobody@example.net>, {UNKNOWN}"),
        ("cleanup", "A2: message-id=<2@mx1>"),
        ("qmgr", "A2: from=<>, size=3000, nrcpt=1 (queue active)"),
        ("bounce", "A1: sender non-delivery notification: A2"),
        ("virtual", f"A2: to=<ann@example.org>, {HERE}"),
        ("qmgr", "A2: removed"),
        ("qmgr", "A1: from=<ann@example.org>, size=1000, nrcpt=4 (queue active)"),
        ("smtp", f"A1: to=<eve@example.net>, {LATER}"),
        ("smtp", f"A1: to=<joe@example.net>, {OK}"),
        ("qmgr", "A1: from=<ann@example.org>, size=1000, nrcpt=4 (queue active)"),
        ("smtp", f"A1: to=<eve@example.net>, {OK}"),
        ("qmgr", "A1: removed"),
        ("smtpd", "A3: client=mail.example.net[198.51.100.25]"),
        ("cleanup", "A3: message-id=<3@mail.example.net>"),
        ("qmgr", "A3: from=<bob@example.net>, size=2000, nrcpt=1 (queue active)"),
        ("virtual", f"A3: to=<ann@example.org>, {HERE}"),
        ("qmgr", "A3: removed"),
        ("pickup", "A4: uid=33 from=<www-data>"),
        ("cleanup", "A4: message-id=<4@mx1>"),
        ("qmgr", "A4: from=<www-data@example.org>, size=500, nrcpt=1 (queue active)"),
        ("smtp", f"A4: to=<shop@example.net>, {UNKNOWN}"),
        ("qmgr", "A4: removed"),
        ("smtpd", "A5: client=unknown[192.0.2.8], sasl_method=LOGIN, sasl_username=bob@example.org"),
        ("cleanup", "A5: message-id=<5@laptop>"),
        ("qmgr", "A5: from=<bob@example.org>, size=700, nrcpt=1 (queue active)"),
        ("smtp", f"A5: to=<bob@example.net>, {LATER}"),
        ("smtpd", "A6: client=unknown[192.0.2.8], sasl_method=LOGIN, sasl_username=bob@example.org"),
        ("cleanup", "A6: message-id=<6@laptop>"),
        ("qmgr", "A6: from=<bob@example.org>, size=700, nrcpt=1 (queue active)"),
        ("smtp", f"A6: to=<bob@example.net>, orig_to=<b@example.org>, {OK}"),
        ("qmgr", "A6: removed"),
        ("smtpd", "NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 550 5.1.1 <x@example.org>: Recipient address "
         "rejected: User unknown; from=<a@example.net> to=<x@example.org> proto=ESMTP helo=<x>"),
        ("smtpd", "NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 554 5.7.1 <b@example.net>: Relay access denied; "
         "from=<a@example.net> to=<b@example.net> proto=ESMTP helo=<x>"),
    ]  # fmt: skip
    named = [(server, re.sub(r"\bA([1-6])(?=:|\Z)", r"225C022A26\1", text)) for server, text in texts]
    return [
        f"Mar  2 10:{number:02d}:00 mx1 postfix/{server}[{number}]: {text}"
        for number, (server, text) in enumerate(named)
    ]


def test_the_totals_are_those_of_pflogsumm() -> None:
    """Messages received, delivered, put off, failed and refused, by kind of line."""
    read = DIALECTS["postfix"](reference=WRITTEN).read
    records = [read(line) for line in day()]
    found = Counter(record.result for record in records if record.kind == "delivery")
    deferred = {record.queue_id for record in records if record.result == "deferred"}
    assert {
        "received": sum(record.part in {"opened", "local"} for record in records),
        "delivered": found["delivered"],
        "deferred": len(deferred),
        "bounced": found["bounced"],
        "rejected": found["refused"],
    } == TOTALS


def test_pflogsumm_says_so(tmp_path: Path) -> None:
    """The totals written down here are the program's own."""
    try:
        command = pflogsumm()
    except Missing as missing:
        pytest.skip(str(missing))
    log = tmp_path / "mail.log"
    log.write_text("".join(f"{line}\n" for line in day()))
    said = subprocess.run([*command, str(log)], capture_output=True, text=True, check=True).stdout
    for name, number in TOTALS.items():
        assert re.search(rf"^ +{number} +{name}\b", said, re.M), said[:800]
