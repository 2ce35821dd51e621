"""One server for every door: bytes to questions, answers to bytes.

Owns connections and their limits; what the bytes mean is the wire protocol's, what is answered the judge's. Fails open:
a question that cannot be judged, or that would wait behind too many others, is answered with pass and counted. Bytes
that are no request get no answer: the connection is closed (contracts 15).
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Protocol, cast

from msgspec import Struct

from gatepost.core.asked import PASS, Answer, Asked
from gatepost.core.errors import Stranger, WireError
from gatepost.source.doorway import Doorway
from gatepost.source.sockets import refusing

IDLE = 1200.0
"""Seconds without a byte after which a connection is closed; Postfix ends its own after 300 and 1,000."""

HALFWAY = 30.0
"""Seconds a request may take from its first byte to its last."""

SWEEP = 5.0
"""Seconds between two looks at the connections."""

Judge = Callable[[Asked], Answer]


class Talk(Protocol):
    """A wire protocol on one connection, without a socket."""

    lasting: bool
    """Whether the connection stays open after an answer."""

    @property
    def halfway(self) -> bool:
        """Whether a question has begun and not ended."""
        ...

    def receive(self, data: bytes) -> Iterator[Asked | None]:
        """Questions in what was read; None is one that needs no judge and passes.

        Raises:
            Stranger: who asks may not.
            WireError: bytes that are no request.
        """
        ...

    def reply(self, answer: Answer) -> bytes:
        """The answer to the question last received."""
        ...


class Counts(Struct):
    """What happened at one door since it was opened."""

    asked: int = 0
    refused: int = 0
    """Connections over the limit."""
    strangers: int = 0
    """Connections of somebody who may not ask."""
    garbled: int = 0
    """Connections that sent what is no request."""
    timed_out: int = 0
    """Connections closed because nothing, or half a request, came."""
    overloaded: int = 0
    """Questions passed unjudged because others took too long."""
    failed: int = 0
    """Questions passed unjudged because judging them failed."""


class Door:
    """Everybody who asks at one address."""

    def __init__(
        self,
        name: str,
        talk: Callable[[], Talk],
        judge: Judge,
        *,
        admit: Callable[[asyncio.Transport], bool] = lambda transport: True,
        unjudged: Callable[[Asked], object] = lambda asked: None,
        most: int = 12_000,
        deadline: float = 0.05,
        keeps_back: bool = False,
    ) -> None:
        """Describe a door; nobody is heard yet.

        Args:
            name: for messages.
            talk: makes the protocol of a new connection.
            judge: answers a question, at once.
            admit: whether somebody who connected may ask.
            unjudged: told of each question that passes because it could not be judged.
            most: connections at a time.
            deadline: seconds a turn of the loop may judge; what is asked beyond passes.
            keeps_back: the protocol has no word for "slow": the answer itself comes late.
        """
        self.name, self.counts, self.keeps_back = name, Counts(), keeps_back
        self.talk, self.admit = talk, admit
        """Both may change while the door is open; who is connected then goes on as before."""
        self.age, self.trouble = 0, ""
        """The last thing that went wrong, in words."""
        self._judge, self._unjudged = judge, unjudged
        self._most, self._deadline = most, deadline
        self._open: set[Connection] = set()
        self._turn_ends: float | None = None

    @property
    def open(self) -> int:
        """Connections at this moment."""
        return len(self._open)

    def connection(self) -> "Connection":
        """A new connection; the event loop calls this."""
        return Connection(self, self.talk())

    def enter(self, connection: "Connection", transport: asyncio.Transport) -> bool:
        """Somebody comes; False when there are too many, or when he may not ask."""
        if not self.admit(transport):
            self.counts.strangers += 1
            self.trouble = "somebody connected who may not ask: see users and peers of the door"
            return False
        if len(self._open) >= self._most:
            self.counts.refused += 1
            return False
        self._open.add(connection)
        return True

    def leave(self, connection: "Connection") -> None:
        """Somebody went."""
        self._open.discard(connection)

    def answer(self, question: Asked | None) -> Answer:
        """What a question is answered: pass when it cannot be judged in time, or not at all."""
        self.counts.asked += 1
        if question is None:
            return PASS
        try:
            if not self._late():
                return self._judge(question)
            self.counts.overloaded += 1
        except Exception as error:  # whatever it is, mail flows
            self.counts.failed += 1
            self.trouble = f"a question could not be judged: {error!r}"[:300]
        return self._pass(question)

    def _pass(self, question: Asked) -> Answer:
        """Let a question pass that could not be judged."""
        with contextlib.suppress(Exception):
            self._unjudged(question)
        return PASS

    def _late(self) -> bool:
        """Whether this turn of the loop has judged for too long: those who wait behind it must not wait longer."""
        loop = asyncio.get_running_loop()
        if self._turn_ends is None:
            self._turn_ends = loop.time() + self._deadline
            loop.call_soon(self._next_turn)
        return loop.time() > self._turn_ends

    def _next_turn(self) -> None:
        self._turn_ends = None

    def hang_up(self) -> None:
        """Hang up on everybody, also on who is about to enter: who may still ask comes again."""
        self.age += 1
        for connection in list(self._open):
            connection.close()

    async def sweep(self) -> None:
        """Close, for ever, connections on which nothing or half a request comes."""
        while True:
            await asyncio.sleep(SWEEP)
            now = asyncio.get_running_loop().time()
            for connection in [one for one in self._open if one.overdue(now)]:
                self.counts.timed_out += 1
                connection.close()


class Connection(asyncio.Protocol):
    """One client of a door."""

    def __init__(self, door: Door, talk: Talk) -> None:
        self._door, self._talk, self._age = door, talk, door.age
        self._transport: asyncio.Transport | None = None
        self._since = 0.0
        self._wait = 0.0
        self._answer = self._late_answer if door.keeps_back else door.answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody connected."""
        self._transport = cast(asyncio.Transport, transport)
        self._since = asyncio.get_running_loop().time()
        if self._age != self._door.age or not self._door.enter(self, self._transport):
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Bytes came: every whole question in them is answered."""
        begins = not self._talk.halfway
        try:
            replies = [self._talk.reply(self._answer(question)) for question in self._talk.receive(data)]
        except Stranger as error:
            self._turn_away(error)
            return
        except WireError as error:
            self._door.counts.garbled += 1
            self._door.trouble = str(error)[:300]
            self.close()
            return
        if begins or replies:
            self._since = asyncio.get_running_loop().time()
        if replies and self._transport is not None:
            if self._wait:
                self._keep_back(self._transport, b"".join(replies))
                return
            self._transport.write(b"".join(replies))
            if not self._talk.lasting:
                self._transport.close()

    def _late_answer(self, question: Asked | None) -> Answer:
        answer = self._door.answer(question)
        if answer.act == "slow":
            self._wait = float(answer.seconds)
        return answer

    def _keep_back(self, transport: asyncio.Transport, replies: bytes) -> None:
        """Answer later; nothing more is read until then, so that answers stay in order."""
        transport.pause_reading()
        asyncio.get_running_loop().call_later(self._wait, self._at_last, transport, replies)
        self._wait = 0.0

    def _at_last(self, transport: asyncio.Transport, replies: bytes) -> None:
        if not transport.is_closing():
            transport.write(replies)
            transport.resume_reading()

    def _turn_away(self, error: Stranger) -> None:
        self._door.counts.strangers += 1
        self._door.trouble = str(error)[:300]
        if self._transport is not None:
            self._transport.write(error.answer)
            self._transport.close()

    def pause_writing(self) -> None:
        """The client does not take its answers: it is not read until it does."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        """It has taken them."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client went."""
        self._door.leave(self)

    def overdue(self, now: float) -> bool:
        """Whether it has been silent, or in the middle of a request, for too long."""
        return now - self._since > (HALFWAY if self._talk.halfway else IDLE)

    def close(self) -> None:
        """Hang up without another word."""
        if self._transport is not None:
            self._transport.abort()


@contextlib.asynccontextmanager
async def opened(
    door: Door, listen: str, mode: int = 0o660, group: str = "", tls: ssl.SSLContext | None = None
) -> AsyncIterator[Doorway]:
    """Answer at an address while the context lasts.

    Args:
        door: who answers.
        listen: "unix:/run/gatepost/postfix" or "inet:127.0.0.1:4002".
        mode: of the unix socket.
        group: that may use it; "" leaves it.
        tls: at a port, everybody who connects must speak TLS.

    Raises:
        ConfigError: the address cannot be listened on.
    """
    way = Doorway(door.connection, listen)
    with refusing(listen, f"door {door.name}"):
        await way.open(mode, group, tls)
    sweeper = asyncio.create_task(door.sweep())
    try:
        yield way
    finally:
        sweeper.cancel()
        way.close()
