"""Passwords in a database: wrong statements, lying databases, deaths on the way."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.act.book import incident, order, target
from tests.act.locking import ANN, BEN, HASHES, Keeper, marked
from tests.act.vaults import COLUMNS, Lite

from gatepost.act.lockedsql import SqlLock, Statements, statements
from gatepost.core.errors import ActionError
from gatepost.core.ports import Database
from gatepost.core.ports import Statements as Session

GOOD = statements(COLUMNS, "sqlite")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"count": "SELECT count(*) FROM users WHERE :login <> ''"}, "2 rows have the login"),
        ({"count": "SELECT pw FROM users WHERE login = :login"}, "gives no number"),
        ({"lock": "UPDATE users SET pw = :mark || pw WHERE :login <> ''"}, "lock changed 2 rows"),
        ({"lock": "UPDATE users SET pw = :mark || pw WHERE login = :login || 'x'"}, "lock changed 0 rows"),
        ({"lock": "UPDATE users SET pw = pw WHERE login = :login AND :mark <> ''"}, "is not locked though"),
        ({"locked": "SELECT 0 WHERE :login <> :mark"}, "is not locked though"),
    ],
)
def test_a_wrong_statement_changes_nothing(wrong: dict[str, str], says: str, tmp_path: Path) -> None:
    """A statement that matches nobody, everybody, or does something else is refused, and taken back as a whole."""
    lite = Lite(tmp_path, replace(GOOD, **wrong))
    with pytest.raises(ActionError, match=says) as caught:
        Keeper(lite).stop(ANN)
    assert not caught.value.retry
    assert lite.stored() == HASHES


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("UPDATE users SET pw = replace(pw, :mark, '') WHERE :login <> ''", "unlock changed 2 rows"),
        ("UPDATE users SET pw = pw WHERE login = :login AND :mark <> ''", "still locked after unlock"),
    ],
)
def test_a_wrong_unlock_changes_nothing(wrong: str, says: str, tmp_path: Path) -> None:
    """What would touch other rows is taken back; what does nothing is no success."""
    lite = Lite(tmp_path, replace(GOOD, unlock=wrong))
    keeper = Keeper(lite)
    keeper.stop(ANN)
    with pytest.raises(ActionError, match=says):
        keeper.release(ANN)
    assert lite.stored()[ANN] == marked() + HASHES[ANN]


def test_a_trigger_that_takes_it_back_is_noticed(tmp_path: Path) -> None:
    """A database that says it changed a row and did not is not believed."""
    lite = Lite(tmp_path)
    lite.run(
        "CREATE TRIGGER lies AFTER UPDATE OF pw ON users WHEN new.pw LIKE '{gatepost%'"
        " BEGIN UPDATE users SET pw = old.pw WHERE login = new.login; END"
    )
    with pytest.raises(ActionError, match="is not locked though"):
        Keeper(lite).stop(ANN)
    assert lite.stored() == HASHES


def test_no_password_is_no_lock(tmp_path: Path) -> None:
    """An account without a password cannot be marked; that is said, not taken for success."""
    lite = Lite(tmp_path)
    lite.run("UPDATE users SET pw = NULL WHERE login = ?", ANN)
    with pytest.raises(ActionError, match="lock changed 0 rows"):
        Keeper(lite).stop(ANN)


def test_a_flag_beside_the_password_works_too(tmp_path: Path) -> None:
    """Statements of the operator's may keep the mark in a column of its own: the password is never touched."""
    lite = Lite(tmp_path)
    lite.run("ALTER TABLE users ADD COLUMN gatepost TEXT")
    where = "WHERE login = :login AND gatepost"
    lite.lock = SqlLock(
        lite.database,
        Statements(
            count="SELECT count(*) FROM users WHERE login = :login",
            locked=f"SELECT count(*) FROM users {where} = :mark",
            lock=f"UPDATE users SET gatepost = :mark {where} IS NULL",
            unlock=f"UPDATE users SET gatepost = NULL {where} = :mark",
        ),
    )
    keeper = Keeper(lite)
    keeper.stop(ANN)
    assert lite.run("SELECT pw, gatepost FROM users WHERE login = ?", ANN) == [(HASHES[ANN], marked())]
    keeper.release(ANN)
    assert lite.run("SELECT pw, gatepost FROM users WHERE login = ?", ANN) == [(HASHES[ANN], None)]


