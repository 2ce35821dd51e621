"""Deny tables for Postfix and Dovecot, without a server: a stand-in for postmap copies the text."""

import asyncio
import os
from pathlib import Path

import pytest
from tests.act.book import Book
from tests.act.carrier import Carrier

from gatepost.act.durable import Owner
from gatepost.act.formats import form_of
from gatepost.act.keys import Format
from gatepost.act.listed import Listed
from gatepost.act.table import Table
from gatepost.core.errors import ActionError

MAPS = pytest.mark.parametrize(("form", "suffix"), [("hash", ".db"), ("lmdb", ".lmdb"), ("cdb", ".cdb")])
SAID = "[gatepost] stopped"


@pytest.fixture
def postmap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The stand-in; returns its place."""
    (tmp_path / "bin").mkdir()
    place = tmp_path / "bin/postmap"
    place.write_text(
        "#!/bin/sh\nkind=${1%%:*}; file=${1#*:}\n"
        'case $kind in hash) end=db ;; *) end=$kind ;; esac\ncp "$file" "$file.$end"\n'
    )
    place.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    return place


def made(place: Path, form: Format, book: Book | None = None) -> tuple[Carrier, Path]:
    """A table and its path."""
    book, folder = book or Book(), place / "table"
    folder.mkdir(exist_ok=True)
    path = folder / "deny"
    return Carrier(Table(book, path=path, format=form, deny=SAID, services=("smtp", "sieve")), book), path


@MAPS
@pytest.mark.usefixtures("postmap")
def test_text_and_database_say_the_same(form: Format, suffix: str, tmp_path: Path) -> None:
    """After every order the database was made of the text that stands beside it, and no part is left."""
    carrier, path = made(tmp_path, form)
    asyncio.run(carrier.stop("ann@example.org", "Ann@example.org", "ann"))
    expected = "#= ann@example.org#1\nann REJECT 5.7.1 [gatepost] stopped\n"
    assert expected in path.read_text()
    assert path.with_name("deny" + suffix).read_bytes() == path.read_bytes()
    asyncio.run(carrier.release("ann@example.org"))
    assert "REJECT" not in path.read_text()
    assert path.with_name("deny" + suffix).read_bytes() == path.read_bytes()
    assert sorted(file.name for file in path.parent.iterdir()) == ["deny", "deny" + suffix]


@pytest.mark.usefixtures("postmap")
def test_a_lost_database_is_built_again(tmp_path: Path) -> None:
    """A text that is right is not enough: Postfix refuses all mail without the database."""
    carrier, path = made(tmp_path, "hash")
    asyncio.run(carrier.stop("ann@example.org"))
    path.with_name("deny.db").unlink()
    asyncio.run(carrier.stop("ann@example.org"))
    assert path.with_name("deny.db").exists()
    before = path.with_name("deny.db").stat().st_ino
    assert "already in" in asyncio.run(carrier.stop("ann@example.org"))
    assert path.with_name("deny.db").stat().st_ino == before


def test_a_postmap_that_fails_changes_nothing(postmap: Path, tmp_path: Path) -> None:
    """What postmap says is told, the old table stays whole, and the order is tried again."""
    carrier, path = made(tmp_path, "lmdb")
    asyncio.run(carrier.stop("ann@example.org"))
    before = path.read_bytes()
    postmap.write_text("#!/bin/sh\necho 'fatal: unsupported dictionary type: lmdb' >&2; exit 1\n")
    with pytest.raises(ActionError, match=r"unsupported dictionary type: lmdb.*by hand") as caught:
        asyncio.run(carrier.stop("bob@example.org"))
    assert caught.value.retry
    assert path.read_bytes() == path.with_name("deny.lmdb").read_bytes() == before
    assert sorted(file.name for file in path.parent.iterdir()) == ["deny", "deny.lmdb"]


def test_without_postmap_the_operator_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host without Postfix cannot have such a table."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("gatepost.act.mapped._FOLDERS", str(tmp_path))
    with pytest.raises(ActionError, match="postmap was not found: install Postfix"):
        asyncio.run(made(tmp_path, "hash")[0].stop("ann@example.org"))


def test_every_service_has_the_same_file(tmp_path: Path) -> None:
    """Bare names in a file for each service; a file that was lost comes back with the next order."""
    carrier, path = made(tmp_path, "passwd-file")
    asyncio.run(carrier.stop("ann@example.org"))
    smtp, sieve = path.with_name("deny.smtp"), path.with_name("deny.sieve")
    assert smtp.read_text().endswith("#= ann@example.org#1\nann@example.org\n")
    assert sieve.read_bytes() == smtp.read_bytes()
    sieve.unlink()
    form = form_of("passwd-file", path, Owner(), services=("smtp", "sieve"))
    assert isinstance(form, Listed)
    assert not form.everywhere()
    asyncio.run(carrier.stop("ann@example.org"))
    assert form.everywhere() == {"ann@example.org": "ann@example.org#1"}


def test_a_change_is_always_a_second_younger(tmp_path: Path) -> None:
    """Dovecot overlooks a change of the same length within a second, so the files' times differ by whole seconds."""
    carrier, path = made(tmp_path, "passwd-file")
    asyncio.run(carrier.stop("ann@example.org"))
    os.utime(path.with_name("deny.smtp"), (4e9, 4e9))
    asyncio.run(carrier.release("ann@example.org"))
    asyncio.run(carrier.stop("bob@example.org"))
    assert path.with_name("deny.smtp").stat().st_mtime == 4e9 + 2


