"""Letters on their way."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from msgspec.structs import replace
from tests.act.book import NOON, Fixed, incident, order, target

from gatepost.act.notify import Notify
from gatepost.act.post import MAX_PER_HOUR
from gatepost.core.errors import ActionError
from gatepost.core.evidence import Level
from gatepost.core.units import Instant

PEOPLE = ("abuse@example.org",)


class Desk:
    """A mail server in this process; keeps what it takes."""

    def __init__(self, reply: str = "250 OK") -> None:
        self.reply = reply
        self.taken: list[Envelope] = []

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:
        """Take or refuse a letter."""
        if self.reply.startswith("250"):
            self.taken.append(envelope)
        return self.reply


@asynccontextmanager
async def listening(desk: Desk) -> AsyncIterator[str]:
    """The desk's address while it listens."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(desk), "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


def notify(smtp: str, *, clock: Fixed | None = None, to: tuple[str, ...] = PEOPLE, timeout: float = 10) -> Notify:
    """An action as configured."""
    return Notify(to=to, sender="gatepost@example.org", smtp=smtp, clock=clock or Fixed(), timeout=timeout)


def with_desk(desk: Desk, use: Callable[[str], Coroutine[Any, Any, None]]) -> None:
    """Run a test against a desk."""

    async def run() -> None:
        async with listening(desk) as smtp:
            await use(smtp)

    asyncio.run(run())


def test_a_letter_arrives_with_a_null_sender() -> None:
    """The desk gets one letter whose envelope sender is empty, so that nothing is ever sent back."""
    desk = Desk()

    async def use(smtp: str) -> None:
        about = incident()
        note = await notify(smtp).ensure(order(about, "notified"), target(about))
        assert note.startswith("told abuse@example.org: <gatepost.")

    with_desk(desk, use)
    (letter,) = desk.taken
    assert (letter.mail_from, letter.rcpt_tos) == ("<>", ["abuse@example.org"])


def test_a_level_nobody_asked_for_sends_nothing() -> None:
    """Below the configured levels no letter goes out, and that is no error."""
    about = incident(peak=Level.THROTTLE)
    note = asyncio.run(notify("127.0.0.1:9").ensure(order(about, "notified"), target(about)))
    assert note == "no letter is wanted at level throttle"


@pytest.mark.parametrize("reply", ["451 later", "554 no"])
def test_a_refused_letter_is_an_error_worth_another_try(reply: str) -> None:
    """When the server refuses, the error names it, its words, and may be tried again."""

    async def use(smtp: str) -> None:
        about = incident()
        with pytest.raises(ActionError, match=reply.split()[1]) as caught:
            await notify(smtp).ensure(order(about, "notified"), target(about))
        assert caught.value.retry
        assert smtp in str(caught.value)

    with_desk(Desk(reply), use)


def test_no_server_is_an_error_worth_another_try() -> None:
    """When nobody listens the error names host and port and may be tried again."""
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        smtp = f"127.0.0.1:{unheard.getsockname()[1]}"
        about = incident()
        with pytest.raises(ActionError, match=smtp) as caught:
            asyncio.run(notify(smtp).ensure(order(about, "notified"), target(about)))
    assert caught.value.retry


def test_a_silent_server_is_given_up() -> None:
    """A server that accepts and never answers costs the time-out and no more."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        about = incident()
        with pytest.raises(ActionError):
            action = notify(f"127.0.0.1:{silent.getsockname()[1]}", timeout=0.2)
            asyncio.run(action.ensure(order(about, "notified"), target(about)))


def test_twenty_an_hour_then_it_waits_or_goes_into_a_digest() -> None:
    """The 21st letter of an hour is put off, the digest still goes, and an hour later there is room again."""
    desk, clock = Desk(), Fixed()

    async def use(smtp: str) -> None:
        action = notify(smtp, clock=clock)
        cases = [incident(number=number) for number in range(1, MAX_PER_HOUR + 2)]
        for about in cases[:-1]:
            await action.ensure(order(about, "notified"), target(about))
        with pytest.raises(ActionError, match="waits") as caught:
            await action.ensure(order(cases[-1], "notified"), target(cases[-1]))
        assert caught.value.retry
        await action.digest([(order(about, "notified"), target(about)) for about in cases])
        clock.at = Instant(NOON + 3600)
        await action.ensure(order(cases[-1], "notified"), target(cases[-1]))

    with_desk(desk, use)
    assert len(desk.taken) == MAX_PER_HOUR + 2


def test_the_stopped_account_never_reads_its_own_letter() -> None:
    """An address that is the account's own is left out; when no other is left that is an error."""
    desk = Desk()
    about = incident("Abuse@example.org")

    async def use(smtp: str) -> None:
        action = notify(smtp, to=("abuse@example.org", "root@example.org"))
        await action.ensure(order(about, "notified"), target(about))
        with pytest.raises(ActionError, match="configure another address"):
            await notify(smtp).ensure(order(about, "notified"), target(about))

    with_desk(desk, use)
    assert [letter.rcpt_tos for letter in desk.taken] == [["root@example.org"]]


def test_a_letter_stays_sent() -> None:
    """Undoing a notice does nothing and says so."""
    about = incident()
    action = notify("127.0.0.1:9")
    assert action.plan(order(about, "notified"), target(about)) == ""
    assert asyncio.run(action.undo(order(about, "released"), target(about), "")) == "a notice stays sent"


@pytest.mark.parametrize("more", [{"smtp": "localhost"}, {"smtp": ":25"}, {"to": ("x",)}, {"sender": "a@b\r\nc"}])
def test_what_cannot_work_is_refused_at_once(more: dict[str, Any]) -> None:
    """A server without a port or an address that is none is a ValueError that shows what one looks like."""
    given: dict[str, Any] = {"to": ("abuse@example.org",), "sender": "gatepost@example.org", "smtp": "127.0.0.1:25"}
    with pytest.raises(ValueError, match="such as"):
        Notify(**{**given, **more}, clock=Fixed())


def test_a_digest_leaves_out_levels_nobody_asked_for() -> None:
    """Incidents below the configured levels are not in a digest; without any other there is none."""
    low = replace(incident(), peak=Level.THROTTLE)
    assert asyncio.run(notify("127.0.0.1:9").digest([(order(low, "notified"), target(low))])) == "no letter is wanted"
