"""gatepost ingest: late failures and complaints, charged to the account whose message they are about."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import click
import msgspec

from gatepost.act.foreign import visible
from gatepost.config.settings import Settings
from gatepost.core.errors import ConfigError, SourceError, StoreError
from gatepost.core.reports import Heard, Report
from gatepost.runtime.clock import SystemClock
from gatepost.runtime.control import Request
from gatepost.runtime.house import House
from gatepost.runtime.inbox import COUNTED, Inbox, portions
from gatepost.runtime.lock import Lock
from gatepost.source.mails import Mail, mails
from gatepost.store.sqlite import Sqlite
from gatepost.surface import logs, options
from gatepost.surface.asked import ask
from gatepost.wire import reports

LATER = 75
"""Exit code EX_TEMPFAIL of sysexits.h: the mail server keeps the mail and tries again."""

WAIT = 20.0
"""Seconds a report waits for the running gatepost."""


@click.command("ingest")
@click.argument("places", nargs=-1, metavar="[MAIL|MAILDIR]...")
@options.config
@options.form("text", "jsonl")
def command(places: tuple[str, ...], config: str | None, form: str) -> int:
    """Count late failures and complaints that came as mail.

    Each argument is a file with one mail, or a Maildir, whose new mails are read and moved to cur; without any, or with
    "-", a mail is read from standard input.
    """
    logs.to_stderr(quiet=True)
    piped = not places or "-" in places
    try:
        settings = options.settings(config, needed=True)
        if not settings.reports.keep:
            raise ConfigError('no sent message is known: set keep = "7d"', "[reports]")
        return asyncio.run(_all(settings, places or ("-",), form))
    except (ConfigError, StoreError) as error:
        if not piped:
            raise
        click.echo(f"gatepost: {error}", err=True)
        return LATER


async def _all(settings: Settings, places: tuple[str, ...], form: str) -> int:
    """Every mail of every place; returns the exit code."""
    code = 0
    with ExitStack() as stack:
        teller = _Teller(settings, stack)
        for place in places:
            try:
                for mail in mails(place):
                    _print(mail, [heard async for heard in teller.tell(mail)], form)
                    mail.seen()
            except SourceError as error:
                click.echo(f"gatepost: {error}", err=True)
                code = 3
    return code


class _Teller:
    """Gives reports to the running gatepost, or counts them here when none runs."""

    def __init__(self, settings: Settings, stack: ExitStack) -> None:
        self._settings, self._stack = settings, stack
        self._inbox: Inbox | None = None

    async def tell(self, mail: Mail) -> AsyncIterator[Heard]:
        """What becomes of each recipient that a mail reports about.

        Raises:
            StoreError: it cannot be counted now.
        """
        found = reports.read(mail.data)
        if isinstance(found, str):
            yield Heard(found)
            return
        for report in portions(found):
            for heard in await self._one(report):
                yield heard

    async def _one(self, report: Report) -> tuple[Heard, ...]:
        if self._inbox is None:
            reply = await self._ask(report)
            if reply is not None:
                return reply
            self._inbox = self._here()
        return self._inbox.take(report)[0]

    async def _ask(self, report: Report) -> tuple[Heard, ...] | None:
        state = Path(self._settings.state.path)
        request = Request("report", "", report=report)
        reply = await ask(state, request, WAIT, may="give reports", late="give the report again")
        if reply is not None and reply.error:
            raise StoreError(reply.error)
        return reply.heard if reply is not None else None

    def _here(self) -> Inbox:
        state = Path(self._settings.state.path)
        self._stack.enter_context(Lock(state))
        store = self._stack.enter_context(Sqlite.open(state))
        house = House(self._settings, store, SystemClock())
        house.catch_up_with_operator()
        inbox = Inbox(house)
        inbox.catch_up()
        return inbox


def _print(mail: Mail, heard: list[Heard], form: str) -> None:
    for one in heard:
        if form == "jsonl":
            found = {"mail": visible(mail.name), "counted": one.became == COUNTED}
            found |= {"became": one.became, "account": visible(one.account)}
            click.echo(msgspec.json.encode(found))
        else:
            click.echo(f"{visible(mail.name)}: {one.became}{f', {visible(one.account)}' if one.account else ''}")
