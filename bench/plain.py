"""The whole path without a file, a store or a short cut: lines in, changes of level out.

What `gatepost replay` does, in its plainest form: every line is read whole, every page stays in memory. Benchmarks
measure its steps one by one; scores use it to try detectors with other settings.
"""

from collections.abc import Iterable, Iterator, Sequence
from sys import intern

from gatepost.core.events import AnyEvent, Cursor, Login
from gatepost.core.units import Account, Instant, Subject, account_subject
from gatepost.detect import BUILT_IN
from gatepost.detect.base import Detector
from gatepost.engine import Engine, Pages
from gatepost.enrich.network import Networks
from gatepost.enrich.observe import Observer
from gatepost.enrich.senders import Senders
from gatepost.judge.docket import Change
from gatepost.ledger.page import Page
from gatepost.ledger.site import Site
from gatepost.mta.exim import Exim
from gatepost.mta.thread import Thread

SOURCE = intern("mx1:mainlog")
"""What every line is said to come from."""


class Plain:
    """Dialect, thread, observer and engine of one host."""

    def __init__(self, local: Iterable[str], detectors: Sequence[Detector] | None = None) -> None:
        """Wire the floors.

        Args:
            local: domains hosted here.
            detectors: None: all of them, as shipped.
        """
        self.dialect = Exim()
        self.thread = Thread("mx1", key=b"bench")
        self.observer = Observer(Networks(), Senders(local))
        self.engine = Engine([kind() for kind in BUILT_IN] if detectors is None else detectors, key=b"bench")
        self.site = Site()
        self.pages: dict[Account, Page] = {}
        self.places: dict[Subject, Page] = {}
        self._standing: dict[Account, Page] = {}
        """Accounts on whose page something stands."""

    def events(self, lines: Iterable[str]) -> Iterator[AnyEvent]:
        """What the lines say, joined."""
        offset = 0
        for line in lines:
            yield from self.thread.feed(self.dialect.read(line), Cursor(SOURCE, 0, offset))
            offset += len(line) + 1

    def observe(self, event: AnyEvent) -> list[Change]:
        """What one event changes, after everything that ends by itself before it."""
        found = self.advance(event.at)
        stranger = isinstance(event, Login) and not event.ok and event.account not in self.pages
        if not event.account or stranger:
            return found
        page = self.pages.get(event.account)
        if page is None:
            page = self.pages[event.account] = Page(subject=account_subject(event.account))
        outcome = self.engine.observe(self.observer.observe(event), Pages(self.site, page, self.place))
        found += outcome.changes
        if page.standing:
            self._standing[event.account] = page
        for told in outcome.findings:
            found += self.observe(told)
        return found

    def place(self, subject: Subject) -> Page:
        """The page of a place that accounts share."""
        return self.places.setdefault(subject, Page(subject=subject))

    def advance(self, at: Instant) -> list[Change]:
        """Everything that ends by itself up to an instant."""
        found: list[Change] = []
        for account, page in list(self._standing.items()):
            found += self.engine.expire(page, at)
            if not page.standing:
                del self._standing[account]
        return found

    def changes(self, lines: Iterable[str]) -> list[Change]:
        """Every change of an account's level, in order of event time; the last line's time is the end."""
        found: list[Change] = []
        last = Instant(0.0)
        for event in self.events(lines):
            last = max(last, event.at)
            found += self.observe(event)
        found += self.advance(last)
        return sorted(found, key=lambda change: change.at)
