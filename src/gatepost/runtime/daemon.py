"""Start, catch up, follow, load the configuration anew, stop.

Owns the order of things while gatepost runs, and its tasks: one reads each source into a bounded queue, one feeds the
engine and writes down, one carries out each action. A new configuration takes the place of the old one between two
blocks of lines, when no action runs, or not at all.
"""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Hashable
from functools import partial

import structlog

from gatepost.act.foreign import quoted, shown
from gatepost.act.page import HEADERS
from gatepost.config.asking import DoorSettings
from gatepost.config.mistakes import ConfigErrors
from gatepost.config.naming import accounts
from gatepost.config.settings import Settings
from gatepost.core.errors import ActionError, ConfigError, GatepostError, StoreError
from gatepost.core.ports import Clock
from gatepost.core.reports import Report
from gatepost.judge.docket import Change
from gatepost.runtime import control
from gatepost.runtime.aliases import Aliases
from gatepost.runtime.carry import Carrier
from gatepost.runtime.control import Reply, Request
from gatepost.runtime.desk import Desk
from gatepost.runtime.doors import Doors
from gatepost.runtime.ending import ended
from gatepost.runtime.house import House
from gatepost.runtime.inbox import Inbox
from gatepost.runtime.letters import Letters
from gatepost.runtime.loop import Loop
from gatepost.runtime.obey import obey
from gatepost.runtime.passwords import Passwords
from gatepost.runtime.postman import Postman
from gatepost.runtime.selfservice import SelfService
from gatepost.runtime.sources import Ears
from gatepost.source import lmtp, visits
from gatepost.store import audit
from gatepost.store.sqlite import Sqlite

KEPT = 20
"""Logins named of those that a table holds and the state does not know."""

PATIENCE = 4.0
"""Seconds the operator waits for what an order became; the command itself waits five."""

log = structlog.get_logger("gatepost")


