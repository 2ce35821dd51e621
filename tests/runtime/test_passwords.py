"""Locked passwords that are set anew while the account is blocked."""

import asyncio
from pathlib import Path

from tests.act.locking import HASHES
from tests.act.vaults import Lite
from tests.runtime.scene import ANN, Counter, Fixed, Machine, World, configured, habits, theft

from gatepost.act.credentials import Credentials
from gatepost.core.incident import State
from gatepost.judge.docket import Change
from gatepost.runtime.desk import Desk
from gatepost.runtime.passwords import Passwords


class Scene:
    """Ann is robbed; her password is locked in SQLite, and she is in a deny table."""

    def __init__(self, folder: Path, *, releases: bool) -> None:
        self.lite, self.world = Lite(folder), World()
        settings = configured(folder / "state")
        self.machine = Machine(settings, Fixed(), [Counter(self.world)])
        self.action = Credentials("sql", self.lite.lock, self.machine.store, releases=releases)
        self.machine.house.actions[self.action.name] = self.action
        self.machine.carrier.renew()
        self.machine.read(habits())
        self.machine.read(theft())
        self.desk, self.changes = Desk(self.machine.house), list[Change]()

    def look(self) -> list[str]:
        """One look; the subjects of what the abuse desk was told."""
        watch = Passwords(self.machine.house, self.machine.carrier, self.desk, self.changes.append)
        asyncio.run(watch.look())
        return [subject for subject, _ in self.desk._letters]

    @property
    def state(self) -> State:
        """Where the only incident stands."""
        (incident,) = self.machine.incidents()
        return incident.state


def test_while_nothing_changes_nothing_is_said(tmp_path: Path) -> None:
    """A locked password that stays locked is no news."""
    scene = Scene(tmp_path, releases=True)
    assert scene.lite.stored()[ANN] != HASHES[ANN]
    assert scene.look() == []
    assert scene.state is State.CONTAINED


def test_a_new_password_is_told_once(tmp_path: Path) -> None:
    """By default the abuse desk hears of it, with the command, and every measure stands."""
    scene = Scene(tmp_path, releases=False)
    scene.lite.change(ANN, "$2y$05$new")
    assert len(scene.look()) == 1 and len(scene.look()) == 1
    assert f"release {ANN} --password-changed" in " ".join(scene.desk._letters[0][1])
    assert scene.state is State.CONTAINED and ANN in scene.world.stopped


def test_a_new_password_releases_when_it_may(tmp_path: Path) -> None:
    """As configured, the incident ends as a theft, every measure is undone, and the new password stays."""
    scene = Scene(tmp_path, releases=True)
    scene.lite.change(ANN, "$2y$05$new")
    assert scene.look() == []
    assert scene.state is State.RELEASED and scene.world.stopped == {}
    assert scene.lite.stored()[ANN] == "$2y$05$new"
    (told,) = scene.machine.store.told(0)
    assert (told.instruction.by, told.instruction.how) == ("gatepost", "password-changed")
    assert scene.look() == []


def test_an_account_that_is_gone_is_no_new_password(tmp_path: Path) -> None:
    """A row that was deleted releases nobody."""
    scene = Scene(tmp_path, releases=True)
    scene.lite.run("DELETE FROM users WHERE login = ?", ANN)
    assert scene.look() == []
    assert scene.state is State.CONTAINED


def test_a_database_that_is_away_is_no_new_password(tmp_path: Path) -> None:
    """Not to know is not to release."""
    scene = Scene(tmp_path, releases=True)
    scene.lite.path.rename(tmp_path / "away")
    assert scene.look() == []
    assert scene.state is State.CONTAINED
