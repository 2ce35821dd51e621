"""Carries orders out once: claim, ensure, done; and takes them back.

Owns the rows of the journal while they run. Each action has a worker of its own, so that a slow backend delays only
itself. What must be done is read from the state alone: after a crash the same rows are found and done again, which
every action allows (ensuring twice is ensuring once).
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Sequence

import structlog

from gatepost.core.errors import ActionError, StoreError
from gatepost.core.incident import STANDING
from gatepost.core.ports import Action, Row, RowState, Target
from gatepost.runtime.beyond import NEVER
from gatepost.runtime.house import House

DEADLINE = 60.0
"""Seconds an action may take."""

SLOWEST = 300.0
"""Seconds between two tries at most."""

STORE_AGAIN = 5.0
"""Seconds until the state is tried again."""

UNDO_AGAIN = 30.0
"""Seconds until what could not be taken back is tried again."""

MOMENT = 2.0
"""Seconds for which letters wait for a measure that is under way, so that they can say what became of it."""

NOTE = 500
"""Characters of a note."""

MANY = 5
"""Letters waiting together that become one digest."""

log = structlog.get_logger("gatepost.carry")


def _never() -> float:
    """How long an action waits that writes to nobody."""
    return 0.0


def _begun(row: Row, since: float) -> bool:
    """Whether it has been under way since an instant, and not for longer."""
    return row.state == "running" and row.changed > since


def _always() -> int:
    """How much room an action has that writes to nobody."""
    return 1


class Carrier:
    """Runs the orders of a house."""

    def __init__(self, house: House) -> None:
        self._house, self._store = house, house.store
        self.open = False
        """False while a catch-up goes on: orders wait (contracts 10)."""
        self._gathered: set[str] = set()
        """Actions whose letters waited for the end of a catch-up: they become one."""
        self._bells: dict[str, asyncio.Event] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._waits: dict[str, float] = {}
        """Seconds for which actions that write to people have nothing to do: too much went out."""
        self.renew()

    def renew(self) -> None:
        """Take up the actions that the house has now."""
        names = self._house.actions
        self._bells = {name: self._bells.get(name) or asyncio.Event() for name in names}
        self._locks = {name: self._locks.get(name) or asyncio.Lock() for name in names}

    @contextlib.asynccontextmanager
    async def resting(self) -> AsyncIterator[None]:
        """While the context lasts no action runs; what runs at its beginning is waited for."""
        async with contextlib.AsyncExitStack() as stack:
            for lock in self._locks.values():
                await stack.enter_async_context(lock)
            yield

    def start(self) -> None:
        """The catch-up is over: orders are carried out."""
        self.open = True
        self._gathered = set(self._house.actions)
        self.ring()

    def pause(self) -> None:
        """A source has fallen behind: orders wait again."""
        self.open = False

    @property
    def idle(self) -> bool:
        """Nothing is due: what is left, if anything, waits for another try, or because too much went out."""
        names = [name for name, action in self._house.actions.items() if not getattr(action, "waits", _never)()]
        return not (self._house.enforcing and any(self._due(name, now=False) for name in names))

    def ring(self) -> None:
        """There may be something to do."""
        for bell in self._bells.values():
            bell.set()

    async def work(self, name: str) -> None:
        """One action's worker; ends when it is cancelled."""
        bell = self._bells[name]
        if (load := getattr(self._house.actions.get(name), "load", None)) is not None:
            await load()
        while True:
            bell.clear()
            wait = await self._turn(name) if self.open else SLOWEST
            try:
                async with asyncio.timeout(wait):
                    await bell.wait()
            except TimeoutError:
                pass

    async def _turn(self, name: str) -> float:
        """Do what is due; returns the seconds to the next try."""
        try:
            await self.run(name)
            return self._until_next(name)
        except StoreError as error:
            log.error("the state cannot be written; orders wait, trying again", action=name, reason=str(error))
            return STORE_AGAIN

    def _until_next(self, name: str) -> float:
        now = self._house.clock.now()
        times = [row.next_try - now for row in self._store.unfinished() if row.action == name]
        times += [UNDO_AGAIN for row in self._store.undoable() if row.action == name]
        return max(0.2, self._waits.pop(name, 0.0), min([*times, SLOWEST]))

    async def run(self, name: str, only: str = "") -> None:
        """Do everything that is due for one action, or what concerns one incident.

        Args:
            name: the action.
            only: an incident's key; "" is all of them.
        """
        async with self._locks[name]:
            action = self._house.actions.get(name)
            if action is None:  # a reload took it away meanwhile
                return
            for row in [row for row in self._store.undoable() if row.action == name]:
                if not only or row.order.incident == only:
                    await self._undo(action, row)
            if not self._house.enforcing:
                return
            due = self._latest([row for row in self._due(name, now=bool(only)) if only in ("", row.order.incident)])
            if due and not only and (wait := getattr(action, "waits", _never)()):
                self._waits[name] = wait
                return
            together = not only and await self._told_together(action, due)
            for row in [] if together else due:
                await self._do(action, row)

    async def run_incident(self, key: str) -> None:
        """Carry out or take back everything about one incident now: all measures at once, then letters.

        Raises:
            StoreError: the state cannot be written; what could be done was done.
        """
        letters = [name for name, action in self._house.actions.items() if "notified" in action.ensures]
        measures = [name for name in self._house.actions if name not in letters]
        for names in (measures, letters):
            doing = [self.run(name, key) for name in names if name in self._locks]
            for ended in await asyncio.gather(*doing, return_exceptions=True):
                if isinstance(ended, BaseException):
                    raise ended

    def _due(self, name: str, *, now: bool) -> list[Row]:
        """Rows of one action whose time has come; measures first, letters when each was tried, or takes its time."""
        at = self._house.clock.now()
        until = NEVER if now else at
        waiting = self._store.unfinished()
        measures = [row for row in waiting if row.order.ensure != "notified" and row.action in self._house.actions]
        untried = {row.order.incident for row in measures if row.state == "planned" or _begun(row, at - MOMENT)}
        return [
            row
            for row in waiting
            if row.action == name
            and (row.next_try <= until or row.state == "running")
            and not (row.order.ensure == "notified" and row.order.incident in untried)
        ]

    def _latest(self, due: Sequence[Row]) -> list[Row]:
        """Of rows that were not begun, the last step of each incident; the earlier ones are part of it."""
        last = {row.order.incident: row.order.step for row in due}
        found: list[Row] = []
        for row in due:
            if row.state == "planned" and row.order.step < last[row.order.incident]:
                self._close(row, "undone", f"part of step {last[row.order.incident]}")
            else:
                found.append(row)
        return found

    async def _told_together(self, action: Action, due: Sequence[Row]) -> bool:
        """Send one digest for many letters; False when they go out singly."""
        digest = getattr(action, "digest", None)
        least = 2 if action.name in self._gathered else MANY if getattr(action, "room", _always)() else 1
        self._gathered.discard(action.name)
        if digest is None or len(due) < least:
            return False
        live = [(row, target) for row in due if (target := self._standing(row)) is not None]
        claimed = [pair for pair in live if self._claim(pair[0], "")]
        await self._guard(claimed, digest([(row.order, target) for row, target in claimed]))
        for row, _ in claimed:
            self._house.contained(row.order.incident)
        return True

    def _standing(self, row: Row) -> Target | None:
        """What an action needs; None, and the row is closed, when the incident has ended or is not known."""
        target = self._house.target(row.order)
        if target is not None and target.incident.state in STANDING:
            return target
        note = "the incident ended before this was done" if target is not None else "the incident is not in the state"
        self._close(row, "undone", note)
        return None

    async def _do(self, action: Action, row: Row) -> None:
        target = self._standing(row)
        if target is None:
            return
        try:
            undo = action.plan(row.order, target)
        except ActionError as error:
            self._failed(row, str(error), retry=error.retry)
            return
        if self._claim(row, undo):
            await self._guard([(row, target)], action.ensure(row.order, target))
            self._house.contained(row.order.incident)

    async def _undo(self, action: Action, row: Row) -> None:
        target = self._house.target(row.order)
        if target is None:
            return
        try:
            async with asyncio.timeout(DEADLINE):
                note = await action.undo(row.order, target, row.undo)
        except (ActionError, TimeoutError) as error:
            reason = str(error) or f"no answer within {DEADLINE:.0f} s"
            words = "the end is not told yet" if row.order.ensure == "notified" else "cannot be taken back"
            note, now = f"{words}: {reason}"[:NOTE], self._house.clock.now()
            self._store.close_row(row.order.key, row.action, row.state, note, now)
            log.error(words, order=row.order.key, action=row.action, reason=reason, again=True)
            return
        self._close(row, "undone", note)

    def _claim(self, row: Row, undo: str) -> bool:
        return self._store.claim(row.order, row.action, undo, self._house.clock.now())

    async def _guard(self, rows: Sequence[tuple[Row, Target]], doing: Awaitable[str]) -> None:
        """Wait for an action and write how it ended."""
        try:
            async with asyncio.timeout(DEADLINE):
                note = await doing
        except TimeoutError:
            for row, _ in rows:
                self._failed(row, f"no answer within {DEADLINE:.0f} s", retry=True)
        except ActionError as error:
            for row, _ in rows:
                self._failed(row, str(error), retry=error.retry)
        else:
            for row, _ in rows:
                self._close(row, "done", note)

    def _close(self, row: Row, state: RowState, note: str) -> None:
        self._store.close_row(row.order.key, row.action, state, note, self._house.clock.now())
        log.info(state, order=row.order.key, action=row.action, note=note)

    def _failed(self, row: Row, reason: str, *, retry: bool) -> None:
        now = self._house.clock.now()
        again = now + min(SLOWEST, 2.0 ** (row.tries + 1)) if retry else NEVER
        self._store.close_row(row.order.key, row.action, "failed", reason, now, again)
        log.error("failed", order=row.order.key, action=row.action, reason=reason, again=retry)
