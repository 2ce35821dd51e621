"""Pages rest squeezed in the state file."""

import sqlite3
from pathlib import Path

import pytest
import zstandard

from gatepost.core.units import Subject
from gatepost.ledger.page import Page, encode
from gatepost.store.file import PAGE
from gatepost.store.sqlite import Sqlite
from gatepost.store.squeezed import squeeze, whole

ANN = Subject("account:ann@example.org")


@pytest.mark.parametrize("data", [b"", b"page", bytes(range(256)) * 300, encode(Page(subject=ANN))])
def test_what_is_squeezed_comes_back(data: bytes) -> None:
    """Whatever bytes a page has."""
    assert whole(squeeze(data)) == data


def test_what_was_never_squeezed_is_read_as_it_is() -> None:
    """A state file of an earlier gatepost holds pages as they are."""
    data = encode(Page(subject=ANN))
    assert whole(data) == data


def test_broken_bytes_are_an_error() -> None:
    """Half a page is no page."""
    with pytest.raises(zstandard.ZstdError):
        whole(squeeze(bytes(range(256)) * 300)[:40])


def test_a_new_file_is_written_in_small_pieces(tmp_path: Path) -> None:
    """What changes of one account costs a small page of SQLite, and what rests there is squeezed."""
    data = encode(Page(subject=ANN, spellings={"ann@example.org" * 9: 1.0, "ann" * 40: 2.0}))
    path = tmp_path / "state.db"
    with Sqlite.open(path) as store:
        store.save([(ANN, data)])
        assert store.load(ANN) == data
    with sqlite3.connect(path) as file:
        assert file.execute("PRAGMA page_size").fetchone() == (PAGE,)
        assert len(file.execute("SELECT data FROM pages").fetchone()[0]) < len(data)


def test_a_rewritten_page_stays_as_old_as_it_was(tmp_path: Path) -> None:
    """Deleting addresses from it is no sign of life of an account."""
    with Sqlite.open(tmp_path / "state.db") as store:
        store.save([(ANN, b"before")])
        before = store.run("SELECT touched FROM pages").fetchone()
        store.clock = type(store.clock)(5.0)
        store.rewrite(ANN, b"after")
        assert store.load(ANN) == b"after"
        assert store.run("SELECT touched FROM pages").fetchone() == before
