"""gatepost pools: what the operator types."""

from pathlib import Path

from tests.runtime.test_pools import CARRIER, MEMBERS, phones
from tests.surface.desk import Desk


def test_pools_are_learned_listed_pinned_and_dropped(tmp_path: Path) -> None:
    """From a log into the folder; what is said by hand wins."""
    desk = Desk(tmp_path, more='[data]\nfolder = "tables"\n')
    assert "no pools" in desk.run("pools", "list").out
    said = desk.run("pools", "learn", desk.log(phones(MEMBERS)), "--zone", "UTC")
    assert said.code == 0 and CARRIER in said.out and "7 blocks" in said.out and "5 of 5 accounts roam" in said.out
    assert desk.run("pools", "drop", CARRIER).code == 0 and "dropped" in desk.run("pools", "list").out
    assert desk.run("pools", "pin", "as64500", "--blocks", "10").code == 0
    assert "10 blocks are one access  pinned" in desk.run("pools", "list").out


def test_what_can_be_no_pool_is_exit_two(tmp_path: Path) -> None:
    """A rented server is none; and without a folder there is no place for any."""
    desk = Desk(tmp_path, more='[data]\nfolder = "tables"\n')
    assert desk.run("pools", "pin", "host:192.0.2.1").code == 2
    assert desk.run("pools", "pin", "as64500", "--blocks", "12").code == 2
    assert Desk(tmp_path).run("pools", "pin", "as64500").code == 2


def test_a_broken_file_of_pools_is_found_by_check(tmp_path: Path) -> None:
    """It belongs to the configuration."""
    desk = Desk(tmp_path, more='[data]\nfolder = "tables"\n')
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "pools.json").write_text("[1]")
    said = desk.run("check")
    assert said.code == 1 and "data.folder" in said.out
