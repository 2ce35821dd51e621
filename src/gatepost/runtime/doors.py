"""Who knocks in the dialogue, and how it is found out what stands about them.

A question is answered (saying.py) from what stands by order, so that mode, breaker and releases hold here as they do
for a deny table; and, before the log has said anything, from what the account attempts right now. Attempts alone reach
throttle at most (contracts 12). Answers at once: nothing here waits.
"""

import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from functools import partial

import structlog
from msgspec.structs import replace

from gatepost.config import answering
from gatepost.config.asking import DoorSettings, DovecotDoor, MilterDoor
from gatepost.core.asked import PASS, Answer, Asked, Outcome, Question, Tried
from gatepost.core.evidence import Level
from gatepost.core.units import Account
from gatepost.runtime.attempts import Attempts
from gatepost.runtime.desk import Desk
from gatepost.runtime.entrance import Entrance
from gatepost.runtime.follow import Followed
from gatepost.runtime.house import House
from gatepost.runtime.letterheads import Letterheads
from gatepost.runtime.owning import Owning
from gatepost.runtime.passing import Passing
from gatepost.runtime.saying import TALKS, Saying
from gatepost.source.inline import Counts, Door

OFTEN = 1.0
"""Seconds between two looks at what is old: windows are minutes, and strangers can make many accounts to look at."""

log = structlog.get_logger("gatepost.door")


