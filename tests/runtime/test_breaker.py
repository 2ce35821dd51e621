"""How many accounts gatepost may block by itself."""

from pathlib import Path

import pytest
from tests.runtime.scene import NIGHT, Counter, Fixed, Machine, Post, World, configured, theft

from gatepost.core.asked import Question
from gatepost.core.units import Account
from gatepost.runtime.desk import Desk
from gatepost.runtime.doors import Doors


def accounts(number: int) -> list[str]:
    """So many accounts of the domain."""
    return [f"user{n:02d}@example.org" for n in range(number)]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A gatepost with the shipped breaker."""
    return Machine(configured(tmp_path, on='["hold", "block"]'), Fixed(), [Counter(World()), Post()])


def given(machine: Machine, account: str) -> list[str]:
    """The measures that one account got."""
    return [key.split("/")[1] for key in machine.rows() if key.startswith(f"{account}#") and "counter" in key]


def rob(machine: Machine, account: str, at: float = NIGHT) -> None:
    """A theft that reaches block at once, for an account nobody knows: hostile in every way."""
    machine.read(theft(at, account, messages=20, bad=6))


def test_the_eleventh_block_within_an_hour_is_a_hold(machine: Machine) -> None:
    """Tripping it on purpose protects nobody: the account is held, and the letter says why."""
    names = accounts(11)
    for name in names:
        rob(machine, name)
    assert [incident.peak.word for incident in machine.incidents()] == ["block"] * 11
    assert ["blocked" in given(machine, name) for name in names] == [True] * 10 + [False]
    assert given(machine, names[10])[-1] == "held"
    row = machine.store.rows(f"{names[10]}#1")[-1]
    assert row.order.ensure == "notified"
    assert "[breaker]" in row.order.detail[0][1]


def test_an_hour_later_it_blocks_again(machine: Machine) -> None:
    """Sixty minutes of the clock."""
    names = accounts(11)
    for name in names[:10]:
        rob(machine, name)
    machine.clock.at += 3601
    rob(machine, names[10], machine.clock.at)
    assert "blocked" in given(machine, names[10])


def test_the_operator_passes_and_is_not_counted(machine: Machine) -> None:
    """Ten blocks by hand leave ten to gatepost; an eleventh by hand is a block."""
    by_hand, stolen = accounts(10), accounts(21)[10:]
    for name in by_hand:
        machine.say("block", name, reason="phone call")
    for name in stolen[:10]:
        rob(machine, name)
    assert "blocked" in given(machine, stolen[9])
    rob(machine, stolen[10])
    assert "blocked" not in given(machine, stolen[10])
    reply = machine.say("block", stolen[10], reason="seen by a human")
    assert (reply.rows[-1].order.ensure, reply.rows[-1].state) == ("blocked", "done")


def test_releases_and_retries_count_nothing(machine: Machine) -> None:
    """Only what was newly given within the hour counts, however often its rows change."""
    names = accounts(11)
    for name in names[:10]:
        rob(machine, name)
    machine.clock.at += 3500
    for name in names[:10]:
        machine.say("release", name, how="honest")
    machine.clock.at += 200
    rob(machine, names[10], machine.clock.at)
    assert "blocked" in given(machine, names[10])


def test_a_large_site_may_block_more(tmp_path: Path) -> None:
    """The larger of the number and the share of the active accounts."""
    more = "breaker = { blocks_per_hour = 1, share = 1.0 }"
    machine = Machine(configured(tmp_path, on='["hold", "block"]', more=more), Fixed(), [Counter(World())])
    names = accounts(4)
    for name in names:
        rob(machine, name)
    assert all("blocked" in given(machine, name) for name in names)


def test_a_new_spelling_of_a_blocked_account_is_no_new_block(machine: Machine) -> None:
    """The account is counted once: its other spellings are denied even when the breaker has tripped."""
    names = accounts(11)
    for name in names[:10]:
        rob(machine, name)
    upper = [line.replace(f"plain:{names[0]}", f"plain:{names[0].upper()}") for line in theft(NIGHT + 60, names[0], 1)]
    machine.read(upper)
    assert given(machine, names[0])[-1] == "blocked"
    assert given(machine, names[0]).count("blocked") == 2


def denied(folder: Path) -> set[str]:
    """The logins in the deny table."""
    lines = (folder / "exim" / "deny").read_text().splitlines()
    return {line.split('"')[1] for line in lines if line.startswith('"')}


def test_with_a_table_for_blocks_only_the_hold_denies_and_is_undone(tmp_path: Path) -> None:
    """As shipped: the table would have carried out the block and loses nothing, so it carries out the hold."""
    machine = Machine(configured(tmp_path, on='["block"]'), Fixed())
    names = accounts(11)
    for name in names:
        rob(machine, name)
    assert denied(tmp_path) == set(names)
    kinds = {row.order.ensure: row.order.instead for row in machine.store.rows(f"{names[10]}#1")}
    assert kinds["held"] == "blocked" and "blocked" not in kinds
    machine.say("release", names[10], how="honest")
    assert denied(tmp_path) == set(names[:10])


def test_only_what_loses_nothing_stands_in(tmp_path: Path) -> None:
    """A hold by level is nothing to an action for blocks; and one that blocks for good stops with the breaker."""
    blocker = Counter(World())
    blocker.ensures = frozenset({"blocked"})
    machine = Machine(configured(tmp_path, more="breaker = { blocks_per_hour = 1, share = 0 }"), Fixed(), [blocker])
    first, second = accounts(2)
    rob(machine, first)
    rob(machine, second)
    assert given(machine, first) == ["blocked"] and given(machine, second) == []
    machine.read(theft(NIGHT, "web@example.org", messages=6, bad=6))
    assert machine.incidents(Account("web@example.org"))[-1].peak.word == "hold"
    assert given(machine, "web@example.org") == []


def test_a_new_spelling_is_denied_after_the_breaker_too(tmp_path: Path) -> None:
    """What stands in the place of the block grows as the block would."""
    machine = Machine(
        configured(tmp_path, on='["block"]', more="breaker = { blocks_per_hour = 1, share = 0 }"), Fixed()
    )
    first, second = accounts(2)
    rob(machine, first)
    rob(machine, second)
    machine.read([line.replace(f"plain:{second}", f"plain:{second.upper()}") for line in theft(NIGHT + 60, second, 1)])
    rows = [row for row in machine.store.rows(f"{second}#1") if row.order.instead and row.state == "done"]
    assert [row.order.step for row in rows] == [3, 4]


def test_a_door_for_blocks_only_keeps_what_the_breaker_holds(tmp_path: Path) -> None:
    """A hold by level passes there, as configured."""
    door = '[[door]]\nkind = "postfix"\nlisten = "unix:/run/gatepost/postfix"\non = ["block"]\n'
    settings = configured(tmp_path, more=f"breaker = {{ blocks_per_hour = 1, share = 0 }}\n{door}")
    machine = Machine(settings, Fixed())
    doors = Doors(machine.house, Desk(machine.house), lambda: True)
    first, second = accounts(2)
    rob(machine, first)
    rob(machine, second)
    machine.read(theft(NIGHT, "web@example.org", messages=2, bad=5))

    def act(account: str) -> str:
        question = Question(stage="data", login=account, client="192.0.2.1", message="m1")
        return doors.answer(settings.door[0], question).act

    assert [act(name) for name in (first, second, "web@example.org")] == ["deny", "hold", "pass"]