class Daemon:
    """One running gatepost."""

    def __init__(
        self,
        settings: Settings,
        store: Sqlite,
        clock: Clock,
        follow: Callable[[Change], None],
        load: Callable[[], Settings] | None = None,
    ) -> None:
        """Load everything; nothing runs yet.

        Args:
            settings: the configuration.
            store: the state, locked by the caller.
            clock: the time of day.
            follow: told of every change of a level, after it happened.
            load: reads the configuration anew; None: there is no other.
        """
        self.house = House(settings, store, clock)
        self.carrier, self.desk = Carrier(self.house), Desk(self.house)
        self._doors = Doors(self.house, self.desk, lambda: self.carrier.open)
        self._letters = Letters(self.house, self.desk, lambda: self.carrier.open)
        self._loop = Loop(self.house, self.carrier, self.desk, self._doors, follow)
        self._follow, self._load = follow, load or (lambda: settings)
        self._page = SelfService(self.house, self.desk, self._obey)
        self._aliases = Aliases(self.house, self.desk)
        self._passwords = Passwords(self.house, self.carrier, self.desk, follow)
        self._reloading = asyncio.Lock()
        self._tasks: dict[Hashable, asyncio.Task[None]] = {}
        """One for each source and each action."""

    @property
    def ears(self) -> Ears:
        """Its listeners."""
        return self._loop.ears

    async def run(self) -> None:
        """Work until SIGTERM or SIGINT, or until an input has ended.

        Raises:
            GatepostError: it cannot start, or could not write down the last of it.
        """
        stop, again = self._loop.over, asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        loop.add_signal_handler(signal.SIGHUP, again.set)
        self.begin()
        state = self.house.store.path
        group, about = self.house.settings.state.group, self.house.settings.reports
        hearing = control.listening(state, group, self._obey)
        post = lmtp.opened(about.lmtp, Postman(self._hear).take, about.lmtp_group)
        own = self.house.settings.selfservice
        page = visits.opened(own.listen, visits.Visits(self._page.answer, HEADERS, own.proxies), own.group)
        async with hearing, post, page, self._doors.open(), self._loop.ears.open(), asyncio.TaskGroup() as tasks:
            started = [tasks.create_task(self._loop.run()), tasks.create_task(self.desk.work())]
            started.append(tasks.create_task(self._aliases.work()))
            started.append(tasks.create_task(self._letters.work()))
            started.append(tasks.create_task(self._passwords.work()))
            started.append(tasks.create_task(self._heed(again)))
            self._man(tasks)
            await stop.wait()
            await ended([*started, *self._tasks.values()])
        self._loop.supervisor.stopping()
        self.house.settle()
        log.info("stopped", lines=self.house.pipeline.totals.lines)

    def _man(self, tasks: asyncio.TaskGroup) -> None:
        """A task for each source and action that there is now, and none for what is gone."""
        self._group = tasks
        wanted: dict[Hashable, Callable[[], Coroutine[None, None, None]]] = {
            followed: partial(followed.pump, self._loop.queue) for followed in self._loop.followed
        }
        wanted |= {name: partial(self.carrier.work, name) for name in self.house.actions}
        for gone in self._tasks.keys() - wanted.keys():
            self._tasks.pop(gone).cancel()
        for one in wanted.keys() - self._tasks.keys():
            self._tasks[one] = tasks.create_task(wanted[one]())

    def begin(self) -> None:
        """Before anything is read: what the operator said meanwhile, the mode, and what the tables hold.

        Raises:
            StoreError: the state cannot be written.
        """
        self._loop.tell(change for _, changes in self.house.catch_up_with_operator() for change in changes)
        self._loop.tell(Inbox(self.house).catch_up())
        for incident in self.house.store.find(standing=True):
            self.house.contained(incident.key)
        self._take_up()
        self._told("start", audit.US)

    def _take_up(self) -> None:
        """What a configuration means for what was there before it.

        Raises:
            StoreError: the state cannot be written.
        """
        self.house.store.try_again()
        self._loop.mind_mode()
        for name, action in self.house.actions.items():
            self._tell_kept(name, getattr(action, "kept", list))

    def _told(self, what: str, by: str) -> str:
        """Say, in the log and in the audit trail, what is in force from now on; returns it in words."""
        in_force: dict[str, str | int] = {
            "mode": "enforce" if self.house.enforcing else "observe",
            "sources": len(self._loop.followed),
            "actions": len(self.house.actions),
        }
        log.info(f"{what}ed", by=by, **in_force)
        note = ", ".join(f"{name} {value}" for name, value in in_force.items())
        audit.append(self.house.store, audit.Entry(at=self.house.clock.now(), who=by, what=what, result=note))
        return note

    def _tell_kept(self, name: str, kept: Callable[[], list[str]]) -> None:
        try:
            names = kept()
        except ActionError as error:
            log.error("the table cannot be read", action=name, reason=str(error))
            return
        if names:
            more = f" and {len(names) - KEPT} more" if len(names) > KEPT else ""
            lines = [
                f"{name}: {', '.join(quoted(login, 80) for login in names[:KEPT])}{more}",
                "they stay denied; take each out of the table by hand when you are sure of it",
            ]
            self.desk.tell_once(
                f"kept {name}", "the table denies accounts of which the state knows nothing; kept", lines
            )

    # A new configuration

    async def _heed(self, again: asyncio.Event) -> None:
        """SIGHUP means reload; ends when it is cancelled."""
        while True:
            await again.wait()
            again.clear()
            await self.reload("SIGHUP")

    async def reload(self, by: str) -> Reply:
        """Load the configuration anew and work by it; with a mistake in it the old one stays.

        Args:
            by: who wants it.
        """
        async with self._reloading:
            try:
                settings = self._load()
                _unmoved(self.house.settings, settings)
                await asyncio.to_thread(accounts, settings.accounts)  # a server of new aliases is asked here
                async with self.carrier.resting():
                    await self._turn_to(settings)
            except GatepostError as error:
                for mistake in error.mistakes if isinstance(error, ConfigErrors) else (error,):
                    log.error("the new configuration is not used", by=by, reason=str(mistake))
                return Reply(error=f"the old configuration stays in force: {error}")
        return Reply(note=self._told("reload", by))

    async def _turn_to(self, settings: Settings) -> None:
        """Take up a configuration.

        Raises:
            GatepostError: it cannot be used; nothing has changed.
        """
        parts, before = self.house.prepare(settings), self.house.settings
        try:
            await self._doors.listen(settings.door)
            self.house.turn_to(parts)  # from here on nothing waits and nothing fails
            self.carrier.renew()
            self._loop.turn_from(before)
            self._doors.turn()
        finally:
            await self._doors.leave()
        self._man(self._group)
        self._aliases.ring()
        try:
            self._take_up()
        except StoreError as error:
            log.error("the state cannot be written; what was only noted waits for the next start", reason=str(error))
        self.carrier.ring()

    # The operator

    async def _obey(self, request: Request, by: str) -> Reply:
        try:
            if request.verb == "reload":
                return await self.reload(by)
            if request.verb == "report":
                if request.report is None:
                    return Reply(error="a request to report without a report")
                return self._hear(request.report)
            return await obey(self.house, self.carrier, request, by, self._follow, PATIENCE)
        except GatepostError as error:
            return Reply(error=str(error))

    def _hear(self, report: Report) -> Reply:
        """Count a report, when the logs were read so far that its message must be known."""
        if not self.carrier.open:
            return Reply(error="the logs are being caught up with; give the report again later")
        heard, changes = Inbox(self.house).take(report)
        self._loop.tell(changes)
        if any(change.orders for change in changes):
            self.carrier.ring()
        return Reply(heard=heard)


def _unmoved(old: Settings, new: Settings) -> None:
    """What cannot change while gatepost runs has not.

    Raises:
        ConfigError: it has.
    """
    if (old.state.path, old.state.group) != (new.state.path, new.state.group):
        raise ConfigError("state.path and state.group change with a restart only", new.state.path)
    if old.tag != new.tag:
        raise ConfigError("the tag changes with a restart only", shown(new.tag))
    if (old.reports.lmtp, old.reports.lmtp_group) != (new.reports.lmtp, new.reports.lmtp_group):
        raise ConfigError("reports.lmtp and reports.lmtp_group change with a restart only", shown(new.reports.lmtp))
    if old.selfservice != new.selfservice:
        raise ConfigError("the page of self-service changes with a restart only", "selfservice")
    if old.host != new.host:
        raise ConfigError("the addresses of hosts change with a restart only", "host")
    if _listeners(old) != _listeners(new):
        raise ConfigError("sources of kind syslog, journal and stdin change with a restart only", "source")
    if [(door.listen, door.owns) for door in old.owners] != [(door.listen, door.owns) for door in new.owners]:
        raise ConfigError("owns of a door changes with a restart only", "door")
    before = {door.listen: _opened(door) for door in old.door}
    for door in new.door:
        if before.get(door.listen, now := _opened(door)) != now:
            raise ConfigError("kind, mode and group of a door change with a restart only", door.listen)


def _opened(door: DoorSettings) -> tuple[object, ...]:
    """What a door has from its opening on."""
    return door.__struct_config__.tag, door.mode, door.group


def _listeners(settings: Settings) -> list[object]:
    return [source for source in settings.source if source not in settings.logs]
