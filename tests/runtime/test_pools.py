"""Roaming pools read from logs, and the operator's word on them."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from tests.runtime.scene import NIGHT, mail, theft

from gatepost.config.pools import FILE, blocks, kept
from gatepost.config.settings import Data, Domains, Settings
from gatepost.core.errors import ConfigError
from gatepost.core.units import DAY
from gatepost.enrich.pools import Pool
from gatepost.runtime import pools
from gatepost.runtime.replay import Replay

CARRIER = "net:10.20.0.0/16"
SETTINGS = Settings(domains=Domains(local=("example.org",)))


def phones(accounts: Iterable[str], days: int = 4) -> list[str]:
    """Accounts that write every hour of the day's end, each time from another block of one carrier."""
    lines: list[tuple[float, str]] = []
    for account in accounts:
        for turn in range(days * 8):
            at = NIGHT - (turn // 8 + 1) * DAY + (turn % 8) * 3600.0
            new = mail(at, account, f"10.20.{turn % 7}.9", [f"friend{turn % 8}@partner.example.net"])
            lines += [(at, line) for line in new]
    return [line for _, line in sorted(lines, key=lambda pair: pair[0])]


def learned(folder: Path, lines: Iterable[str]) -> list[Pool]:
    """What a log shows."""
    log = folder / "mainlog"
    log.write_text("".join(f"{line}\n" for line in lines))
    return pools.learn(Replay([str(log)], SETTINGS, zone="UTC"))


MEMBERS = tuple(f"member{number}@example.org" for number in range(5))


def test_a_carriers_customers_make_it_a_pool(tmp_path: Path) -> None:
    """As its accounts' mail shows it."""
    assert learned(tmp_path, phones(MEMBERS)) == [Pool(CARRIER, 7, 5, 5)]
    assert learned(tmp_path, phones(MEMBERS[:4])) == []


def test_a_stolen_account_teaches_nothing(tmp_path: Path) -> None:
    """One of five had an incident in these logs: four are too few."""
    assert learned(tmp_path, [*phones(MEMBERS), *theft(NIGHT, MEMBERS[0])]) == []


def test_the_operators_word_outlives_what_is_learned(tmp_path: Path) -> None:
    """Pinned and dropped pools stay; learned ones are those of the newest logs."""
    data = Data(folder=str(tmp_path / "data"))
    pools.keep(data, [Pool("as64500", 9, 8, 8), Pool("as64501", 5, 6, 6)])
    assert blocks(data) == {"as64500": 9, "as64501": 5}
    pools.drop(data, "as64500")
    assert pools.pin(data, "as64501", None).blocks == 5 and pools.pin(data, "as64502", 10).blocks == 10
    pools.keep(data, [Pool("as64500", 9, 8, 8), Pool("as64503", 4, 5, 5)])
    assert blocks(data) == {"as64501": 5, "as64502": 10, "as64503": 4}
    assert [pool.state for pool in kept(data)] == ["dropped", "pinned", "pinned", "learned"]


def test_a_file_that_is_none_is_said(tmp_path: Path) -> None:
    """With its path; and a configuration without a place for it."""
    (tmp_path / FILE).write_text("{}")
    with pytest.raises(ConfigError, match=r"pools\.json"):
        blocks(Data(folder=str(tmp_path)))
    with pytest.raises(ConfigError, match="folder"):
        pools.keep(Data(), [])
