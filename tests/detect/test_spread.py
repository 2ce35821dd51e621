"""More networks than one person has, and how many blocks are one."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.build import ANN, START, House, submission

from gatepost.config.detectors import detectors
from gatepost.config.load import load
from gatepost.core.facts import Observation, Origin
from gatepost.core.units import DAY
from gatepost.detect.spread import Spread
from gatepost.enrich.pools import MOST_BLOCKS
from gatepost.runtime import pools


def roaming(blocks: int, network: str = "as64500") -> list[Observation]:
    """One account in so many blocks of one network within minutes."""
    return [
        Observation(submission(START + place).event, Origin(network, "mobile", f"198.51.{place}.0/24", 64500))
        for place in range(blocks)
    ]


@pytest.mark.parametrize(
    ("known", "blocks", "accused"),
    [
        ({}, 12, False),
        ({}, 13, True),
        ({"as64500": MOST_BLOCKS}, 48, True),
        ({"as64500": 10}, 40, False),
        ({"as64500": 10}, 41, True),
        ({"as1": 60}, 13, True),
    ],
)
def test_a_pool_is_one_access_up_to_what_is_usual(known: Mapping[str, int], blocks: int, accused: bool) -> None:
    """Five accesses within the hour are too many; in the widest pool, too."""
    house = House([Spread(pools=dict(known))])
    for seen in roaming(blocks):
        house.see(seen)
    assert ("spread" in house.page(ANN).standing) == accused


def test_learned_pools_reach_the_detector(tmp_path: Path) -> None:
    """And what is written in its block wins over them."""
    file = tmp_path / "gatepost.toml"
    file.write_text('[data]\nfolder = "tables"\n[[detector]]\nkind = "spread"\npools = { as64501 = 11 }\n')
    settings = load(file)
    pools.pin(settings.data, "as64500", 10)
    pools.pin(settings.data, "as64501", 10)
    (spread,) = (one for one in detectors(settings) if isinstance(one, Spread))
    assert spread.pools == {"as64500": 10, "as64501": 11}


@pytest.mark.parametrize(
    ("program", "networks", "points"), [("bare/plain/login", 1, 12.0), ("bare/plain/login", 9, 30.0)]
)
def test_what_begins_on_the_second_day_counts_little(program: str, networks: int, points: float) -> None:
    """An account with one day of history: new networks with a new program, at most `young_most`."""
    house = House([Spread(hour_points=((20.0, 20.0),), day_points=((20.0, 20.0),))])
    house.see(submission(START))
    for number in range(networks):
        house.see(submission(START + DAY + 60 * number, f"198.{18 + number}.7.9", print_=program))
    assert house.page(ANN).standing["spread"].points == points


@pytest.mark.parametrize("program", ["fqdn/tls/plain", "bare/plain/login"])
def test_nothing_is_new_on_the_first_day(program: str) -> None:
    """Nor later, where the program is the one of the first day."""
    house = House([Spread()])
    first = START if program == "bare/plain/login" else START - DAY
    house.see(submission(first))
    for number in range(3):
        house.see(submission(START + 3600 + 60 * number, f"198.{18 + number}.7.9", print_=program))
    assert "spread" not in house.page(ANN).standing
