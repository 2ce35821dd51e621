"""One account is one page, whichever mail server wrote its name, and however (contracts 16)."""

from collections.abc import Iterator

import pytest
from tests.mta.corpus import CORPUS, WRITTEN, names, pairs

from gatepost.core.accounts import Accounts, settled
from gatepost.core.events import Cursor
from gatepost.mta import DIALECTS
from gatepost.mta.base import Record
from gatepost.mta.thread import Thread

ANN = "ann@example.org"
_ALIASES = settled([("asmith", "ann"), ("@mail.example.org", "@example.org")], "example.org").aliases
ACCOUNTS = Accounts("example.org", "+", _ALIASES)
SPELLINGS = ("ANN@example.org", "Ann@EXAMPLE.ORG", "ann", "ann+phone@example.org", "asmith", "ann@mail.example.org")
OTHERS = ("anna@example.org", "nn@example.org", "ann@example.org.example.net", "ann-phone@example.org")
SERVERS = sorted(path.name for path in CORPUS.iterdir() if path.is_dir())


def records(server: str, line: str) -> Iterator[Record]:
    """Everything a line states."""
    record: Record | None = DIALECTS[server](reference=WRITTEN).read(line)
    while record is not None:
        yield record
        record = record.also


def lines(server: str) -> list[str]:
    """Lines of a corpus that name ann's login once, and are read as hers by themselves."""
    found = [line for name in names(server) for line, _ in pairs(server, name) if line.count(ANN) == 1]
    return [line for line in found if any(record.account == ANN for record in records(server, line))]


def charged(server: str, line: str) -> set[str]:
    """Whose events come of one line."""
    thread = Thread("mx1", accounts=ACCOUNTS)
    events = [event for record in records(server, line) for event in thread.feed(record, Cursor("log", 0, 0))]
    return {str(event.account) for event in events} - {""}


@pytest.mark.parametrize("server", SERVERS)
def test_every_dialect_names_one_account(server: str) -> None:
    """Each spelling in each line is charged to the account that the plain login is charged to."""
    told = [line for line in lines(server) if charged(server, line) == {ANN}]
    assert told, f"no line of {server} charges a login"
    for spelling in SPELLINGS:
        written = [line.replace(ANN, spelling) for line in told]
        read = [line for line in written if any(record.account == spelling for record in records(server, line))]
        assert read, f"no line of {server} can name {spelling}"
        for line in read:
            assert charged(server, line) == {ANN}, line


@pytest.mark.parametrize("server", SERVERS)
def test_no_dialect_merges_what_looks_alike(server: str) -> None:
    """A login that nobody made equal is never charged to the account it resembles."""
    for line in lines(server):
        for other in OTHERS:
            assert ANN not in charged(server, line.replace(ANN, other)), line
