"""doctor: could passwords be locked?"""

import os
from pathlib import Path

import pytest
from tests.act.locking import HASHES
from tests.act.vaults import Lines, Lite

from gatepost.config.load import read
from gatepost.config.locks import Settings
from gatepost.surface.doctor import locks
from gatepost.surface.doctor.check import Check

OURS = """
[[action]]
kind = "sql"
database = "sqlite://{folder}/users.db"
count = "SELECT count(*) FROM users WHERE {where}"
locked = "SELECT count(*) FROM users WHERE login = :login AND pw LIKE :mark"
lock = "UPDATE users SET pw = :mark WHERE login = :login"
unlock = "UPDATE users SET pw = :mark WHERE login = :login"
"""


def look(folder: Path, text: str, *, offline: bool = False) -> list[Check]:
    """The checks of one block."""
    (found,) = read(text, "gatepost.toml", folder).action
    assert isinstance(found, Settings)
    return list(locks.look(found, offline=offline))


def test_a_database_is_asked_and_nothing_changes(tmp_path: Path) -> None:
    """It answers, and is as before; offline it is not asked."""
    lite = Lite(tmp_path)
    checks = look(tmp_path, OURS.format(folder=tmp_path, where="login = :login"))
    assert [check.state for check in checks] == ["ok", "ok"], checks
    assert lite.stored() == HASHES
    (check,) = look(tmp_path, OURS.format(folder=tmp_path, where="login = :login"), offline=True)
    assert check.state == "unknown"


@pytest.mark.parametrize(
    ("where", "says"), [(":login <> ''", "it would find anybody"), ("logn = :login", "no such column")]
)
def test_a_wrong_statement_is_found_before_a_theft(where: str, says: str, tmp_path: Path) -> None:
    """One that finds everybody, and one that the database does not take."""
    Lite(tmp_path)
    (check,) = look(tmp_path, OURS.format(folder=tmp_path, where=where))
    assert check.state == "fail" and says in check.says


def test_a_database_that_is_not_there_fails(tmp_path: Path) -> None:
    """With its name."""
    (check,) = look(tmp_path, OURS.format(folder=tmp_path, where="login = :login"))
    assert check.state == "fail" and "users.db" in check.says


@pytest.mark.parametrize(
    ("change", "state"),
    [("UPDATE user SET pw = :mark WHERE login = :login", "fail"), ("CALL locked(:login, :mark)", "unknown")],
)
def test_a_change_that_the_database_refuses_is_found_before_a_theft(change: str, state: str, tmp_path: Path) -> None:
    """It is planned and not done; of what is no UPDATE nobody says anything."""
    lite = Lite(tmp_path)
    text = OURS.format(folder=tmp_path, where="login = :login")
    unlock = text.replace('unlock = "UPDATE users SET pw = :mark WHERE login = :login"', f'unlock = "{change}"')
    _, check = look(tmp_path, unlock)
    assert check.state == state and check.remedy
    assert lite.stored() == HASHES


def test_a_file_must_be_ours(tmp_path: Path) -> None:
    """It is read, and whether it can be replaced is said."""
    lines, block = Lines(tmp_path, "dovecot"), '[[action]]\nkind = "passwd"\npath = "users"\n'
    assert [check.state for check in look(tmp_path, block)] == ["ok", "ok"]
    if os.geteuid() == 0:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "geteuid", lambda: 65534)
            assert [check.state for check in look(tmp_path, block)] == ["ok", "fail"]
    lines.path.unlink()
    assert [check.state for check in look(tmp_path, block)] == ["fail"]


def test_programs_must_be_there(tmp_path: Path) -> None:
    """Both of them, and they are not run."""
    block = '[[action]]\nkind = "command"\nlock = ["/bin/false"]\nunlock = ["/nowhere/unlock"]\n'
    assert [check.state for check in look(tmp_path, block)] == ["ok", "fail"]
