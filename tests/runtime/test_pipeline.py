"""Lines to changes, and what is counted on the way."""

from collections.abc import Sequence

from tests.build import ANN, START, login

from gatepost.core.units import account_subject
from gatepost.detect import BUILT_IN
from gatepost.engine import Engine
from gatepost.enrich.network import Networks
from gatepost.enrich.observe import Observer
from gatepost.enrich.senders import Senders
from gatepost.judge.docket import Change
from gatepost.mta.exim import Exim
from gatepost.mta.thread import Thread
from gatepost.runtime.pipeline import MAX_ALARMS, Feed, Pipeline
from gatepost.runtime.totals import SAMPLES
from gatepost.source.lines import octets
from gatepost.store.memory import Shelf


def house() -> tuple[Pipeline, Feed]:
    """A pipeline with everything that ships, and one log."""
    pipeline = Pipeline(Engine([kind() for kind in BUILT_IN]), Observer(Networks(), Senders(("example.org",))), Shelf())
    return pipeline, Feed("mx1:mainlog", Exim(), Thread("mx1"))


def message(second: int, number: int, result: str = "=>", client: str = "192.0.2.10") -> list[str]:
    """Arrival, outcome and completion of one message of ann's."""
    at, queue_id = f"2026-03-01 10:{second // 60:02d}:{second % 60:02d}", f"1wAA{number:02d}-0001aB-2c"
    reply = (
        ": SMTP error from remote mail server after RCPT TO:<b@example.net>: 550 5.1.1 unknown"
        if result == "**"
        else ""
    )
    return [
        f"{at} {queue_id} <= ann@example.org H=(d.example.org) [{client}] P=esmtpsa X=TLS1.3:x:256 CV=no "
        f"A=plain:ann@example.org S=900 id=x{number}@d.example.org for b@example.net",
        f"{at} {queue_id} {result} b@example.net R=dnslookup T=remote_smtp H=mx.example.net [203.0.113.1]{reply}",
        f"{at} {queue_id} Completed",
    ]


def read(pipeline: Pipeline, feed: Feed, lines: Sequence[str], size: int = 1000) -> list[Change]:
    """Read lines in blocks."""
    changes, offset = list[Change](), 0
    for first in range(0, len(lines), size):
        block = lines[first : first + size]
        changes += pipeline.read(feed, 0, offset, block)
        offset += octets(block)
    return changes


def test_everything_read_is_counted() -> None:
    """Lines by kind, reasons with samples, and the span of time."""
    pipeline, feed = house()
    lines = [*message(0, 1), *["garbage \udcff"] * 5, "2026-03-01 10:00:09 Start queue run: pid=12", *message(20, 2)]
    read(pipeline, feed, lines)
    totals = pipeline.totals
    assert totals.lines == len(lines) == sum(totals.kinds.values())
    assert (totals.kinds["submission"], totals.kinds["delivery"], totals.kinds["part"]) == (2, 2, 2)
    assert sum(totals.unread.values()) + sum(totals.ignored.values()) == 6
    assert all(len(samples) <= SAMPLES for samples in totals.samples.values())
    assert totals.last - totals.first == 20


def test_blocks_make_no_difference() -> None:
    """However a log is cut, events have the same places and pages are the same."""
    lines = [line for number in range(12) for line in message(7 * number, number, "**", f"198.{number}.7.9")]
    lines[5:5] = ["n\xf6ise", "\udcff"]
    told = []
    for size in (1, 2, 7, 1000):
        pipeline, feed = house()
        changes = read(pipeline, feed, lines, size)
        page = pipeline.shelf.peek(account_subject(ANN))
        assert page is not None
        told.append((changes, page.applied, page.standing))
    assert told[0][0]
    assert all(one == told[0] for one in told)


def test_a_block_read_twice_is_read_once() -> None:
    """Lines before the page's own place are no-ops, so re-reading after a crash doubles nothing."""
    pipeline, feed = house()
    lines = [line for number in range(10) for line in message(7 * number, number, "**", f"198.{number}.7.9")]
    read(pipeline, feed, lines)
    page = pipeline.shelf.peek(account_subject(ANN))
    assert page is not None
    rings = page.rings.kept()
    assert read(pipeline, Feed("mx1:mainlog", Exim(), Thread("mx1")), lines) == []
    assert page.rings.kept() == rings


def test_failed_logins_of_strangers_make_no_page() -> None:
    """Names that guessers invent fill no memory; they are counted."""
    pipeline, _ = house()
    for number in range(5):
        assert pipeline.take(login(START + number, "203.0.113.5", ok=False).event) == ()
    assert pipeline.totals.strangers == 5
    assert pipeline.shelf.peek(account_subject(ANN)) is None


def test_a_warning_ends_when_time_has_passed_it() -> None:
    """Without another line of the account, `advance` ends what ends by itself, at its own time."""
    pipeline, feed = house()
    lines = [line for number in range(12) for line in message(7 * number, number, "**", f"198.{number}.7.9")]
    before = read(pipeline, feed, lines)
    page = pipeline.shelf.peek(account_subject(ANN))
    assert page is not None and before
    ends = max(proof.until for proof in page.standing.values())
    assert pipeline.advance(min(proof.until for proof in page.standing.values()) - 1) == []
    changes = pipeline.advance(ends + 10_000)
    assert all(change.at <= ends for change in changes)
    assert not page.standing


def tampered(number: int, client: str) -> str:
    """A line that could name two clients and two accounts."""
    at = f"2026-03-02 {10 + number // 3600:02d}:{number // 60 % 60:02d}:{number % 60:02d}"
    forged = "x) [198.51.100.1] P=esmtpa A=plain:victim@example.org:"
    return f"{at} 1w{number:04d}-0001aB-2c <= eve@example.net H=({forged}) [{client}] P=esmtp S=400 id=a@b"


def test_alarms_are_bounded_though_nobody_takes_them() -> None:
    """A replay tells none: one for each client and hour is kept, and a thousand in all, whatever strangers write."""
    pipeline, feed = house()
    read(pipeline, feed, [tampered(number, "203.0.113.9") for number in range(50)])
    assert pipeline.totals.unread == {"tampered": 50}
    assert {alarm.client for alarm in pipeline.alarms} == {"198.51.100.1", "203.0.113.9"} and len(pipeline.alarms) == 2
    read(pipeline, feed, [tampered(number, f"203.0.{number // 250}.{number % 250}") for number in range(100, 1400)])
    assert len(pipeline.alarms) == MAX_ALARMS
    assert len(pipeline.take_alarms()) == MAX_ALARMS
    read(pipeline, feed, [tampered(1500, "203.0.113.9")])
    assert len(pipeline.take_alarms()) == 2
