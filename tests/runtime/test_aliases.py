"""Aliases that change while gatepost runs, and look-ups that fail."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from tests.runtime.scene import ANN, HOME, NIGHT, Counter, Fixed, Machine, Post, World, configured, mail, theft

from gatepost.config.naming import AnyAliases
from gatepost.core.errors import SourceError
from gatepost.runtime.aliases import Aliases
from gatepost.runtime.desk import Desk

NAMING = '[accounts]\ndetail_separator = "+"\naliases = { kind = "file", path = "aliases" }'


class Table:
    """A look-up that answers what it is told."""

    def __init__(self, *pairs: tuple[str, str]) -> None:
        self.pairs: Sequence[tuple[str, str]] = pairs
        self.trouble = ""

    def __call__(self, found: AnyAliases) -> list[tuple[str, str]]:
        """The pairs, or the trouble."""
        if self.trouble:
            raise SourceError(self.trouble, retry=True)
        return list(self.pairs)


def scene(folder: Path) -> tuple[Machine, World, Post]:
    """A gatepost with an empty file of aliases."""
    (folder / "aliases").write_text("")
    world, post = World(), Post()
    return Machine(configured(folder, more=NAMING), Fixed(), [Counter(world), post]), world, post


def looked(machine: Machine, table: Table) -> list[str]:
    """The subjects of what the abuse desk was told by one look-up."""
    desk = Desk(machine.house)
    asyncio.run(Aliases(machine.house, desk, table).refresh())
    return [subject for subject, _ in desk._letters]


def test_a_new_alias_holds_from_the_next_block_on(tmp_path: Path) -> None:
    """What comes under it counts for the account; nothing is read again, and a thief under both names is one theft."""
    machine, world, _ = scene(tmp_path)
    assert looked(machine, Table(("Anna.Smith@example.org", ANN))) == []
    half = theft(messages=24)
    machine.read([line.replace(f"A=plain:{ANN}", "A=plain:Anna.Smith@example.org") for line in half[:60]] + half[60:])
    assert {incident.account for incident in machine.incidents()} == {ANN}
    page = machine.house.pipeline.shelf.page(f"account:{ANN}")  # type: ignore[arg-type]
    assert {"Anna.Smith@example.org", ANN} <= set(page.spellings)
    assert list(world.stopped) == [ANN]


def test_a_look_up_that_fails_changes_nothing(tmp_path: Path) -> None:
    """The last known aliases stay in force, the desk is told once an hour, and mail goes on."""
    machine, _, _ = scene(tmp_path)
    table = Table(("anna@example.org", ANN))
    looked(machine, table)
    table.trouble = "the server is away"
    assert looked(machine, table) == ["the aliases of accounts cannot be looked up"]
    assert machine.house.accounts.fold("anna@example.org") == ANN
    machine.read(list(mail(NIGHT, "anna@example.org", HOME[ANN], ["b@example.net"])))
    assert machine.house.pipeline.shelf.peek(f"account:{ANN}") is not None  # type: ignore[arg-type]


def test_names_of_two_accounts_are_told_and_merge_nobody(tmp_path: Path) -> None:
    """The others count."""
    machine, _, _ = scene(tmp_path)
    table = Table(("team@example.org", ANN), ("team@example.org", "ben@example.org"), ("anna@example.org", ANN))
    assert looked(machine, table) == ["some aliases name no single account"]
    assert machine.house.accounts.fold("team@example.org") == "team@example.org"
    assert machine.house.accounts.fold("anna@example.org") == ANN


def test_orders_take_an_alias(tmp_path: Path) -> None:
    """The operator may call the account by any of its names, whenever that name became one."""
    machine, world, _ = scene(tmp_path)
    looked(machine, Table(("anna@example.org", ANN)))
    machine.say("block", "Anna@example.org")
    assert list(world.stopped) == [ANN]
