"""The mail of an account in Postfix's queue.

Whose a message is says the log, where it has it, else `postcat -e`, which reads no more than the envelope. A short
queue id is used again and again: before one is held or deleted it is looked at once more. Never requeued
(`postsuper -r`), for the new message would not know its login; deleted only from the hold queue.
Source: postqueue(1), postsuper(1), postcat(1); tried with 3.7.
"""

import asyncio
import re
from collections.abc import Callable, Iterable, Sequence

import msgspec
from msgspec import Struct

from gatepost.act.program import Said, run, stream
from gatepost.act.queued import SLICE, Mine, Queued
from gatepost.core.errors import ActionError
from gatepost.core.units import Account, Instant
from gatepost.mta.postfix.envelope import Envelope, Envelopes

PATIENCE = 2.0
"""Seconds for delivering at once: a release waits for it; what is left goes when Postfix next looks at its queue."""

NEAR = 5.0
"""Seconds that the log and the queue may differ about when a message came: the log tells it when it is complete."""

_ID = re.compile(r"[0-9A-Za-z]{6,32}")
_SHORT = re.compile(r"[0-9A-F]+")
"""Long ones have small letters, too: they end in z and the number of a file (postconf(5), enable_long_queue_ids)."""

_GONE = re.compile(r"open queue file ([0-9A-Za-z]{6,32}): No such file or directory")
"""What postcat says of a message that has left; "Permission denied" is no such thing."""


class Logged(Struct, frozen=True):
    """What the log says of a queued message."""

    account: Account
    at: Instant
    client: str
    sender: str


class Recipient(Struct, frozen=True):
    """One of a message's; who it is does not matter here."""


class Listed(Struct, frozen=True):
    """One line of `postqueue -j`."""

    queue_name: str
    queue_id: str
    arrival_time: int
    sender: str
    recipients: list[Recipient] = []


class Commands(Struct, frozen=True):
    """How Postfix's programs are called."""

    postqueue: tuple[str, ...] = ("postqueue",)
    postsuper: tuple[str, ...] = ("postsuper",)
    postcat: tuple[str, ...] = ("postcat",)


