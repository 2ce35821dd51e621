"""What a receiver refuses everybody is charged to nobody, and no thief is excused by other thieves."""

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

import pytest
from tests.runtime.scene import ANN, BEN, BOTNET, CLEO, DAN, HOME, NIGHT, Fixed, Machine, Post, configured, habits

from gatepost.core.units import Account, account_subject, iso
from gatepost.runtime.desk import Desk
from gatepost.runtime.unwelcome import Unwelcome
from gatepost.store import dead

AWAY = "10.99.3.4"
_serial = count(1)
LISTED = (
    "554 5.7.1 Service unavailable; client host [192.0.2.1] blocked using bl.example.com, see https://bl.example.com/q"
)
UNKNOWN = "550 5.1.1 user unknown"


def refused(
    at: float, account: str, client: str, to: Sequence[str], reply: str = LISTED, print_: str = "desk"
) -> Iterator[str]:
    """The lines of one message whose recipients are all refused by one big receiver."""
    queue_id = f"1yyyyy-{next(_serial):06d}-00"
    stamp = f"{iso(at)[:10]} {iso(at)[11:19]}"
    yield (
        f"{stamp} {queue_id} <= {account} H=({print_}.example.net) [{client}] P=esmtpa A=plain:{account}"
        f" S=400 id={queue_id}@example.net for {' '.join(to)}"
    )
    for address in to:
        yield (
            f"{stamp} {queue_id} ** {address} R=dnslookup T=remote_smtp H=mx.big.example.net [203.0.113.5]:"
            f" SMTP error from remote mail server after RCPT TO:<{address}>: {reply}"
        )
    yield f"{stamp} {queue_id} Completed"


def everybody(at: float = NIGHT, reply: str = LISTED, accounts: Sequence[Account] = (BEN, CLEO, DAN)) -> list[str]:
    """Honest accounts at home are refused, a second apart."""
    return [
        line
        for number, account in enumerate(accounts)
        for line in refused(at + number, account, HOME[account], [f"friend{number}@big.example.net"], reply)
    ]


def travels(at: float = NIGHT + 60, messages: int = 6, reply: str = LISTED) -> list[str]:
    """ann writes to five people there from a network she never was in."""
    lines: list[str] = []
    for number in range(messages):
        to = [f"p{number}x{n}@big.example.net" for n in range(5)]
        lines += refused(at + number, ANN, AWAY, to, reply)
    return lines


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A gatepost that knows its accounts."""
    machine = Machine(configured(tmp_path), Fixed(), [Post()])
    machine.read(habits())
    return machine


def standing(machine: Machine, account: Account) -> set[str]:
    """The detectors that say something of an account."""
    page = machine.house.pipeline.shelf.peek(account_subject(account))
    return set(page.standing) if page is not None else set()


def test_alone_a_traveller_with_such_refusals_looks_like_a_thief(machine: Machine) -> None:
    """What the other laws take away is really there."""
    machine.read(travels())
    assert "refusals" in standing(machine, ANN)


def test_what_everybody_is_refused_raises_no_score(machine: Machine) -> None:
    """Once three honest accounts were refused by the list, thirty refusals of a traveller say nothing about her."""
    machine.read(everybody())
    machine.read(travels())
    assert not standing(machine, ANN) & {"refusals", "recipients"}
    assert all(not standing(machine, account) for account in (BEN, CLEO, DAN))


def test_it_outlives_the_process(machine: Machine) -> None:
    """Witnesses and trouble are in the state, with the pages they agree with."""
    machine.read(everybody(accounts=(BEN, CLEO)))
    machine.close()
    again = Machine(machine.settings, machine.clock, [Post()])
    again.read(everybody(NIGHT + 30, accounts=(DAN,)))
    again.close()
    third = Machine(machine.settings, machine.clock, [Post()])
    third.read(travels())
    assert "refusals" not in standing(third, ANN)


def test_thieves_do_not_excuse_each_other(machine: Machine) -> None:
    """Four stolen accounts refused from a botnet: each is charged, and no receiver is reported."""
    for turn in range(6):
        for number, account in enumerate((ANN, BEN, CLEO, DAN)):
            to = [f"v{turn}x{number}x{n}@big.example.net" for n in range(5)]
            client = BOTNET[4 * turn % len(BOTNET) + number % 4 if turn < 4 else number]
            machine.read(list(refused(NIGHT + 10 * turn + number, account, client, to, print_="bot")))
    assert all("refusals" in standing(machine, account) for account in (ANN, BEN, CLEO, DAN))
    assert machine.house.pipeline.troubles.take() == []


def test_the_trouble_of_one_receiver_excuses_nothing_at_another(machine: Machine) -> None:
    """Refusals elsewhere, and other refusals there, count as ever."""
    machine.read(everybody())
    machine.read([line.replace("mx.big.example.net", "mx.small.example.org") for line in travels()])
    assert "refusals" in standing(machine, ANN)


def test_addresses_that_a_broken_receiver_denies_are_not_dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When it knows nobody any more, lists stay as they are and nobody has a dirty one."""
    people = [Account(f"c{number}@example.org") for number in range(8)]
    for account in people:
        monkeypatch.setitem(HOME, account, "192.0.2.50")
    machine = Machine(configured(tmp_path), Fixed(), [Post()])
    machine.read(habits((ANN, *people)))
    machine.read(everybody(reply=UNKNOWN, accounts=people))
    machine.read(travels(reply=UNKNOWN))
    assert "recipients" not in standing(machine, ANN)
    assert dead.of(machine.store, ANN) == []


def test_the_desk_is_told_where_we_are_listed(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    """Once, with list and link made harmless, and that nobody is charged."""
    machine.read(everybody())
    machine.read(everybody(NIGHT + 60))
    desk = Desk(machine.house)
    Unwelcome(machine.house, desk).look(live=True)
    ((subject, lines),) = desk._letters
    assert subject == '"big[.]example[.]net" refuses everybody\'s mail: we are listed at "bl[.]example[.]com"'
    assert 'it says to visit "hxxps[:]//bl[.]example[.]com/q"' in lines
    assert "these refusals count against no account while this lasts" in lines
    assert "host mx1, 3 accounts refused" in capsys.readouterr().out


def test_a_catch_up_tells_the_log_only(machine: Machine) -> None:
    """Old trouble is worth no letter."""
    machine.read(everybody())
    desk = Desk(machine.house)
    Unwelcome(machine.house, desk).look(live=False)
    assert not desk._letters
