"""A chat: one short message for each step of an incident, with the command that takes it back.

Owns what it says. How it travels is Apprise's work, a library that knows a hundred services by a URL each. It is
optional and imported with the first action that needs it; its own log is kept silent, for it may quote URLs.
"""

import asyncio
import logging
import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from gatepost.act.foreign import defanged, shown, word
from gatepost.act.post import MAX_PER_HOUR, Budget
from gatepost.act.tidings import News, Teller, step
from gatepost.core.errors import ActionError
from gatepost.core.incident import Order
from gatepost.core.ports import Journal, Target
from gatepost.judge.score import counted

FACTS = 2
"""Of the evidence, the strongest."""

LISTED = 10
"""Incidents that a digest names."""

_CALL = re.compile(r"(?i)@(?=everyone|here|channel|all\b)|<(?=[!@#])")
"""What a chat service would call people with."""


class Line(Protocol):
    """A chat, as Apprise has it."""

    def notify(self, *, body: str, title: str) -> bool:
        """Say something; whether it was taken."""
        ...


class _Service:
    """Apprise; text is text, also where the service takes HTML."""

    def __init__(self, made: Any, text: object) -> None:
        self._made, self._text = made, text

    def notify(self, *, body: str, title: str) -> bool:
        return bool(self._made.notify(body=body, title=title, body_format=self._text))


class Chat(Teller):
    """An Action that tells people in a chat, and does not tell the end."""

    def __init__(
        self, name: str, line: Line, journal: Journal, levels: frozenset[str], budget: Budget, timeout: float
    ) -> None:
        """Say which chat.

        Args:
            name: of the action.
            line: as `line_of` made it.
            journal: what was done.
            levels: of an incident that are told.
            budget: of all that sends messages to people.
            timeout: seconds for one try.
        """
        super().__init__(name, self, journal, levels)
        self._line, self._budget, self._timeout = line, budget, timeout
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        """One, so that a service that hangs holds one thread and no more."""

    def plan(self, order: Order, target: Target) -> str:
        """Nothing to take back: a message stays said."""
        return ""

    async def undo(self, order: Order, target: Target, record: str) -> str:
        """A message stays said."""
        return "a message stays said"

    async def say(self, news: News) -> str:
        """Say a step.

        Raises:
            ActionError: it was not taken, or 20 messages went out within an hour; both are worth another try.
        """
        if not self.room():
            msg = f"{MAX_PER_HOUR} messages went out within an hour: the one about {news.incident.key} waits"
            raise ActionError(msg, retry=True)
        return await self._send(title(news), body(news))

    async def digest(self, pairs: Sequence[tuple[Order, Target]]) -> str:
        """One message about many incidents.

        Raises:
            ActionError: it was not taken.
        """
        wanted = [step(order, target, self._journal) for order, target in pairs if self.wants(target)]
        if not wanted:
            return "nobody wants to know"
        note = await self._send(f"[gatepost] {len(wanted)} accounts look stolen", listed(wanted))
        self._budget.digested(self.name)
        return note

    def room(self) -> int:
        """How many messages may still go out now."""
        return self._budget.room()

    def waits(self) -> float:
        """Seconds until something may go out: while there is no room, a digest now and then."""
        return self._budget.until_digest(self.name)

    async def _send(self, head: str, text: str) -> str:
        try:
            async with asyncio.timeout(self._timeout):
                loop = asyncio.get_running_loop()
                taken = await loop.run_in_executor(self._thread, lambda: self._line.notify(body=text, title=head))
        except TimeoutError as error:
            raise ActionError(f"{self.name}: no answer within {self._timeout:g} s", retry=True) from error
        except Exception as error:  # whatever a plugin of Apprise's lets through
            raise ActionError(f"{self.name}: the message failed ({type(error).__name__})", retry=True) from error
        if not taken:
            msg = f"{self.name}: the service did not take the message: look at the URL in url_file, and at the service"
            raise ActionError(msg, retry=True)
        self._budget.spend()
        return f"said in {self.name}"


def line_of(url: str) -> Line:
    """A chat by its URL in Apprise's form: "tgram://TOKEN/CHAT", "slack://…", "matrixs://…".

    Raises:
        ValueError: Apprise is not installed, or knows no such service. The URL is a secret and not shown.
    """
    try:
        import apprise
    except ImportError as error:
        raise ValueError("Apprise is not installed; install gatepost[chat]") from error
    log = logging.getLogger("apprise")
    log.propagate, log.handlers = False, [logging.NullHandler()]
    made = apprise.Apprise(asset=apprise.AppriseAsset(app_id="gatepost", app_desc="gatepost", async_mode=False))
    if not made.add(url):
        raise ValueError("Apprise knows no such service as in url_file; see its list of URLs")
    return _Service(made, apprise.NotifyFormat.TEXT)


def title(news: News) -> str:
    """The first line of a message."""
    found = news.incident
    return calm(f"[gatepost] {found.peak.word}: {shown(found.account, 100)} (score {found.verdict.score:.0f})")


def body(news: News) -> str:
    """The rest of it."""
    return calm("\n".join(_lines(news)))


def _lines(news: News) -> Iterable[str]:
    found = news.incident
    facts = [defanged(proof.says, 120) for proof in counted(found.verdict.because)[:FACTS]]
    yield "; ".join(facts) or "An operator said so."
    yield f"{found.out_before + found.out_after} recipients got out."
    yield from (f"{shown(what)}: {shown(how)}" for what, how in news.notes)
    failed = [row for row in news.measures if row.state == "failed"]
    yield from (f"NOT done: {shown(row.action, 80)}: {shown(row.note)}" for row in failed[:3])
    yield f"gatepost release {word(found.key)} --password-changed"


def listed(many: Sequence[News]) -> str:
    """Many incidents in one message."""
    names = [shown(f"{news.incident.key} ({news.incident.peak.word})", 120) for news in many[:LISTED]]
    more = [f"and {len(many) - LISTED} more"] if len(many) > LISTED else []
    return calm("\n".join((*names, *more, "gatepost incidents lists all; gatepost release INCIDENT takes one back.")))


def calm(text: str) -> str:
    """The same, and nobody is called by it."""
    return _CALL.sub(lambda found: f"[{found[0]}]", text)
