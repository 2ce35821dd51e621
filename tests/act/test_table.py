"""The deny table as a whole."""

import asyncio
import os
import stat
from pathlib import Path

import pytest
from tests.act.book import Book, incident, order, target
from tests.act.carrier import Carrier

from gatepost.act.keys import Format
from gatepost.act.table import Table
from gatepost.core.errors import ActionError


def made(place: Path, form: Format, **more: object) -> tuple[Carrier, Path]:
    """A table in a folder, its journal, and its path."""
    path = place / "deny"
    if form == "dsearch":
        path.mkdir(exist_ok=True)
    book = Book()
    return Carrier(Table(book, path=path, format=form, **more), book), path  # type: ignore[arg-type]


def content(path: Path) -> dict[str, str]:
    """What is in a table: lines or files, and the text of each."""
    if path.is_dir():
        return {file.name: file.read_text().strip() for file in path.iterdir()}
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    return {line.rpartition(": ")[0].strip('"'): line.rpartition(": ")[2] for line in lines}


FORMS = pytest.mark.parametrize("form", ["lsearch", "dsearch"])


@FORMS
def test_an_order_puts_every_spelling_in_and_a_release_takes_it_out(form: Format, tmp_path: Path) -> None:
    """After a block the table names every spelling with its incident; after the release it is empty."""
    carrier, path = made(tmp_path, form)
    asyncio.run(carrier.stop("ann@example.org", "Ann@example.org", "ann"))
    assert content(path) == {"ann": "ann@example.org#1", "ann@example.org": "ann@example.org#1"}
    asyncio.run(carrier.release("ann@example.org"))
    assert content(path) == {}


@FORMS
def test_ensuring_twice_touches_nothing(form: Format, tmp_path: Path) -> None:
    """A table that is right already is not written again."""
    carrier, path = made(tmp_path, form)
    asyncio.run(carrier.stop("ann@example.org"))
    place = path / "ann@example.org" if form == "dsearch" else path
    before = place.stat()
    assert "already in" in asyncio.run(carrier.stop("ann@example.org"))
    assert (place.stat().st_ino, place.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@FORMS
def test_a_release_leaves_what_another_incident_denies(form: Format, tmp_path: Path) -> None:
    """A login that two incidents deny stays denied until both are released."""
    carrier, path = made(tmp_path, form)
    asyncio.run(carrier.stop("ann@example.org", "office"))
    asyncio.run(carrier.stop("bob@example.org", "office"))
    asyncio.run(carrier.release("ann@example.org"))
    assert set(content(path)) == {"bob@example.org", "office"}


@FORMS
def test_undoing_what_is_not_there_is_success(form: Format, tmp_path: Path) -> None:
    """A release without an entry changes nothing and says so."""
    carrier, path = made(tmp_path, form)
    about = incident()
    note = asyncio.run(carrier.action.undo(order(about, "released"), target(about), ""))
    assert "not in" in note
    assert content(path) == {} if path.exists() else True


@FORMS
def test_entries_of_a_lost_state_are_kept_and_named(form: Format, tmp_path: Path) -> None:
    """With an empty journal the table keeps its entries, names them, and goes on working."""
    carrier, path = made(tmp_path, form)
    asyncio.run(carrier.stop("ann@example.org"))
    again, _ = made(tmp_path, form)
    asyncio.run(again.stop("bob@example.org"))
    assert set(content(path)) == {"ann@example.org", "bob@example.org"}
    assert isinstance(again.action, Table)
    assert again.action.kept() == ["ann@example.org"]


@FORMS
def test_an_entry_whose_incident_was_released_is_dropped_by_the_next_order(form: Format, tmp_path: Path) -> None:
    """An old table restored from a backup mends itself: what the journal undid does not come back."""
    carrier, path = made(tmp_path, form)
    asyncio.run(carrier.stop("ann@example.org"))
    saved = (path / "ann@example.org").read_bytes() if form == "dsearch" else path.read_bytes()
    asyncio.run(carrier.release("ann@example.org"))
    (path / "ann@example.org" if form == "dsearch" else path).write_bytes(saved)
    asyncio.run(carrier.stop("bob@example.org"))
    assert set(content(path)) == {"bob@example.org"}


@FORMS
def test_mode_is_as_configured_and_mended(form: Format, tmp_path: Path) -> None:
    """The files have the mode of the configuration, also when somebody changed it."""
    carrier, path = made(tmp_path, form, mode=0o644)
    asyncio.run(carrier.stop("ann@example.org"))
    place = path / "ann@example.org" if form == "dsearch" else path
    assert stat.S_IMODE(place.stat().st_mode) == 0o644
    place.chmod(0o600)
    asyncio.run(carrier.stop("ann@example.org"))
    assert stat.S_IMODE(place.stat().st_mode) == 0o644


@FORMS
def test_a_missing_folder_is_an_error_with_path_and_remedy(form: Format, tmp_path: Path) -> None:
    """Without its folder the order fails, may be tried again, and the message says where and what to do."""
    path = tmp_path / "not there" / "deny"
    book = Book()
    carrier = Carrier(Table(book, path=path, format=form), book)
    with pytest.raises(ActionError, match=r"not there/deny.*create it") as caught:
        asyncio.run(carrier.stop("ann@example.org"))
    assert caught.value.retry


@FORMS
def test_an_unknown_owner_is_an_error_and_leaves_no_part(form: Format, tmp_path: Path) -> None:
    """A user that does not exist is named, and no temporary file stays."""
    carrier, _ = made(tmp_path, form, owner="nobody-of-that-name")
    with pytest.raises(ActionError, match="no user 'nobody-of-that-name'"):
        asyncio.run(carrier.stop("ann@example.org"))
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]