class Doors:
    """Every configured door of one gatepost."""

    def __init__(self, house: House, desk: Desk, live: Callable[[], bool]) -> None:
        """Describe the doors; nobody is heard yet.

        Args:
            house: whose accounts are asked about.
            desk: told when too much passes unjudged.
            live: whether what is read is the present: not while a catch-up goes on.
        """
        self._house, self._desk, self._live = house, desk, live
        pipeline = house.pipeline
        self.attempts = Attempts(pipeline.engine, pipeline.observer, pipeline.shelf, pipeline.site)
        self._letterheads = Letterheads()
        self.saying = Saying(house)
        self.answered: Counter[str] = Counter()
        """Answers by act; "would throttle" counts what observe mode kept back."""
        self._open: dict[str, Entrance] = {}
        """Who listens, by address."""
        self._said: dict[str, Counts] = {}
        self._passing: dict[str, Passing] = {}
        self._owning = {door.listen: Owning(house, door) for door in house.settings.owners}
        self._lost, self._forgot = 0, 0.0
        self.turn()

    @property
    def followed(self) -> list[Followed]:
        """What is noted at doors that own their host's facts, as sources."""
        return [owning.followed for owning in self._owning.values()]

    def turn(self) -> None:
        """Answer by the configuration that the house has now."""
        house = self._house
        self.saying.turn()
        self._settings = {door.listen: door for door in house.settings.door}
        self.attempts.turn_to(house.pipeline.engine, house.pipeline.observer)
        house.pipeline.saw = self.attempts.saw if self._settings else None
        kinds = {type(door) for door in house.settings.door}
        house.pipeline.completed = self._letterheads.complete if MilterDoor in kinds else None
        house.pipeline.observer.again = self.attempts.retries.of if DovecotDoor in kinds else None

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Answer at every door while the context lasts.

        Raises:
            ConfigError: an address cannot be listened on.
        """
        try:
            await self.listen(self._house.settings.door)
            yield
        finally:
            await self._close(set(self._open))

    async def listen(self, doors: Iterable[DoorSettings]) -> None:
        """Listen also at addresses that are new; until `turn`, everybody passes there. Secrets and certificates of the
        others are read again, and who may ask there.

        Raises:
            ConfigError: an address, a secret or a certificate cannot be used: open doors go on as before.
        """
        found = [(at, answering.manner(at)) for at in doors]
        turned = [(self._open[at.listen], manner) for at, manner in found if at.listen in self._open]
        for at, manner in found:
            if at.listen not in self._open:
                await self._enter(at, manner)
        for entrance, manner in turned:
            await entrance.turn(manner)

    async def _enter(self, at: DoorSettings, manner: answering.Manner) -> None:
        judge, unjudged = partial(self._answer_at, at.listen), partial(self._unjudged, at.listen)
        self._passing[at.listen] = Passing(at.name, self._desk, self._house.store)
        late, admit = isinstance(at, MilterDoor), manner.askers.admit
        door = Door(at.name, manner.talk, judge, admit=admit, unjudged=unjudged, keeps_back=late)
        entrance = Entrance(door, manner)
        await entrance.open(at)
        self._open[at.listen] = entrance
        log.info("answering", door=door.name, listen=at.listen)

    async def leave(self) -> None:
        """Listen no more at addresses that the configuration does not name."""
        await self._close(self._open.keys() - self._settings.keys())

    async def _close(self, addresses: Iterable[str]) -> None:
        for address in list(addresses):
            await self._open.pop(address).close()

    def _answer_at(self, address: str, asked: Asked) -> Answer:
        door, answer = self._settings.get(address), PASS
        if isinstance(asked, Tried):
            self.attempts.retries.tell(self._house.accounts.fold(asked.login), asked, self._house.clock.now())
        elif isinstance(asked, Outcome):
            self.tell(asked)
        elif door is not None:
            answer = self.answer(door, asked)
        self._note(address, asked, answer)
        return answer

    def _unjudged(self, address: str, asked: Asked) -> None:
        """It passes, and counts all the same at a door that owns."""
        self._passing[address].passed(self._house.clock.now())
        self._note(address, asked, PASS)

    def _note(self, address: str, asked: Asked, answer: Answer) -> None:
        """Write down what happens at a door that owns its host's facts."""
        owning = self._owning.get(address)
        if owning is not None and asked.login and not isinstance(asked, Tried):
            owning.note(asked, answer, self._house.clock.now())

    def tell(self, outcome: Outcome) -> None:
        """What became of a recipient, before the log has said it.

        Args:
            outcome: everything in it is the mail server's word, or a stranger's.
        """
        if outcome.login:
            account = self._house.accounts.fold(outcome.login)
            self.attempts.tell(account, outcome, self._house.clock.now())

    def look(self) -> None:
        """Forget old attempts; say, each thing once, what went wrong at a door."""
        now = self._house.clock.now()
        if not 0 <= now - self._forgot < OFTEN:
            self._forgot = now
            self.attempts.forget(now)
            self._letterheads.forget(now)
        self._look_at_owning()
        for address, entrance in self._open.items():
            door, counts = entrance.door, entrance.door.counts
            self._passing[address].look(counts, door.trouble)
            before = self._said.get(door.name, Counts())
            if _troubles(counts) != _troubles(before):
                log.warning("a door had trouble; mail passed", door=door.name, reason=door.trouble, **_troubles(counts))
            self._said[door.name] = replace(counts)

    def _look_at_owning(self) -> None:
        for owning in self._owning.values():
            owning.look()
        lost = sum(owning.lost for owning in self._owning.values())
        if lost > self._lost:
            reason = next((owning.trouble for owning in self._owning.values() if owning.trouble), "")
            log.error("what was asked could not be noted and does not count", lost=lost, reason=reason)
        self._lost = lost

    def counts(self) -> Iterable[tuple[str, Counts]]:
        """What happened at each door."""
        return ((one.door.name, one.door.counts) for one in self._open.values())

    def answer(self, door: DoorSettings, question: Question) -> Answer:
        """What one question is answered.

        Args:
            door: through which it came.
            question: everything in it is the mail server's word, or a stranger's.
        """
        if not question.login or (isinstance(door, DovecotDoor) and question.service not in door.services):
            return PASS
        account = self._house.accounts.fold(question.login)
        if question.stage == "end":
            self._letterheads.note(account, question, self._house.clock.now())
        stands = self.saying.stands(account)
        level = Level.CLEAR
        if stands in (None, "throttled") and question.stage in TALKS:
            level = self._attempted(door, account, question)
        if stands is None and level >= Level.THROTTLE:
            stands = "throttled"
        found = self.saying.answer(door, account, question, stands, many=level >= Level.HOLD)
        if found.act in ("deny", "defer"):
            self.attempts.abandon(account, question)
        self.answered[found.act] += 1
        return found

    def _attempted(self, door: DoorSettings, account: Account, question: Question) -> Level:
        """The level at which the account would be if the log held what is attempted; clear below throttle."""
        level = self.attempts.add(account, question, self._house.clock.now())
        if level < Level.THROTTLE or not self._live() or "throttle" not in door.on:
            return Level.CLEAR
        if not self._house.enforcing:
            self.answered["would throttle"] += 1
            return Level.CLEAR
        return level if self._house.plans.of(account, "throttle") == "throttle" else Level.CLEAR


def _troubles(counts: Counts) -> dict[str, int]:
    """What an operator should hear of."""
    names = ("refused", "strangers", "garbled", "overloaded", "failed")
    return {name: getattr(counts, name) for name in names if getattr(counts, name)}