class PostfixQueue:
    """The queue of one Postfix."""

    def __init__(
        self, commands: Commands, fold: Callable[[str], Account], logged: Callable[[str], Logged | None]
    ) -> None:
        """Say how it is reached.

        Args:
            commands: Postfix's programs.
            fold: logins that are one account.
            logged: what the log says of a queue id; None when it does not know it.
        """
        self._commands, self._fold, self._logged = commands, fold, logged

    def name(self) -> str:
        """How it is listed."""
        return f"postfix:{' '.join(self._commands.postqueue)}"

    async def of(self, mine: Mine) -> list[Queued]:
        """List the queue, and ask about what the log does not know."""
        listed = await self._list()
        known = {one.queue_id: told for one in listed if (told := self._told(one)) is not None}
        unknown = [one.queue_id for one in sorted(listed, key=_settled) if one.queue_id not in known]
        asked = await self._ask(unknown)
        found = [_queued(one, known.get(one.queue_id) or asked.get(one.queue_id)) for one in listed]
        return sorted((one for one in found if mine(one.login)), key=lambda one: (one.at, one.id))

    async def again(self, mail: Sequence[Queued]) -> list[Queued]:
        """List the queue."""
        if not mail:
            return []
        now = {one.queue_id: one.queue_name for one in await self._list()}
        return [msgspec.structs.replace(one, kept=now[one.id] == "hold") for one in mail if one.id in now]

    async def keep(self, mail: Sequence[Queued]) -> None:
        """Put on hold."""
        await self._super(("-h", "-"), await self._same(mail))

    async def free(self, mail: Sequence[Queued]) -> None:
        """Take off hold."""
        await self._super(("-H", "-"), await self._same(mail))

    async def send(self, mail: Sequence[Queued]) -> None:
        """Have them delivered one by one, for two seconds."""
        end = asyncio.get_running_loop().time() + PATIENCE
        for one in mail:
            left = end - asyncio.get_running_loop().time()
            if left <= 0:
                return
            try:
                await run(self._commands.postqueue, "-i", one.id, within=left)
            except ActionError:
                return

    async def delete(self, mail: Sequence[Queued]) -> None:
        """Remove from the hold queue."""
        await self._super(("-d", "-", "hold"), await self._same(mail))

    async def _list(self) -> list[Listed]:
        found: list[Listed] = []

        def take(line: bytes) -> None:
            try:
                one = msgspec.json.decode(line.decode("utf-8", "replace"), type=Listed)
            except msgspec.MsgspecError:
                return
            if _ID.fullmatch(one.queue_id):
                found.append(one)

        said = await stream(self._commands.postqueue, "-j", take=take)
        if said.code:
            raise _refused(self._commands.postqueue, "authorized_mailq_users in main.cf must let gatepost in", said)
        return found

    def _told(self, one: Listed) -> Logged | None:
        """What the log says, when it is about the same message."""
        told = self._logged(one.queue_id)
        same = told is not None and abs(told.at - one.arrival_time) <= NEAR and _alike(told.sender, one.sender)
        return told if same else None

    async def _ask(self, ids: Sequence[str]) -> dict[str, Envelope]:
        """The envelopes of messages; those that have left are left out."""
        found: dict[str, Envelope] = {}
        waiting = list(ids)
        while waiting:
            part, waiting = waiting[:SLICE], waiting[SLICE:]
            envelopes = Envelopes()
            said = await stream(self._commands.postcat, "-e", "-q", *part, take=envelopes.take)
            envelopes.end()
            found |= envelopes.found
            if said.code:
                gone = _GONE.search(said.err)
                if gone is None or gone[1] not in part:
                    raise _refused(self._commands.postcat, "let gatepost call it through sudo", said)
                waiting = part[part.index(gone[1]) + 1 :] + waiting  # postcat ends at the first that has left
        return found

    async def _same(self, mail: Sequence[Queued]) -> list[str]:
        """The ids that still stand for these messages."""
        asked = await self._ask([one.id for one in mail if _SHORT.fullmatch(one.id)])
        return [one.id for one in mail if not _SHORT.fullmatch(one.id) or self._is(one, asked.get(one.id))]

    def _is(self, one: Queued, now: Envelope | None) -> bool:
        return now is not None and self._fold(now.login) == self._fold(one.login) and _alike(now.sender, one.sender)

    async def _super(self, words: Sequence[str], ids: Iterable[str]) -> None:
        text = "".join(f"{name}\n" for name in ids).encode()
        said = await run(self._commands.postsuper, *words, text=text, within=40.0) if text else None
        if said is not None and said.code:
            raise _refused(self._commands.postsuper, "let gatepost call it through sudo", said)


def _refused(command: Sequence[str], remedy: str, said: Said) -> ActionError:
    return ActionError(f"{' '.join(command)}: {said.complaint}; {remedy}", retry=True)


def _settled(one: Listed) -> bool:
    """What is on its way comes last: it may have left until it is asked about."""
    return one.queue_name not in ("hold", "deferred")


def _alike(one: str, other: str) -> bool:
    """Whether two senders are the same; what is not ASCII is written in more than one way."""
    return not (one.isascii() and other.isascii()) or one.lower() == other.lower()


def _queued(one: Listed, told: Logged | Envelope | None) -> Queued:
    """A line of the queue, and whose it is; nobody's when that is not known."""
    login = told.account if isinstance(told, Logged) else told.login if told is not None else ""
    client = told.client if told is not None else ""
    at, kept = Instant(float(one.arrival_time)), one.queue_name == "hold"
    return Queued(one.queue_id, at, client, one.sender, len(one.recipients), kept, login)
