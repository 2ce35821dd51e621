"""The whole path as it is meant: every line read whole, every event shown to the plain engine."""

from collections.abc import Iterable, Sequence

from tests.reference.engine import Engine, Pages

from gatepost.core.events import AnyEvent, Cursor, Login
from gatepost.core.units import Instant, Subject, account_subject
from gatepost.detect.base import Detector
from gatepost.engine import Engine as Quick
from gatepost.enrich.observe import Observer
from gatepost.judge.docket import Change
from gatepost.ledger.page import Page
from gatepost.ledger.receivers import ABOUT
from gatepost.ledger.site import Site
from gatepost.mta.exim import Exim
from gatepost.mta.thread import Thread
from gatepost.runtime.troubles import Troubles
from gatepost.source.lines import length


class Path:
    """Dialect, thread, observer and plain engine of one host."""

    def __init__(self, observer: Observer, detectors: Sequence[Detector]) -> None:
        self.dialect, self.thread, self.observer = Exim(), Thread("mx1"), observer
        self.engine, self.site = Engine(detectors), Site()
        self.quick, self.troubles = Quick(detectors), Troubles()
        self.pages: dict[Subject, Page] = {}
        self.changes: list[Change] = []
        self._newest = Instant(0.0)

    def read(self, lines: Iterable[str]) -> None:
        """Read lines to their end, and let end what ends by then."""
        offset = 0
        for line in lines:
            record = self.dialect.read(line)
            if record.time is not None:
                self._advance(record.time)
                for event in self.thread.feed(record, Cursor("log", 0, offset)):
                    self._take(event)
            offset += length(line)

    def _advance(self, time: Instant) -> None:
        if time <= self._newest:
            return
        self._newest = time
        for page in self.pages.values():
            if page.standing or page.level:
                self.changes += self.engine.expire(page, time)

    def page(self, subject: Subject) -> Page:
        """The page of an account or of a place."""
        return self.pages.setdefault(subject, Page(subject=subject))

    def _take(self, event: AnyEvent) -> None:
        account = event.account
        if not account or (isinstance(event, Login) and not event.ok and account_subject(account) not in self.pages):
            return
        page = self.page(account_subject(account))
        seen = self.observer.observe(event)
        if seen.bounce in ABOUT:
            seen = self.troubles.look(seen, page, self.quick, self.site)
        outcome = self.engine.observe(seen, Pages(self.site, page, self.page, self.pages.get))
        self.changes += outcome.changes
        for found in outcome.findings:
            self._take(found)
