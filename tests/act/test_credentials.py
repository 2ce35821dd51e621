"""Locking passwords, without servers."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.act.locking import LAWS, Keeper, Vault
from tests.act.vaults import Lines, Lite

from gatepost.act.credentials import logins
from gatepost.core.errors import ActionError

VAULTS: dict[str, Callable[[Path], Vault]] = {
    "sqlite": Lite,
    "dovecot": lambda folder: Lines(folder, "dovecot"),
    "exim": lambda folder: Lines(folder, "exim"),
}


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("vault", VAULTS)
def test_every_law_of_locking_holds(law: Callable[[Vault], None], vault: str, tmp_path: Path) -> None:
    """What is true of locking is true of every place where passwords are kept."""
    law(VAULTS[vault](tmp_path))


@pytest.mark.parametrize("name", ["a\nb@example.org", "a\0b", "ann\\xff@example.org", "x" * 400])
def test_a_login_that_is_not_known_exactly_is_refused(name: str) -> None:
    """Control characters, octets of other encodings and endless names are nobody's login."""
    with pytest.raises(ActionError, match="by hand"):
        logins("ann@example.org", [name])


def test_logins_are_the_account_and_its_spellings() -> None:
    """Each once: the account's name, every spelling as it was seen, and in small letters."""
    assert logins("ann@example.org", ["Ann", "ann@example.org"]) == ["ann@example.org", "Ann", "ann"]
    assert "änn" in logins("änn", ["Änn", "änn"]) and logins("änn", ["ÄNN"]) == ["ÄNN", "Änn"]


def test_a_lost_record_is_said(tmp_path: Path) -> None:
    """Without its undo record nothing is touched."""
    keeper = Keeper(Lite(tmp_path))
    keeper.stop("ann@example.org")
    (key,) = keeper.book.entries
    keeper.book.entries[key] = keeper.book.entries[key].__class__(
        order=keeper.book.entries[key].order, action=keeper.action.name, state="done", undo="{}"
    )
    with pytest.raises(ActionError, match="no undo record"):
        keeper.release("ann@example.org")


def test_a_driver_is_loaded_before_the_first_order() -> None:
    """Importing it costs the first theft of the day nothing; one that is missing is no trouble yet."""
    program = (
        "import asyncio, sys; from gatepost.config.lockers import locker; "
        "from gatepost.config.locks import SqlSettings; "
        "made = locker(SqlSettings(database='mysql://g@127.0.0.1:9/mail', recipe='mailcow'), None); "
        "before = 'pymysql' in sys.modules; asyncio.run(made.load()); print(before, 'pymysql' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["False", "True"]