class Death(BaseException):
    """The process is gone."""


class Mortal:
    """A database whose caller dies at one of its moments: before or after connecting, each statement, the commit."""

    def __init__(self, database: Database, at: int) -> None:
        self.place, self._database, self.left = database.place, database, at
        self.wait: Callable[[], None] = lambda: None

    def moment(self) -> None:
        """One more."""
        self.left -= 1
        if self.left == 0:
            raise Death

    def load(self) -> None:
        """Nothing to get ready."""

    @contextlib.contextmanager
    def session(self, *, write: bool = False) -> Iterator[Session]:
        """One transaction."""
        self.moment()
        self.wait()
        with self._database.session(write=write) as session:
            yield Dying(self, session)
            self.moment()
        self.moment()


class Dying:
    """Its statements."""

    def __init__(self, mortal: Mortal, session: Session) -> None:
        self._mortal, self._session = mortal, session

    def rows(self, statement: str, values: Mapping[str, str], most: int) -> Sequence[tuple[object, ...]]:
        """A query."""
        self._mortal.moment()
        return self._session.rows(statement, values, most)

    def change(self, statement: str, values: Mapping[str, str]) -> int:
        """A change."""
        self._mortal.moment()
        found = self._session.change(statement, values)
        self._mortal.moment()
        return found


def dying(folder: Path, at: int) -> tuple[Lite, Mortal, Keeper]:
    """A vault whose database kills its caller at a moment; 0 is never."""
    folder.mkdir()
    lite = Lite(folder)
    mortal = Mortal(lite.database, at)
    lite.lock = SqlLock(mortal, GOOD)
    return lite, mortal, Keeper(lite)


def test_a_death_while_locking_is_made_good(tmp_path: Path) -> None:
    """Wherever the lock is cut, doing the row again locks once, and the release gives back what was there."""
    for at in range(1, 100):
        lite, mortal, keeper = dying(tmp_path / str(at), at)
        with contextlib.suppress(Death):
            keeper.stop(ANN)
            break
        mortal.left = 0
        keeper.stop(ANN)
        assert lite.stored() == {ANN: marked() + HASHES[ANN], BEN: HASHES[BEN]}
        keeper.release(ANN)
        assert lite.stored() == HASHES
    assert at == 9


def test_a_death_while_releasing_is_made_good(tmp_path: Path) -> None:
    """Wherever the release is cut, doing it again leaves what was there before the block."""
    for at in range(1, 100):
        lite, mortal, keeper = dying(tmp_path / str(at), 0)
        keeper.stop(ANN)
        mortal.left = at
        with contextlib.suppress(Death):
            keeper.release(ANN)
            break
        mortal.left = 0
        keeper.release(ANN)
        assert lite.stored() == HASHES
    assert at == 7


def test_a_late_lock_comes_before_its_release(tmp_path: Path) -> None:
    """A lock that was given up and still runs is done before the release, so nobody stays locked for ever."""
    lite, mortal, keeper = dying(tmp_path / "late", 0)
    begun, go_on = threading.Event(), threading.Event()

    def held() -> None:
        begun.set()
        go_on.wait(30)

    mortal.wait = held

    async def hurry() -> None:
        locking = asyncio.ensure_future(keeper.carrier.stop(ANN))
        await asyncio.to_thread(begun.wait, 30)
        locking.cancel()
        await asyncio.wait([locking])
        mortal.wait = lambda: None
        about = incident(ANN)
        record = keeper.book.rows(about.key)[0].undo
        undoing = asyncio.ensure_future(keeper.action.undo(order(about), target(about, ANN), record))
        await asyncio.sleep(0)
        go_on.set()
        assert "unlocked" in await undoing

    asyncio.run(hurry())
    assert lite.stored() == HASHES
