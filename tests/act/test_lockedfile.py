"""Passwords in files: what else is in them, who else writes them, deaths on the way."""

import fcntl
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.act.locking import ANN, HASHES, Keeper, marked
from tests.act.vaults import Lines

from gatepost.act import lockedfile
from gatepost.act.lockedfile import FileLock, Form
from gatepost.core.errors import ActionError

NAMES = ["ann@example.org", "ben@example.org", "carl"]
FORMS = st.sampled_from(["dovecot", "exim"])
LINE = st.one_of(
    st.binary(max_size=30).map(lambda octets: octets.replace(b"\n", b"")),
    st.builds(
        lambda name, value: f"{name}:{value}".encode(), st.sampled_from(NAMES), st.text("ab${}/:= !", max_size=20)
    ),
)


@given(st.lists(LINE, max_size=8), FORMS, st.booleans())
def test_whatever_a_file_holds_comes_back(lines: list[bytes], form: Form, ended: bool) -> None:
    """Locking changes one line by the mark alone, and unlocking gives every octet back; else nothing changes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        _back_and_forth(b"\n".join(lines) + b"\n" * ended, form)


def _back_and_forth(content: bytes, form: Form) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "users")
        path.write_bytes(content)
        lock = FileLock(path, form)
        try:
            lock.lock([ANN], marked())
        except ActionError:
            assert path.read_bytes() == content
            return
        found = path.read_bytes()
        assert len(found) == len(content) + len(marked()) and found.replace(marked().encode(), b"") == content
        assert lock.changed([([ANN], marked())]) == [False]
        lock.unlock([ANN], marked())
        assert lock.changed([([ANN], marked()), (["nobody"], marked())]) == [True, False]
        assert path.read_bytes() == content


def test_two_lines_with_one_login_are_refused(tmp_path: Path) -> None:
    """Which of them counts is the server's business; nothing is changed."""
    path = tmp_path / "users"
    path.write_text("ann@example.org:a\nann@example.org:b\n")
    with pytest.raises(ActionError, match="2 lines have the login"):
        FileLock(path, "dovecot").lock([ANN], marked())
    assert path.read_text() == "ann@example.org:a\nann@example.org:b\n"


def test_exim_finds_logins_in_any_case_and_in_quotes(tmp_path: Path) -> None:
    """As lsearch does: quoted keys, white space for a colon, upper case."""
    path = tmp_path / "users"
    path.write_text('"Ann@Example.org" :  $1$x\n')
    FileLock(path, "exim").lock([ANN], marked())
    assert path.read_text() == f'"Ann@Example.org" :  {marked()}$1$x\n'


@pytest.mark.parametrize("form", ["dovecot", "exim"])
def test_mode_and_owner_stay_and_nothing_is_left(form: Form, tmp_path: Path) -> None:
    """The new file has the mode and owner of the old one, and no copy of it is left in the folder."""
    lines = Lines(tmp_path, form)
    lines.path.chmod(0o604)
    if os.geteuid() == 0:
        os.chown(lines.path, 65534, 65534)
    before = lines.path.stat()
    Keeper(lines).stop(ANN)
    after = lines.path.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert [path.name for path in tmp_path.iterdir()] == ["users"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """The file behind a link is changed, not the link."""
    lines = Lines(tmp_path, "dovecot")
    (tmp_path / "link").symlink_to("users")
    FileLock(tmp_path / "link", "dovecot").lock([ANN], marked())
    assert (tmp_path / "link").is_symlink()
    assert lines.stored()[ANN] == marked() + HASHES[ANN]


def test_who_holds_the_lock_is_waited_for(tmp_path: Path) -> None:
    """While another program holds the file's lock nothing is changed; it is worth another try."""
    lines = Lines(tmp_path, "dovecot")
    with lines.path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(ActionError, match="locked by another program") as caught:
            Keeper(lines).stop(ANN)
    assert caught.value.retry and lines.stored() == HASHES


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_change_meanwhile_is_not_overwritten(moment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When somebody who does not heed the lock writes the file in between, his change stays and ours is tried again."""
    lines, copied = Lines(tmp_path, "dovecot"), lockedfile._copy
    locked = lockedfile._lock

    def copies(path: Path, part: Path, content: bytes) -> None:
        copied(path, part, content)
        lines.change(ANN, "$2y$05$newer")

    def locks(handle: int, path: Path) -> None:
        locked(handle, path)
        lines.change(ANN, "$2y$05$newer")
        replaced(lines.path)

    monkeypatch.setattr(lockedfile, *(("_copy", copies) if moment == "after" else ("_lock", locks)))
    with pytest.raises(ActionError, match="changed by someone else meanwhile") as caught:
        Keeper(lines).stop(ANN)
    assert caught.value.retry
    assert lines.stored() == HASHES | {ANN: "$2y$05$newer"}


def replaced(path: Path) -> None:
    """An editor puts a new file in its place."""
    new = path.with_name("new")
    new.write_bytes(path.read_bytes())
    new.replace(path)


class Death(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("step", ["open", "fchown", "fsync", "replace", "sync"])
def test_a_death_at_any_step_is_made_good(step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers see the old file or the new one; doing the row again locks once and leaves nothing behind."""
    lines = Lines(tmp_path, "dovecot")
    keeper = Keeper(lines)

    def die(*_: object, **__: object) -> None:
        raise Death

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", lambda self, **_: None)  # what is gone cannot tidy up
        places = {"replace": (Path, "replace"), "sync": (lockedfile, "sync")}
        patch.setattr(*places.get(step, (os, step)), die)
        with pytest.raises(Death):
            keeper.stop(ANN)
    assert lines.stored()[ANN] in (HASHES[ANN], marked() + HASHES[ANN])
    keeper.stop(ANN)
    assert lines.stored()[ANN] == marked() + HASHES[ANN]
    keeper.release(ANN)
    assert lines.stored() == HASHES
    assert [path.name for path in tmp_path.iterdir()] == ["users"]


@pytest.mark.parametrize("name", ["ann:x@example.org", 'ann"x@example.org', "ann\\x@example.org"])
def test_a_mark_that_no_line_can_hold_is_refused(name: str, tmp_path: Path) -> None:
    """A colon would end the password; such an account is locked by hand."""
    with pytest.raises(ActionError, match="by hand"):
        Keeper(Lines(tmp_path, "dovecot")).stop(name)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    """With its path, and it is worth another try."""
    with pytest.raises(ActionError, match="nowhere") as caught:
        FileLock(tmp_path / "nowhere", "exim").lock([ANN], marked())
    assert caught.value.retry