@pytest.mark.usefixtures("postmap")
@pytest.mark.parametrize("form", ["hash", "passwd-file"])
def test_entries_of_a_lost_state_and_added_ones_are_kept(form: Format, tmp_path: Path) -> None:
    """With an empty journal the table keeps its entries, and what somebody wrote into it."""
    carrier, path = made(tmp_path, form)
    asyncio.run(carrier.stop("ann@example.org"))
    first = path.with_name("deny.smtp") if form == "passwd-file" else path
    with first.open("a") as file:
        file.write("eve@example.org REJECT\n" if form == "hash" else "eve@example.org\n")
    again, _ = made(tmp_path, form)
    assert isinstance(again.action, Table)
    assert again.action.kept() == ["ann@example.org", "eve@example.org"]
    asyncio.run(again.stop("bob@example.org"))
    assert again.action.kept() == ["ann@example.org", "eve@example.org"]


@pytest.mark.usefixtures("postmap")
@pytest.mark.parametrize("form", ["hash", "passwd-file"])
def test_a_file_that_is_not_ours_is_never_overwritten(form: Format, tmp_path: Path) -> None:
    """A path that holds somebody else's file is an error, and the file stays as it is."""
    carrier, path = made(tmp_path, form)
    for file in (path, path.with_name("deny.smtp")):
        file.write_text("root REJECT\n")
    with pytest.raises(ActionError, match="was not written by gatepost"):
        asyncio.run(carrier.stop("ann@example.org"))
    assert path.read_text() == path.with_name("deny.smtp").read_text() == "root REJECT\n"


@pytest.mark.usefixtures("postmap")
def test_tables_in_one_folder_do_not_disturb_each_other(tmp_path: Path) -> None:
    """Orders for two tables of one folder, carried out at the same time, are all done."""
    first, path = made(tmp_path, "hash")
    book = Book()
    second = Carrier(Table(book, path=path.with_name("shut"), format="passwd-file", services=("smtp",)), book)
    names = [f"u{number}@example.org" for number in range(20)]

    async def all_at_once() -> None:
        await asyncio.gather(*(carrier.stop(name) for name in names for carrier in (first, second)))

    asyncio.run(all_at_once())
    assert all(f"\n{name}\n" in path.with_name("shut.smtp").read_text() for name in names)
    assert all(f"\n{name} REJECT" in path.read_text() for name in names)
