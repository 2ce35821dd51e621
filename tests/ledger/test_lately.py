"""Windows that are read from the last sights of a longer one."""

import pytest
from tests.build import HOME, START, House, submission

from gatepost.core.units import DAY, Instant, Seconds
from gatepost.detect.base import many
from gatepost.detect.gate import Gate
from gatepost.detect.spread import Spread
from gatepost.ledger.measures import BLOCKS, NETWORKS, Lately
from gatepost.ledger.recorder import Fresh
from gatepost.ledger.signals import _inside
from gatepost.ledger.view import View

HOUR = Seconds(3600)


def view(house: House, at: float) -> View:
    """The account's page at an instant."""
    return View(house.page(), None, house.site, Instant(at), Fresh())


@pytest.mark.parametrize("number", [2, 9], ids=["few", "packed"])
def test_an_hour_is_read_from_what_is_kept_for_a_day(number: int) -> None:
    """Of the blocks of a day those of the last hour, by their last sight."""
    house = House()
    house.see(*(submission(START + 600 * turn, f"198.{18 + turn}.7.9") for turn in range(number)))
    end = START + 600 * (number - 1)
    assert len(view(house, end).distinct(BLOCKS)) == number
    assert len(view(house, end).lately(Lately(BLOCKS, HOUR))) == min(number, 6)
    assert view(house, end + 2 * HOUR).lately(Lately(BLOCKS, HOUR)) == []


@pytest.mark.parametrize("number", [2, 9], ids=["few", "packed"])
def test_a_week_is_read_from_the_networks_ever_seen(number: int) -> None:
    """Of all networks those of the last week; a network that was before a release counts no more."""
    house = House()
    house.see(*(submission(START + DAY * turn, f"198.{18 + turn}.7.9") for turn in range(number)))
    end, week = START + DAY * (number - 1), Lately(NETWORKS, Seconds(7 * DAY))
    assert len(view(house, end).lately(week)) == min(number, 7)
    house.page().cleared = Instant(end - DAY / 2)
    assert len(view(house, end).lately(week)) == 1


def test_a_gate_opens_for_networks_of_a_week() -> None:
    """At the eighth network of a week the gate opens though the hour shows one block, and not before."""
    house, gate = House([]), Gate((Spread(day_points=((90.0, 20.0), (99.0, 45.0))),))
    for turn in range(8):
        house.see(submission(START + 0.5 * DAY * turn, f"198.{18 + turn}.7.9"))
        assert gate.opens(house.page(), 0) == (turn == 7)


@pytest.mark.parametrize(
    ("network", "blocks"),
    [
        ("net:10.1.0.0/16", ("10.1.0.0/24", "10.1.1.0/24", "10.1.10.0/24", "10.1.100.0/24")),
        ("net:2001:db8::/32", ("2001:db8::/56", "2001:db8:0:100::/56", "2001:db8:1::/56", "2001:db8:1:100::/56")),
        ("as64496", ("192.0.2.0/24", "198.51.100.0/24", "2001:db8::/56")),
        ("local", (HOME,)),
    ],
)
def test_blocks_of_a_network_stay_apart(network: str, blocks: tuple[str, ...]) -> None:
    """A block is named by what it does not share with its network, and the network stands before it."""
    names = {_inside(network, block) for block in blocks}
    assert len(names) == len(blocks)
    assert {name.partition(" ")[0] for name in names} == {network}


def test_a_full_set_says_that_it_is_full() -> None:
    """A number that a set cannot tell exactly is not told as if it were exact."""
    assert many(BLOCKS.cap - 1, BLOCKS) == str(BLOCKS.cap - 1)
    assert many(BLOCKS.cap, BLOCKS) == f"{BLOCKS.cap} or more"
