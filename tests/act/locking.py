"""The laws of locking passwords, for whatever keeps them (contracts 18)."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from tests.act.book import Book, incident, order, target
from tests.act.carrier import Carrier

from gatepost.act.credentials import Credentials, Lock, mark_of
from gatepost.core.errors import ActionError

ANN, BEN = "ann@example.org", "ben@example.org"
HASHES = {ANN: "$2y$05$ann", BEN: "{SSHA}bens/hash=="}
"""What is stored in the beginning."""


class Vault(Protocol):
    """Where passwords are kept, as its owner sees it; holds HASHES in the beginning."""

    @property
    def lock(self) -> Lock:
        """What gatepost does to it."""
        ...

    def stored(self) -> dict[str, str]:
        """Everything, by login."""
        ...

    def change(self, login: str, value: str) -> None:
        """The customer sets a new password."""
        ...


class Keeper:
    """Locks and unlocks as the daemon does."""

    def __init__(self, vault: Vault) -> None:
        self.vault, self.book = vault, Book()
        self.action = Credentials("test", vault.lock, self.book)
        self.carrier = Carrier(self.action, self.book)

    def stop(self, account: str, *spellings: str, number: int = 1) -> str:
        """Block an account."""
        return asyncio.run(self.carrier.stop(account, *spellings, number=number))

    def release(self, account: str, number: int = 1) -> list[str]:
        """Release it."""
        return asyncio.run(self.carrier.release(account, number))

    def again(self, account: str, number: int = 1) -> str:
        """Carry the same order out once more, as after a crash."""
        about = incident(account, number)
        return asyncio.run(self.action.ensure(order(about), target(about, account)))

    def changed(self) -> list[str]:
        """Incidents whose password was set anew."""
        return asyncio.run(self.action.changed())

    def undo_again(self, account: str, number: int = 1) -> str:
        """Take the same order back once more."""
        about = incident(account, number)
        row = self.book.rows(about.key)[0]
        return asyncio.run(self.action.undo(order(about, "released"), target(about, account), row.undo))


def marked(number: int = 1, account: str = ANN) -> str:
    """The mark of an incident."""
    return mark_of(f"{account}#{number}")


def released_is_as_before(vault: Vault) -> None:
    """A lock marks the one password and no other; a release leaves every octet as it was."""
    keeper = Keeper(vault)
    keeper.stop(ANN)
    assert vault.stored() == {ANN: marked() + HASHES[ANN], BEN: HASHES[BEN]}
    keeper.release(ANN)
    assert vault.stored() == HASHES


def twice_is_once(vault: Vault) -> None:
    """Locking and unlocking again change nothing, and say so."""
    keeper = Keeper(vault)
    keeper.stop(ANN)
    assert "already" in keeper.again(ANN)
    assert vault.stored()[ANN] == marked() + HASHES[ANN]
    keeper.release(ANN)
    assert "left as it is" in keeper.undo_again(ANN)
    assert vault.stored() == HASHES


def a_change_during_the_block_stays(vault: Vault) -> None:
    """A password that the customer sets meanwhile is seen, and is his after the release."""
    keeper = Keeper(vault)
    keeper.stop(ANN)
    assert keeper.changed() == []
    vault.change(ANN, "$2y$05$new")
    assert keeper.changed() == [f"{ANN}#1"]
    (note,) = keeper.release(ANN)
    assert "changed since by someone else" in note
    assert vault.stored() == HASHES | {ANN: "$2y$05$new"}
    assert keeper.changed() == []


def a_change_can_be_locked_too(vault: Vault) -> None:
    """After a change the next incident locks the new password, and its release gives the new one back."""
    keeper = Keeper(vault)
    keeper.stop(ANN)
    vault.change(ANN, "$2y$05$new")
    keeper.stop(ANN, number=2)
    assert vault.stored()[ANN] == marked(2) + "$2y$05$new"
    keeper.release(ANN)
    assert vault.stored()[ANN] == marked(2) + "$2y$05$new"
    keeper.release(ANN, number=2)
    assert vault.stored() == HASHES | {ANN: "$2y$05$new"}


def who_shares_a_password_stays_locked(vault: Vault) -> None:
    """Two accounts that log in with one password are both released before it is unlocked, in whatever order."""
    keeper = Keeper(vault)
    for first, second in ((1, 2), (2, 1)):
        keeper.stop("shop@example.org", ANN, number=1)
        keeper.stop(ANN, number=2)
        keeper.release("shop@example.org" if first == 1 else ANN, number=first)
        assert HASHES[ANN] != vault.stored()[ANN]
        keeper.release("shop@example.org" if second == 1 else ANN, number=second)
        assert vault.stored() == HASHES
        keeper = Keeper(vault)


def every_spelling_that_is_a_login_is_locked(vault: Vault) -> None:
    """A login under which the account was seen is locked, too; spellings that are no login do no harm."""
    keeper = Keeper(vault)
    keeper.stop("shop@example.org", "shop", ANN, BEN)
    found = vault.stored()
    assert found[ANN].endswith(HASHES[ANN]) and found[ANN] != HASHES[ANN] and found[BEN] != HASHES[BEN]
    keeper.release("shop@example.org")
    assert vault.stored() == HASHES


def nobody_is_an_error(vault: Vault) -> None:
    """An account that is not kept here is said, and nothing changes."""
    keeper = Keeper(vault)
    for name in ("carl@example.org", "%", "*", "ann@example.or", "' OR ''='", "ann@example.org)(|(mail=*)"):
        try:
            keeper.stop(name)
        except ActionError as error:
            assert "no " in str(error) and not error.retry
        else:
            raise AssertionError(f"{name} was locked")
    assert vault.stored() == HASHES


def no_record_holds_a_password(vault: Vault) -> None:
    """Neither the undo record nor any note holds anything of what is stored."""
    keeper = Keeper(vault)
    notes = [keeper.stop(ANN), keeper.again(ANN), *keeper.release(ANN)]
    (row,) = keeper.book.rows(f"{ANN}#1")
    for text in (*notes, row.undo, row.note):
        assert "$2y" not in text


LAWS: Sequence[Callable[[Vault], None]] = (
    released_is_as_before,
    twice_is_once,
    a_change_during_the_block_stays,
    a_change_can_be_locked_too,
    who_shares_a_password_stays_locked,
    every_spelling_that_is_a_login_is_locked,
    nobody_is_an_error,
    no_record_holds_a_password,
)
