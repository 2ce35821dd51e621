"""A crash at any moment forgets nothing and doubles nothing (contracts 10, 11).

A short life of one account is cut at every statement that writes to the state and at every moment of an action. What
stays is compared with the same life without a cut: pages, incidents, rows, and what the world saw.
"""

import json
import shutil
import signal
import sqlite3
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from msgspec import msgpack
from tests.live.ports import until
from tests.runtime.process import Process, now
from tests.runtime.scene import (
    ANN,
    HOME,
    NIGHT,
    Counter,
    Fixed,
    Machine,
    World,
    blocks,
    configured,
    habits,
    mail,
    theft,
)

from gatepost.config.settings import Settings
from gatepost.core.incident import Order
from gatepost.core.ports import Target
from gatepost.core.units import DAY
from gatepost.ledger.page import decode
from gatepost.store.file import Query
from gatepost.store.sqlite import Sqlite


class Crash(BaseException):
    """The process is gone."""


class Fate:
    """Counts the moments at which a process can die, and lets it die at some of them."""

    def __init__(self) -> None:
        self.at, self.passed = frozenset[int](), 0

    def moment(self) -> None:
        """One more of them."""
        self.passed += 1
        if self.passed in self.at:
            raise Crash


FATE = Fate()


class Mortal(Sqlite):
    """A state whose process can die before each statement that writes."""

    def run(self, sql: str, values: Query = ()) -> sqlite3.Cursor:
        """One statement."""
        if not sql.startswith(("SELECT", "PRAGMA", "CREATE")):
            FATE.moment()
        return super().run(sql, values)


class Doomed(Counter):
    """An action whose process can die before it acts, and after."""

    async def ensure(self, order: Order, target: Target) -> str:
        """Stop the account."""
        FATE.moment()
        note = await super().ensure(order, target)
        FATE.moment()
        return note

    async def undo(self, order: Order, target: Target, record: str) -> str:
        """Let it go."""
        FATE.moment()
        note = await super().undo(order, target, record)
        FATE.moment()
        return note


Step = tuple[float, str | list[str]]
"""When, and what the operator says or the lines that come."""


@cache
def story() -> list[Step]:
    """A theft, the operator's release, honest mail, the same theft again, a release, a block: steps and times."""
    robbed = theft(NIGHT, messages=4)
    honest = list(mail(NIGHT + 7200, ANN, HOME[ANN], ["friend1@partner1.example.net"]))
    again = theft(NIGHT + DAY, messages=3)
    steps: list[Step] = [(NIGHT, part) for part in blocks(robbed, 13)]
    steps += [(NIGHT + 3600, "release password-changed"), (NIGHT + 7200, honest)]
    steps += [(NIGHT + DAY, part) for part in blocks(again, 13)]
    return [*steps, (NIGHT + DAY + 60, "release honest"), (NIGHT + DAY + 120, "block")]


class Life:
    """The story, lived by one process after another."""

    def __init__(self, settings: Settings, steps: list[Step]) -> None:
        self.settings, self.steps = settings, steps
        self.clock, self.world = Fixed(), World()
        self.done = 0
        self.crashes = 0

    def live(self) -> None:
        """To the end, whatever happens."""
        while self.done < len(self.steps):
            machine: Machine | None = None
            try:
                self.clock.at = self.steps[self.done][0]
                machine = self.machine()
                machine.store._db.execute("PRAGMA synchronous = OFF")
                self._begin(machine)
                self._go_on(machine)
            except Crash:
                self.crashes += 1
                if machine is not None:
                    machine.store._db.close()
        self.end = Machine(self.settings, self.clock, [Doomed(self.world)])

    def machine(self) -> Machine:
        """One more process."""
        return Machine(self.settings, self.clock, [Doomed(self.world)], store=Mortal)

    def _begin(self, machine: Machine) -> None:
        """What the daemon does first."""
        machine.house.catch_up_with_operator()
        for incident in machine.store.find(standing=True):
            machine.house.contained(incident.key)
        machine.carry()

    def _go_on(self, machine: Machine) -> None:
        while self.done < len(self.steps):
            self.clock.at, step = self.steps[self.done]
            if isinstance(step, str):
                self._speak(machine, step)
            else:
                self._read(machine, step)
            self.done += 1
        machine.close()

    def _speak(self, machine: Machine, step: str) -> None:
        """The operator says each thing once: a command that got no answer is not repeated when it is in the table."""
        verb, _, how = step.partition(" ")
        if not any(told.instruction.at == self.clock.at for told in machine.store.told(0)):
            machine.say(verb, reason="test", how=how)

    def _read(self, machine: Machine, lines: list[str]) -> None:
        """Reading goes on at the position that is durable."""
        position = machine.store.position("mx1")
        assert position is not None
        sizes = [sum(len(line) + 1 for line in step) for _, step in self.steps[: self.done] if isinstance(step, list)]
        if position.offset == BASE[0] + sum(sizes):
            machine.read(lines)
        else:
            machine.carry()

    def state(self) -> dict[str, object]:
        """Everything that must be equal."""
        store = self.end.store
        pages = {subject: decode(store.load(subject) or b"") for subject in store.subjects()}
        return {
            "pages": pages,
            "incidents": self.end.incidents(),
            "rows": self.end.rows(),
            "site": store.meta("site"),
            "messages": sorted(msgpack.encode(found) for found in store.all_messages()),
            "stopped": self.world.stopped,
            "effects": self.world.effects,
        }


