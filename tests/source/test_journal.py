"""The journal, read by a real journalctl from a real journal file: the mail server's own records, each once."""

import asyncio
import contextlib
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.source.journalled import LINES, START, unpacked

from gatepost.core.ports import Position
from gatepost.source import journal
from gatepost.source.given import Lines
from gatepost.source.journal import Chosen, Journal
from gatepost.source.lines import length
from gatepost.wire.syslog import read_header

CHOSEN = Chosen("mx1", frozenset({"postfix@-.service"}), frozenset({0, 89}))
JSON = st.recursive(st.none() | st.integers() | st.text(max_size=20), lambda inner: st.lists(inner, max_size=4))
NAMES = st.sampled_from([*journal.FIELDS.split(","), "__CURSOR", "__REALTIME_TIMESTAMP"])


@pytest.fixture
def place(tmp_path: Path) -> str:
    """A real journal file."""
    if shutil.which("journalctl") is None:
        pytest.skip("journalctl is not installed")
    return str(unpacked(tmp_path))


async def follow(read: Journal) -> list[Lines]:
    """Everything that is there."""
    found: list[Lines] = []

    async def take() -> None:
        async for lines in read.lines():
            found.append(lines)

    task = asyncio.create_task(take())
    async with asyncio.timeout(30):
        while not read.at_end and not task.done():
            await asyncio.sleep(0.01)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    return found


def lines(found: list[Lines]) -> list[str]:
    """Their text."""
    return [line for part in found for line in part.lines]


def test_only_the_mail_servers_own_records_are_read(place: str) -> None:
    """Not those of a user whose program runs in its unit, of another unit, or of what it prints; one line each."""
    read = Journal(CHOSEN, place, learn_since=0.0)
    found = asyncio.run(follow(read))
    assert lines(found) == LINES
    assert read.position.offset == sum(map(length, LINES)) and read.touched == START + 7


def test_reading_goes_on_behind_the_cursor(place: str) -> None:
    """Cut after any record: the same lines at the same places, none twice."""
    whole = asyncio.run(follow(Journal(CHOSEN, place, learn_since=0.0)))
    at = [(one.offset, one.lines[0]) for part in whole for one in part.singly()]
    first = Journal(CHOSEN, place, learn_since=0.0)
    records = _records(place)
    for cut in range(1, len(records) + 1):
        first.position = Position(1)
        before = first._taken(records[:cut])
        assert before is not None
        second = Journal(CHOSEN, place, before.position)
        behind = asyncio.run(follow(second))
        assert second.gaps == 0
        assert [(one.offset, one.lines[0]) for part in (before, *behind) if part.lines for one in part.singly()] == at


def _records(place: str) -> list[Any]:
    """Every record of the file."""
    seen: list[Any] = []

    class All(Journal):
        def _taken(self, records: Any) -> None:
            seen.extend(records)

    asyncio.run(follow(All(CHOSEN, place, learn_since=0.0)))
    return seen


def test_a_cursor_that_is_gone_is_a_gap(place: str) -> None:
    """The journal was cleaned further than it had been read: said, and the rest is read."""
    read = Journal(CHOSEN, place, learn_since=0.0)
    asyncio.run(follow(read))
    gone = re.sub(rb"i=[0-9a-f]+;(.*);x=[0-9a-f]+", rb"i=0;\1;x=1", read.position.head)
    second = Journal(CHOSEN, place, replace(read.position, head=gone))
    assert lines(asyncio.run(follow(second))) == LINES
    assert second.gaps == 1 and second.position.offset == 2 * read.position.offset


def test_a_journalctl_that_ends_says_how_to_try_it_by_hand(place: str) -> None:
    """A cursor it does not understand, as an example."""
    read = Journal(CHOSEN, place, Position(1, head=b"nonsense"))
    with pytest.raises(OSError, match="try it by hand: journalctl"):
        asyncio.run(_once(read))


async def _once(read: Journal) -> None:
    async for _ in read.lines():
        pass


def test_the_very_first_start_without_learning_reads_nothing_old(place: str) -> None:
    """learn = "0s": only what comes."""
    assert asyncio.run(follow(Journal(CHOSEN, place))) == []


@given(st.dictionaries(NAMES, JSON, max_size=9))
def test_no_record_makes_it_raise_or_breaks_a_line(record: dict[str, Any]) -> None:
    """Whatever stands in fields that a client can write: one line, with the host that we gave."""
    ours = {"_UID": "0", "_SYSTEMD_UNIT": "postfix@-.service", "_TRANSPORT": "syslog"}
    for one in (record, record | ours, ours | {"MESSAGE": "x"} | record):
        line = CHOSEN.line(one)
        if line is not None:
            header = read_header(line)
            assert not set(line) & set("\n\r\0")
            assert header is not None and header.host == "mx1"
