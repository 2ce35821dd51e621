"""A gatepost in a folder: a log we write, a clock we set, an action that counts what it changed.

Owns what the tests of the machine room share. No socket, no server, no waiting: lines are handed over in blocks.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from gatepost.config.load import load
from gatepost.config.settings import Settings
from gatepost.core.errors import ActionError
from gatepost.core.incident import Incident, Order
from gatepost.core.ports import Action, Position, Target
from gatepost.core.units import DAY, Account, Instant, iso
from gatepost.judge.docket import Change
from gatepost.runtime import control
from gatepost.runtime.carry import Carrier
from gatepost.runtime.control import Reply, Request
from gatepost.runtime.house import House
from gatepost.runtime.obey import obey
from gatepost.runtime.sources import sources
from gatepost.source.given import Lines
from gatepost.source.lines import length
from gatepost.store.sqlite import Sqlite

ANN, BEN, CLEO, DAN = (Account(f"{name}@example.org") for name in ("ann", "ben", "cleo", "dan"))
HOME = {ANN: "192.0.2.10", BEN: "192.0.2.20", CLEO: "192.0.2.30", DAN: "192.0.2.40"}
BOTNET = tuple(f"10.{number}.7.9" for number in range(20, 40))
NIGHT = Instant(1_773_543_600.0)
"""2026-03-15T03:00:00Z: when thieves come. Fourteen days of habits lie before it."""

CONFIG = """\
mode = "{mode}"
start = {{ observe_for = "{observe_for}" }}
domains = {{ local = ["example.org"] }}
{more}
[[source]]
kind = "tail"
name = "mx1"
path = "mainlog"
zone = "UTC"
[[action]]
kind = "table"
path = "exim/deny"
on = {on}
"""

LETTERS = """
[[action]]
kind = "notify"
to = ["abuse@example.test"]
from = "gatepost@example.org"
smtp = "127.0.0.1:{port}"
"""


class Fixed:
    """A clock that stands still until it is told."""

    def __init__(self, at: float = NIGHT) -> None:
        self.at = at

    def now(self) -> Instant:
        """The time it was told."""
        return Instant(self.at)


class World:
    """What an action changes; it survives the process."""

    def __init__(self) -> None:
        self.stopped: dict[str, str] = {}
        """Account to the incident that stopped it."""
        self.effects: list[str] = []
        """Every real change, in order."""
        self.asked: list[str] = []
        """Every order, also those that changed nothing."""
        self.refuses = ""


class Counter:
    """An action upon a World."""

    name = "counter"
    ensures = frozenset({"throttled", "held", "blocked"})

    def __init__(self, world: World) -> None:
        self.world = world

    def plan(self, order: Order, target: Target) -> str:
        """The undo record."""
        return order.incident

    async def ensure(self, order: Order, target: Target) -> str:
        """Stop the account."""
        self.world.asked.append(order.key)
        if self.world.refuses:
            raise ActionError(self.world.refuses, retry=True)
        if self.world.stopped.get(order.account) != order.incident:
            self.world.stopped[order.account] = order.incident
            self.world.effects.append(f"stop {order.incident}")
        return "stopped"

    async def undo(self, order: Order, target: Target, record: str) -> str:
        """Let the account go."""
        if self.world.refuses:
            raise ActionError(self.world.refuses, retry=True)
        if self.world.stopped.get(order.account) == record:
            del self.world.stopped[order.account]
            self.world.effects.append(f"free {record}")
        return "free"


class Post:
    """An action that only notes letters."""

    name = "post"
    ensures = frozenset({"notified"})

    def __init__(self) -> None:
        self.letters: list[str] = []
        self.digests: list[list[str]] = []
        self.alarms: list[tuple[str, tuple[str, ...]]] = []

    def plan(self, order: Order, target: Target) -> str:
        """Nothing to take back."""
        return ""

    async def ensure(self, order: Order, target: Target) -> str:
        """One letter."""
        self.letters.append(order.key)
        return "told"

    async def undo(self, order: Order, target: Target, record: str) -> str:
        """A letter stays sent."""
        return "stays sent"

    async def digest(self, pairs: Sequence[tuple[Order, Target]]) -> str:
        """One letter about many."""
        self.digests.append([order.key for order, _ in pairs])
        return "told together"

    async def alarm(self, subject: str, lines: Sequence[str]) -> str:
        """A letter about what is no incident."""
        self.alarms.append((subject, tuple(lines)))
        return "told"


def configured(
    folder: Path,
    mode: str = "enforce",
    *,
    observe_for: str = "0s",
    on: str = '["throttle", "hold", "block"]',
    more: str = "",
) -> Settings:
    """A configuration in a folder."""
    (folder / "exim").mkdir(parents=True, exist_ok=True)
    path = folder / "gatepost.toml"
    path.write_text(CONFIG.format(mode=mode, observe_for=observe_for, on=on, more=more))
    return load(path)


class Machine:
    """State, pipeline and orders of one process, without its daemon."""

    def __init__(
        self,
        settings: Settings,
        clock: Fixed | None = None,
        actions: Iterable[Action] | None = None,
        store: type[Sqlite] = Sqlite,
    ) -> None:
        self.settings, self.clock = settings, clock or Fixed()
        self.store = store.open(Path(settings.state.path))
        self.house = House(settings, self.store, self.clock)
        if actions is not None:
            self.house.actions = {action.name: action for action in actions}
        self.carrier = Carrier(self.house)
        self.source = sources(self.house)[0][0]
        self.changes: list[Change] = []

    def read(self, lines: Sequence[str]) -> None:
        """Lines come, become durable, and what is ordered is carried out."""
        before = self.house.positions.get("mx1") or self.store.position("mx1") or Position(1)
        end = before.offset + sum(length(line) for line in lines)
        position = Position(1, end, newest=before.newest)
        self.changes += (changes := self.source.read(Lines(1, before.offset, list(lines), position)))
        self.changes += (ended := self.house.pipeline.advance(self.source.feed.newest))
        self.house.settle([*changes, *ended])
        self.carry()

    def carry(self) -> None:
        """Everything that is due."""
        asyncio.run(self._carry())

    async def _carry(self) -> None:
        names = sorted(self.house.actions, key=lambda name: "notified" in self.house.actions[name].ensures)
        for name in names:
            await self.carrier.run(name)

    def say(self, verb: str, account: str = ANN, **more: object) -> Reply:
        """The operator speaks."""
        request = Request(verb, account, **more)  # type: ignore[arg-type]
        return asyncio.run(obey(self.house, self.carrier, request, "root"))

    def tell(self, verb: str, account: str = ANN, **more: object) -> None:
        """The operator's word is written down, and nothing else happens yet."""
        request = Request(verb, account, **more)  # type: ignore[arg-type]
        self.store.tell(control.instruction(request, "root", self.clock.now()))

    def incidents(self, account: Account | None = None) -> list[Incident]:
        """What is in the state, oldest first."""
        return sorted(self.store.find(account), key=lambda incident: (incident.opened, incident.key))

    def rows(self) -> dict[str, str]:
        """Order and action to state."""
        rows = [row for incident in self.store.find() for row in self.store.rows(incident.key)]
        return {f"{row.order.key} {row.action.partition(':')[0]}": row.state for row in rows}

    def close(self) -> None:
        """The process ends."""
        self.source.tail.close()
        self.store.close()