BASE = [0]


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state that knows its accounts."""
    folder = tmp_path_factory.mktemp("learnt")
    machine = Machine(configured(folder), actions=[])
    machine.read(habits((ANN,)))
    position = machine.store.position("mx1")
    assert position is not None
    BASE[0] = position.offset
    machine.close()
    return folder


@pytest.fixture
def settings(learnt: Path, tmp_path: Path) -> Callable[[], Settings]:
    """A fresh copy of that state each time."""
    numbers = iter(range(10_000))

    def copy() -> Settings:
        folder = tmp_path / str(next(numbers))
        shutil.copytree(learnt, folder)
        return configured(folder)

    return copy


def test_a_crash_at_any_moment_changes_nothing(settings: Callable[[], Settings]) -> None:
    """Final pages, incidents, rows and effects equal those of the life without a crash, wherever it is cut."""
    whole, moments = _lived(settings())
    assert whole["effects"] == [
        "stop ann@example.org#1", "free ann@example.org#1", "stop ann@example.org#2", "free ann@example.org#2",
        "stop ann@example.org#3",
    ]  # fmt: skip
    assert moments > 90
    for at in range(1, moments + 1):
        cut, _ = _lived(settings(), at)
        for part, value in whole.items():
            assert cut[part] == value, f"cut at moment {at}: {part}"


def test_a_second_crash_on_the_way_back_changes_nothing_either(settings: Callable[[], Settings]) -> None:
    """Recovery can be cut like anything else."""
    whole, moments = _lived(settings())
    for at in range(1, moments, 9):
        for later in (1, 2, 4):
            assert _lived(settings(), at, at + later)[0] == whole, f"cut at moment {at}, and {later} later"


def _lived(settings: Settings, *at: int) -> tuple[dict[str, object], int]:
    """The state at the end, and how many moments there were."""
    FATE.at, FATE.passed = frozenset(at), 0
    life = Life(settings, story())
    life.live()
    assert life.crashes == len(at)
    moments, FATE.at = FATE.passed, frozenset()
    state = life.state()
    life.end.close()
    return state, moments


def test_kill_9_forgets_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    """A real process is killed between the slices of a theft: one incident, every order once, and a release holds."""
    configured(tmp_path)
    process = Process(tmp_path)
    process.learn()
    process.start()
    for part in blocks(theft(now(), messages=6), 14):
        process.append(part)
        process.kill()
        process.start()
    until(lambda: process.denied == [ANN] and _blocking(process), "the account is denied by its block", 60)
    process.kill()
    assert [found["incident"] for found in process.incidents()] == [f"{ANN}#1"]
    orders = json.loads(process.run("export", ANN).stdout)["orders"]
    assert len({row["order"]["step"] for row in orders}) == len(orders)
    assert [row["order"]["ensure"] for row in orders if row["state"] in ("running", "done")][-1:] == ["blocked"]
    assert process.run("release", ANN, "--honest").returncode == 0
    assert process.denied == []
    process.start()
    assert process.kill(signal.SIGTERM) == 0
    assert process.denied == []
    assert [found["state"] for found in process.incidents()] == ["released"]
    assert "Traceback" not in process.said


def _blocking(process: Process) -> bool:
    """Whether the block itself was begun: the lower levels before it put the account into the table too."""
    with Sqlite.open(process.folder / "state.db", readonly=True) as store:
        rows = store.rows(f"{ANN}#1")
    return any(row.order.ensure == "blocked" and row.state in ("running", "done") for row in rows)
