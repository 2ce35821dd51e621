"""What gatepost counts in made logs is what eximstats and pflogsumm count, message for message."""

import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest
from bench import joined, peers, traffic
from tests.mta.corpus import WRITTEN

from gatepost.mta import DIALECTS
from gatepost.mta.base import Record

LINES = 12_000


def made(server: str, seed: int, path: Path) -> list[Record]:
    """A made log, and each of its lines read."""
    with path.open("w") as out:
        traffic.write(
            out, seed=seed, accounts=80, days=2, lines=LINES, lists=2, attacks=("blast", "botnet"), short_ids=True,
            server="postfix" if server == "postfix" else "exim",
        )  # fmt: skip
    read = DIALECTS[server](reference=WRITTEN).read
    return [read(line) for line in path.read_text().splitlines()]


def said(command: Callable[[], list[str]], *arguments: str) -> str:
    """What a program says of a log; the test is skipped with the reason when the program cannot be had."""
    try:
        run = command()
    except peers.Missing as missing:
        pytest.skip(str(missing))
    return subprocess.run([*run, *arguments], capture_output=True, text=True, check=True, timeout=120).stdout


def messages(records: Iterable[Record], result: str) -> int:
    """Messages with at least one recipient of this outcome."""
    return len({record.queue_id for record in records if record.result == result})


def number(text: str, pattern: str) -> list[int]:
    """The numbers a program prints in one place."""
    found = re.search(pattern, text, re.MULTILINE)
    assert found is not None, text[:1500]
    return [int(group) for group in found.groups()]


def results(records: Sequence[Record]) -> Counter[str]:
    """Outcomes by kind, of recipients."""
    return Counter(record.result for record in records if record.kind == "delivery" and record.result)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_exim_logs_totals_are_those_of_eximstats(seed: int, tmp_path: Path) -> None:
    """Messages received, recipients delivered, messages put off and failed, recipients refused."""
    records = made("exim", seed, tmp_path / "mainlog")
    text = said(peers.eximstats, "-nr", "-nt", str(tmp_path / "mainlog"))
    assert number(text, r"^  Received +\S+ +(\d+) +\d+ +(\d+) +[\d.]+% +(\d+) +[\d.]+%$") == [
        sum(record.kind == "submission" or record.part in {"received", "local"} for record in records),
        messages(records, "deferred"),
        messages(records, "bounced"),
    ]
    assert number(text, r"^  Delivered +\S+ +\d+ +(\d+)") == [results(records)["delivered"]]
    assert number(text, r"^  Rejects +(\d+)") == [results(records)["refused"]]
    assert min(results(records)[each] for each in ("delivered", "deferred", "bounced", "refused")) > 10


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_postfix_logs_totals_are_those_of_pflogsumm(seed: int, tmp_path: Path) -> None:
    """Messages received, recipients delivered, messages put off and how often, recipients failed and refused."""
    records = made("postfix", seed, tmp_path / "mail.log")
    text = said(peers.pflogsumm, str(tmp_path / "mail.log"))
    found = results(records)
    assert number(text, r"^ +(\d+) +received$") == [sum(record.part in {"opened", "local"} for record in records)]
    assert number(text, r"^ +(\d+) +delivered$") == [found["delivered"]]
    assert number(text, r"^ +(\d+) +deferred +\((\d+) +deferrals\)$") == [
        messages(records, "deferred"),
        found["deferred"],
    ]
    assert number(text, r"^ +(\d+) +bounced$") == [found["bounced"]]
    assert number(text, r"^ +(\d+) +rejected\b") == [found["refused"]]
    assert min(found[each] for each in ("delivered", "deferred", "bounced", "refused")) > 10


@pytest.mark.parametrize("server", ["exim", "postfix"])
def test_every_made_line_is_read_or_of_no_interest(server: str, tmp_path: Path) -> None:
    """No line of a made log is unread: what the other program counts, gatepost saw."""
    assert [record.why for record in made(server, 4, tmp_path / "log") if record.kind == "unread"] == []


@pytest.mark.parametrize("server", ["exim", "postfix"])
def test_reading_alone_finds_every_submission_with_its_outcomes(server: str, tmp_path: Path) -> None:
    """What `python -m bench.joined` counts is what was written: it is timed beside programs that count."""
    path = tmp_path / "log"
    records = made(server, 5, path)
    found = joined.counted(str(path))
    submitted = {record.queue_id for record in records if record.kind == "submission"}
    assert found["submission"] == len(submitted) > 100
    assert found["bounced"] == sum(record.result == "bounced" and record.queue_id in submitted for record in records)