_serial = iter(range(1, 10_000_000))


def mail(
    at: float, account: str, client: str, to: Sequence[str], *, bad: int = 0, print_: str = "desk"
) -> Iterator[str]:
    """The lines of one message: accepted, each recipient delivered, or refused for good, completed."""
    queue_id = f"1zzzzz-{next(_serial):06d}-00"
    stamp = f"{iso(at)[:10]} {iso(at)[11:19]}"
    names = " ".join(to)
    yield (
        f"{stamp} {queue_id} <= {account} H=({print_}.example.net) [{client}] P=esmtpa A=plain:{account}"
        f" S=400 id={queue_id}@{print_}.example.net for {names}"
    )
    for number, address in enumerate(to):
        domain = address.rpartition("@")[2]
        if number < bad:
            yield (
                f"{stamp} {queue_id} ** {address} R=dnslookup T=remote_smtp H=mx.{domain} [203.0.113.5]:"
                f" SMTP error from remote mail server after RCPT TO:<{address}>: 550 5.1.1 <{address}>: no such user"
            )
        else:
            yield f'{stamp} {queue_id} => {address} R=dnslookup T=remote_smtp H=mx.{domain} [203.0.113.5] C="250 OK"'
    yield f"{stamp} {queue_id} Completed"


def habits(accounts: Sequence[str] = (ANN, BEN, CLEO, DAN), days: int = 14, until: float = NIGHT) -> list[str]:
    """So many days of six mails a day from home, the last one 12 hours before an instant."""
    lines: list[tuple[float, str]] = []
    for account in accounts:
        for day in range(days):
            for turn in range(6):
                at = until - (day + 1) * DAY + 6 * 3600 + turn * 3600
                to = [f"friend{turn}@partner{day % 3}.example.net"]
                lines += [(at, line) for line in mail(at, account, HOME[Account(account)], to)]
    return [line for _, line in sorted(lines, key=lambda pair: pair[0])]


def theft(at: float = NIGHT, account: str = ANN, messages: int = 12, bad: int = 3) -> list[str]:
    """A botnet with the password: ten recipients a message, a message a second, each from another network."""
    lines: list[str] = []
    for number in range(messages):
        to = [f"v{number}x{n}@prey{n}.example.net" for n in range(10)]
        lines += mail(at + number, account, BOTNET[number % len(BOTNET)], to, bad=bad, print_="bot")
    return lines


def blocks(lines: Sequence[str], size: int = 7) -> list[list[str]]:
    """Lines in blocks."""
    return [list(lines[start : start + size]) for start in range(0, len(lines), size)]
