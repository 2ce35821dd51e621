"""Locking passwords in real servers, on the real schemas."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.act.locking import ANN, LAWS, Keeper, Vault, marked
from tests.live.conftest import StartSlapd
from tests.live.schemas import SCHEMAS
from tests.live.slapd import Slapd
from tests.live.vaults import PEOPLE, Entries, Tables

from gatepost.act.lockedldap import FOR_EVER, LOCKED
from gatepost.core.errors import ActionError, StoreError
from gatepost.core.ports import Modification
from gatepost.store.directory import Directory, server_of

pytestmark = pytest.mark.live

RECIPES = [(recipe, server) for recipe, found in SCHEMAS.items() for server in found]


@pytest.fixture(scope="session")
def slapd(slapds: StartSlapd) -> Slapd:
    """A directory with two people."""
    return slapds(PEOPLE)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize(("recipe", "server"), RECIPES)
def test_every_recipe_obeys(
    recipe: str, server: str, law: Callable[[Vault], None], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """What is true of locking is true of each program's tables."""
    law(Tables(request.getfixturevalue(server), recipe, tmp_path))


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("policy", [False, True], ids=["mark", "policy"])
def test_a_directory_obeys(policy: bool, law: Callable[[Vault], None], slapd: Slapd, tmp_path: Path) -> None:
    """What is true of locking is true of a directory, with its password policy or without."""
    law(Entries(slapd, tmp_path, policy=policy))


def test_the_policy_refuses_the_right_password(slapd: Slapd, tmp_path: Path) -> None:
    """A person who is locked by the policy cannot bind with his password, and can after the release."""
    people = Entries(slapd, tmp_path, policy=True)
    people.change(ANN, "hunter2")
    keeper = Keeper(people)
    assert _binds(slapd, "hunter2", tmp_path)
    keeper.stop(ANN)
    assert not _binds(slapd, "hunter2", tmp_path)
    keeper.release(ANN)
    assert _binds(slapd, "hunter2", tmp_path)


def _binds(slapd: Slapd, password: str, folder: Path) -> bool:
    (folder / "hers").write_text(password)
    (folder / "hers").chmod(0o600)
    try:
        with Directory(server_of(slapd.url), f"cn={ANN},dc=example,dc=org", str(folder / "hers")).session():
            return True
    except StoreError:
        return False


def test_a_new_password_ends_the_policys_lock_and_is_seen(slapd: Slapd, tmp_path: Path) -> None:
    """slapd unlocks with a new password: that is seen, locked again if ordered, and a release only takes our mark."""
    people = Entries(slapd, tmp_path, policy=True)
    keeper = Keeper(people)
    for again in (False, True):
        keeper.stop(ANN)
        with people.directory.session() as session:
            changes = [Modification("delete", "userPassword", people.stored()[ANN].removeprefix(marked()))]
            assert session.modify(people.entry(ANN).dn, [*changes, Modification("add", "userPassword", "new")])
        assert people.entry(ANN).values[LOCKED] == () and keeper.changed() == [f"{ANN}#1"]
        if again:
            keeper.again(ANN)
            assert people.entry(ANN).values[LOCKED] == (FOR_EVER,) and keeper.changed() == []
        (note,) = keeper.release(ANN)
        assert ("unlocked since by someone else" in note) is not again
        assert people.entry(ANN).values == {"userPassword": ("new",), "description": (), LOCKED: ()}
        people, keeper = Entries(slapd, tmp_path, policy=True), Keeper(people)


def test_what_somebody_else_locked_stays_locked(slapd: Slapd, tmp_path: Path) -> None:
    """A lock of the operator's own survives ours; a passing lock of the policy's is waited for."""
    people = Entries(slapd, tmp_path, policy=True)
    keeper = Keeper(people)
    dn = people.entry(ANN).dn
    with people.directory.session() as session:
        session.modify(dn, [Modification("add", LOCKED, FOR_EVER)])
    assert "already" in keeper.stop(ANN)
    keeper.release(ANN)
    assert people.entry(ANN).values[LOCKED] == (FOR_EVER,)
    with people.directory.session() as session:
        session.modify(dn, [Modification("delete", LOCKED, FOR_EVER), Modification("add", LOCKED, "20260301120000Z")])
    with pytest.raises(ActionError, match="locked for a while") as caught:
        keeper.stop(ANN, number=2)
    assert caught.value.retry


@pytest.fixture(params=["postgresql", "mariadb"])
def tables(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tables]:
    """PostfixAdmin's tables in each of the two, with little patience."""
    found = Tables(request.getfixturevalue(request.param), "postfixadmin", tmp_path, seconds=1)
    yield found
    found.server.process.thaw()


def test_a_mark_that_does_not_fit_changes_nothing(tables: Tables) -> None:
    """When the column is too short for mark and hash, the lock fails and the hash stays whole."""
    tables.change(ANN, "x" * 250)
    before = tables.stored()
    with pytest.raises(ActionError) as caught:
        Keeper(tables).stop(ANN)
    assert caught.value.retry and "xxx" not in str(caught.value)
    assert tables.stored() == before


def test_a_server_that_stands_still_is_given_up_and_done_later(tables: Tables) -> None:
    """No answer is an error worth another try; when the server goes on, the same order locks, once."""
    keeper = Keeper(tables)
    tables.server.process.freeze()
    before = time.monotonic()
    with pytest.raises(ActionError) as caught:
        keeper.stop(ANN)
    assert caught.value.retry and time.monotonic() - before < 15
    tables.server.process.thaw()
    keeper.stop(ANN)
    keeper.again(ANN)
    assert tables.stored()[ANN] == marked() + "$2y$05$ann"
    keeper.release(ANN)
    assert tables.stored()[ANN] == "$2y$05$ann"


def test_lock_and_release_take_their_time(tables: Tables) -> None:
    """From the order to the lock, and from the release to the unlock, less than the second a verdict may take."""
    keeper, times = Keeper(tables), list[float]()
    for number in range(1, 21):
        start = time.monotonic()
        keeper.stop(ANN, number=number)
        locked = time.monotonic()
        keeper.release(ANN, number=number)
        times += [locked - start, time.monotonic() - locked]
    print(f"{tables.place}: lock and unlock, median {sorted(times)[20]:.3f} s, slowest {max(times):.3f} s")
    assert max(times) < 1.0
