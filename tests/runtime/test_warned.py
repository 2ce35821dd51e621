"""Customers hear of a theft, at another address, and of its end."""

import asyncio
from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.runtime.scene import ANN, BEN, Fixed, Machine, configured, habits, theft

from gatepost.act.post import Post
from gatepost.core.errors import ActionError
from gatepost.surface.cli import cli

CUSTOMER = """
[account."ann@example.org"]
mail = "{to}"
language = "de"
[[action]]
kind = "customer"
from = "postmaster@example.org"
contact = "support@example.org"
released = true
"""


class Letters:
    """A mail server that may be down."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.taken: list[tuple[tuple[str, ...], str]] = []
        self.down = False

        async def send(post: Post, mail: EmailMessage, to: Sequence[str]) -> str:
            if self.down:
                raise ActionError("no mail server", retry=True)
            post.budget.spend()
            self.taken.append((tuple(to), str(mail["Subject"])))
            return "told"

        monkeypatch.setattr(Post, "send", send)


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> Letters:
    """What leaves."""
    return Letters(monkeypatch)


def machine(folder: Path, to: str = "ann@example.net", mode: str = "enforce") -> Machine:
    """A gatepost that knows its accounts."""
    found = Machine(configured(folder, mode, more=CUSTOMER.format(to=to)), Fixed())
    found.read(habits())
    return found


def test_a_theft_and_its_end_are_told_in_the_customers_language(tmp_path: Path, letters: Letters) -> None:
    """One letter each, wherever the level rose in between."""
    found = machine(tmp_path)
    found.read(theft())
    assert letters.taken == [(("ann@example.net",), f"Ihr Konto {ANN} kann vorerst nicht senden")]
    assert found.say("release", how="password-changed", reason="test").rows
    assert letters.taken[1:] == [(("ann@example.net",), f"Ihr Konto {ANN} kann wieder senden")]


def test_an_address_whose_own_account_is_held_gets_none(tmp_path: Path, letters: Letters) -> None:
    """ben reads ann's letters, and ben is robbed first; the journal says why."""
    found = machine(tmp_path, to=BEN)
    found.read(theft(account=BEN))
    found.read(theft(found.clock.at + 60))
    assert letters.taken == []
    last = [row for row in found.store.rows(f"{ANN}#1") if row.action.startswith("customer")][-1]
    assert last.state == "done"
    assert last.note == "no letter: the account that would read it is held or blocked"


def test_a_server_that_is_down_is_tried_again(tmp_path: Path, letters: Letters) -> None:
    """Measures are done meanwhile."""
    letters.down = True
    found = machine(tmp_path)
    found.read(theft())
    assert letters.taken == [] and "done" in found.rows().values()
    letters.down = False
    found.clock.at += 600
    found.carry()
    assert len(letters.taken) == 1


def test_in_observe_mode_nothing_is_written(tmp_path: Path, letters: Letters) -> None:
    """The row says that it would have been."""
    found = machine(tmp_path, mode="observe")
    found.read(theft())
    asyncio.run(found.carrier.run("customer:postmaster@example.org"))
    assert letters.taken == []


@pytest.mark.parametrize(
    ("account", "more", "said"),
    [
        (ANN, [], ["goes out in a theft, at hold or block", "To: ann@example.net", "Passwort"]),
        (ANN, ["--released"], ["Subject: Ihr Konto ann@example.org kann wieder senden"]),
        (BEN, [], ["no letter: no other address is known", "Subject: Sending from your account ben@example.org"]),
    ],
)
def test_it_can_be_seen_before(tmp_path: Path, account: str, more: list[str], said: list[str]) -> None:
    """The letter as it would go out, and why it would not."""
    machine(tmp_path).close()
    result = CliRunner().invoke(cli, ["notice", account, *more, "--config", str(tmp_path / "gatepost.toml")])
    assert [part for part in said if part not in result.output] == [], result.output


def test_without_the_action_there_is_nothing_to_see(tmp_path: Path) -> None:
    """The message says what to add."""
    Machine(configured(tmp_path), Fixed()).close()
    result = CliRunner().invoke(cli, ["notice", ANN, "--config", str(tmp_path / "gatepost.toml")])
    assert 'add an [[action]] kind = "customer"' in str(result.exception)
