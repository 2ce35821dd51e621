"""Keeps an account's queued mail, and lets the honest part of it go.

Owns which messages are kept, and which a release sends by itself: those that were taken in before the incident opened,
from networks that were habit then. The rest waits for the operator (`gatepost queue`), for no timer and no release may
send a thief's mail. How a mail server does it is in eximqueue.py and postfixqueue.py.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from gatepost.act.queued import Mine, Queue, Queued, missing, slices
from gatepost.core.errors import ActionError
from gatepost.core.incident import Order
from gatepost.core.ports import Clock, Journal, Target
from gatepost.core.units import Account

BUDGET = 35.0
"""Seconds after which one try begins no more slices; the next goes on (an action has 60 to come to an end)."""

AGAIN = 0.5
"""Seconds until a message that is being delivered is tried again."""

TRIES = 4
"""Rounds over messages that are being delivered, within one try."""

MOST_BEFORE = 10_000
"""Messages remembered that others had kept before; with more, a release sends nothing by itself."""

NAMED = 5
"""Messages that a note names."""

Fold = Callable[[str], Account]
Place = Callable[[str], str]
"""Address to network identity; "" is unknown."""


class Record(Struct, frozen=True):
    """What a release needs to know."""

    since: float
    """When the incident opened."""
    habits: tuple[str, ...]
    """Networks that were habit then."""
    before: tuple[str, ...] | None = None
    """Messages that somebody else had kept before us; None: not looked yet."""


class Keep:
    """An Action that keeps the queued mail of an account."""

    def __init__(
        self, journal: Journal, clock: Clock, queue: Queue, *, on: frozenset[str], fold: Fold, place: Place
    ) -> None:
        """Say whose queue it is; nothing is read yet.

        Args:
            journal: where the undo records are.
            clock: for the journal.
            queue: of one mail server.
            on: the orders that keep mail: "held", "blocked".
            fold: logins that are one account.
            place: the network of an address.
        """
        self.name = f"queue:{queue.name()}"
        self.ensures = on
        self._journal, self._clock, self._queue = journal, clock, queue
        self._fold, self._place = fold, place

    def plan(self, order: Order, target: Target) -> str:
        """The undo record, JSON of a Record: of an earlier try or step, if there was one."""
        found = self._known(order)
        return _written(found or Record(target.incident.opened, target.habits))

    async def ensure(self, order: Order, target: Target) -> str:
        """Keep every message of the account that is in the queue.

        Raises:
            ActionError: some are being delivered, or are more than one try can do; worth another.
        """
        mine, end = self._mine(order.account), _now() + BUDGET
        found = await self._queue.of(mine)
        self._remember(order, target, found)
        todo = [one for one in found if not one.kept]
        left = await turned(self._queue, todo, kept=True, end=end)
        late = [one for one in await self._queue.of(mine) if not one.kept] if todo and not left else []
        left += await turned(self._queue, late, kept=True, end=end) if late else []
        if left:
            raise ActionError(f"{_count(len(left))} not kept yet: being delivered, or many; {_ids(left)}", retry=True)
        return f"{_count(len(found) + len(late))} of {order.account} kept"

    async def undo(self, order: Order, target: Target, record: str) -> str:
        """Send the honest part of what was kept.

        Raises:
            ActionError: some could not be let go yet.
        """
        known, end = _read(record, self.name), _now() + BUDGET
        ours = [one for one in await self._queue.of(self._mine(order.account)) if one.id not in (known.before or ())]
        honest = [one for one in ours if one.at < known.since and self._place(one.client) in known.habits]
        kept = [one for one in honest if one.kept]
        left = await turned(self._queue, kept, kept=False, end=end)
        await self._queue.send(honest)  # those too that a try before this one let go
        if left:
            raise ActionError(f"{_count(len(left))} could not be let go yet: {_ids(left)}", retry=True)
        rest = sum(one.kept for one in ours) - len(kept)
        waits = f"; {_count(rest)} kept: gatepost queue {order.account} --list" if rest else ""
        return f"{_count(len(kept))} let go{waits}"

    def _mine(self, account: Account) -> Mine:
        return lambda login: bool(login) and self._fold(login) == account

    def _known(self, order: Order) -> Record | None:
        rows = (row for row in self._journal.rows(order.incident) if row.action == self.name and row.undo)
        return next((_read(row.undo, self.name) for row in rows), None)

    def _remember(self, order: Order, target: Target, found: Sequence[Queued]) -> None:
        """Write down what others had kept, before anything is kept by us."""
        known = self._known(order) or Record(target.incident.opened, target.habits)
        if known.before is None:
            before = tuple(one.id for one in found if one.kept)
            many = len(before) > MOST_BEFORE
            known = replace(known, before=before[:MOST_BEFORE], habits=() if many else known.habits)
            self._journal.claim(order, self.name, _written(known), self._clock.now())


async def let_go(queue: Queue, mail: Sequence[Queued], within: float = 600.0) -> list[Queued]:
    """Free messages and have them delivered; those that could not be freed."""
    left = await turned(queue, mail, kept=False, end=_now() + within)
    await queue.send(mail)
    return left


async def deleted(queue: Queue, mail: Sequence[Queued], within: float = 600.0) -> list[Queued]:
    """Remove kept messages; those that are still there."""
    await each(mail, queue.delete, _now() + within)
    return await queue.again(mail)


async def turned(queue: Queue, mail: Sequence[Queued], *, kept: bool, end: float) -> list[Queued]:
    """Keep or free messages; those that are not so by then.

    Args:
        queue: whose.
        mail: which.
        kept: how they shall be.
        end: when to stop, by the clock of the event loop.

    Raises:
        ActionError: the mail server refuses.
    """
    left = list(mail)
    for number in range(TRIES):
        done = await each(left, queue.keep if kept else queue.free, end)
        left = [*missing(left[:done], await queue.again(left[:done]), kept=kept), *left[done:]]
        if not left or _now() > end:
            break
        if number < TRIES - 1:
            await asyncio.sleep(AGAIN)
    return left


async def each(mail: Sequence[Queued], do: Callable[[Sequence[Queued]], Awaitable[None]], end: float) -> int:
    """Do something to messages, slice by slice; returns for how many there was time."""
    done = 0
    for part in slices(mail):
        if _now() > end:
            break
        await do(part)
        done += len(part)
    return done


def _now() -> float:
    return asyncio.get_running_loop().time()


def _count(number: int) -> str:
    return "1 message" if number == 1 else f"{number} messages"


def _ids(mail: Sequence[Queued]) -> str:
    more = f" and {len(mail) - NAMED} more" if len(mail) > NAMED else ""
    return " ".join(one.id for one in mail[:NAMED]) + more


def _written(record: Record) -> str:
    return msgspec.json.encode(record).decode()


def _read(record: str, action: str) -> Record:
    try:
        return msgspec.json.decode(record, type=Record)
    except msgspec.MsgspecError:
        msg = f"{action}: no undo record, but {record[:80]!r}: gatepost queue ACCOUNT --list shows what is kept"
        raise ActionError(msg) from None