def test_a_full_disk_is_an_error_that_is_tried_again(tmp_path: Path) -> None:
    """When the disk is full the message says so, names the path, and the old table stays whole."""
    carrier, path = made(tmp_path, "lsearch")
    asyncio.run(carrier.stop("ann@example.org"))
    before = path.read_bytes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", _no_space)
        with pytest.raises(ActionError, match="disk is full") as caught:
            asyncio.run(carrier.stop("bob@example.org"))
    assert caught.value.retry
    assert str(path) in str(caught.value)
    assert path.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["deny"]


def _no_space(_: int) -> None:
    raise OSError(28, "No space left on device")


def test_a_file_that_is_not_ours_is_never_overwritten(tmp_path: Path) -> None:
    """A path that holds somebody else's file is an error, and the file stays as it is."""
    carrier, path = made(tmp_path, "lsearch")
    path.write_text("root:x:0:0\n")
    with pytest.raises(ActionError, match="was not written by gatepost"):
        asyncio.run(carrier.stop("ann@example.org"))
    assert path.read_text() == "root:x:0:0\n"


def test_files_that_are_not_ours_stay_untouched_in_the_folder(tmp_path: Path) -> None:
    """A dsearch folder may hold other files and folders; they keep their content and mode."""
    carrier, path = made(tmp_path, "dsearch")
    (path / "README").write_text("two\nlines\n")
    (path / ".hidden").write_text("x")
    (path / "sub").mkdir()
    asyncio.run(carrier.stop("ann@example.org"))
    asyncio.run(carrier.release("ann@example.org"))
    assert (path / "README").read_text() == "two\nlines\n"
    assert sorted(file.name for file in path.iterdir()) == [".hidden", "README", "sub"]


def test_the_part_of_a_crash_is_swept_away(tmp_path: Path) -> None:
    """A temporary file that a crash left behind is gone after the next order."""
    carrier, path = made(tmp_path, "dsearch")
    (path / ".gatepost-part-1").write_text("half")
    asyncio.run(carrier.stop("ann@example.org"))
    assert set(content(path)) == {"ann@example.org"}


def test_orders_at_once_do_not_lose_each_other(tmp_path: Path) -> None:
    """Thirty orders carried out at the same time are all in the table."""
    carrier, path = made(tmp_path, "lsearch")
    names = {f"u{number}@example.org" for number in range(30)}

    async def all_at_once() -> None:
        await asyncio.gather(*(carrier.stop(name) for name in names))

    asyncio.run(all_at_once())
    assert set(content(path)) == names


def test_an_undo_record_that_is_none_is_an_error(tmp_path: Path) -> None:
    """A journal that cannot be read never empties the table."""
    carrier, path = made(tmp_path, "lsearch")
    asyncio.run(carrier.stop("ann@example.org"))
    before = path.read_bytes()
    about = incident("bob@example.org")
    carrier.book.claim(order(about), carrier.action.name, "garbage", about.opened)
    with pytest.raises(ActionError, match="restore the state"):
        asyncio.run(carrier.stop("cid@example.org"))
    assert path.read_bytes() == before
