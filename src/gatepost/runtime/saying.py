"""What a door answers about an account, by what stands.

Owns the order in which levels are carried out in the dialogue, and how many connections may be kept waiting.
"""

from collections import deque

from gatepost.act.stance import NAME, Stance
from gatepost.config.asking import DoorSettings, DovecotDoor, PostfixDoor
from gatepost.config.settings import Role
from gatepost.core.asked import PASS, Answer, Question
from gatepost.core.incident import Ensure
from gatepost.core.units import Account
from gatepost.runtime.house import House

PATIENT = frozenset({"person", "shared", "bulk"})
"""Roles that are slowed, not deferred: mail programs of people show a 4xx as an error (contracts 27)."""

TALKS = ("rcpt", "data", "end")
"""Stages in which a message is in progress."""


class Saying:
    """Answers for the doors of one gatepost."""

    def __init__(self, house: House) -> None:
        """Begin; nobody is stopped until `turn`."""
        self._house = house
        self._asleep: deque[float] = deque()
        self._stance: Stance | None = None
        self._roles: dict[Account, Role] = {}

    def turn(self) -> None:
        """Answer by the configuration that the house has now."""
        house = self._house
        stance = house.actions.get(NAME)
        self._stance = stance if isinstance(stance, Stance) else None
        self._roles = {house.accounts.fold(name): account.role for name, account in house.settings.account.items()}

    def stands(self, account: Account) -> Ensure | None:
        """What is ordered about an account."""
        return self._stance.of(account) if self._stance is not None else None

    def answer(
        self, door: DoorSettings, account: Account, question: Question, stands: Ensure | None, *, many: bool
    ) -> Answer:
        """The answer by what stands.

        Args:
            door: whose texts and levels.
            account: who is asked about.
            question: what is asked.
            stands: by order, or throttled by what is attempted.
            many: what is attempted would be held if the log had it: it must come later, one after the other. To slow
                it would not do: twenty connections wait at the same time and then all go through.
        """
        if stands is None:
            return PASS
        tag = self._house.settings.tag
        if "block" in door.on and (stands == "blocked" or self._shuts(door, account, stands)):
            return self._stopped(door, question)
        if stands == "held" and self._holds(door, account) and question.stage in TALKS:
            return self._held(door, account, question)
        if stands != "throttled" or "throttle" not in door.on:
            return PASS
        if question.stage == "auth":
            waits = isinstance(door, DovecotDoor) and self._may_sleep(door)
            return Answer("slow", seconds=round(door.slow)) if waits else PASS
        if many and question.stage in ("rcpt", "data"):
            return Answer("defer", f"{tag} {door.defer}")
        if question.stage == "data" and isinstance(door, PostfixDoor) and (door.route or door.mark):
            return Answer("route", door.route) if door.route else Answer("mark", door.mark)
        if question.stage == "rcpt":
            if self._roles.get(account, "person") in PATIENT and self._may_sleep(door):
                return Answer("slow", seconds=round(door.slow))
            return Answer("defer", f"{tag} {door.defer}")
        return PASS

    def _stopped(self, door: DoorSettings, question: Question) -> Answer:
        """At block: refused, or, where that is wished for, accepted and kept."""
        tag = self._house.settings.tag
        if isinstance(door, PostfixDoor) and door.at_block == "keep":
            return Answer("hold", f"{tag} {door.hold}") if question.stage in TALKS else PASS
        return Answer("deny", f"{tag} {door.deny}")

    def _held(self, door: DoorSettings, account: Account, question: Question) -> Answer:
        """At hold: kept, or let go by the route where that is wished for; what the breaker held back is kept."""
        if isinstance(door, PostfixDoor) and door.at_hold == "route" and not self._instead(account):
            return Answer("route", door.route) if question.stage == "data" else PASS
        return Answer("hold", f"{self._house.settings.tag} {door.hold}")

    def _holds(self, door: DoorSettings, account: Account) -> bool:
        """Whether a door keeps the messages of a held account: also one that answers blocks only, when the breaker
        made the hold of a block."""
        return "hold" in door.on or ("block" in door.on and self._instead(account))

    def _shuts(self, door: DoorSettings, account: Account, stands: Ensure | None) -> bool:
        """Whether logins are refused at a hold: there is no message to keep, and the breaker made it of a block."""
        return isinstance(door, DovecotDoor) and stands == "held" and self._instead(account)

    def _may_sleep(self, door: DoorSettings) -> bool:
        """Whether one more connection may be kept waiting."""
        now = self._house.clock.now()
        while self._asleep and self._asleep[0] <= now:
            self._asleep.popleft()
        if len(self._asleep) >= door.sleepers:
            return False
        self._asleep.append(now + door.slow)
        return True

    def _instead(self, account: Account) -> bool:
        """Whether the breaker made a hold of the block."""
        return self._stance is not None and self._stance.instead(account)
