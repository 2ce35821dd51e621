"""Record, inspect, judge: one function, no I/O.

Deterministic: equal pages and equal input give an equal outcome, in replay as live. Evidence whose `until` has come is
expired at its own time before anything later is recorded (contracts 4).
"""

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from gatepost.core.events import Cursor, Delivery, Finding, Instruction, Login, Own, Recipient, Submission
from gatepost.core.evidence import WITHDRAWN, Level, Verdict
from gatepost.core.facts import Observation
from gatepost.core.incident import Incident, Order, State
from gatepost.core.units import DAY, Account, Instant, Subject, network_subject
from gatepost.detect.base import Detector, finding
from gatepost.detect.round import Named, Round
from gatepost.judge import docket
from gatepost.judge.docket import Change
from gatepost.judge.policy import OPERATOR, Policy, by_operator
from gatepost.ledger.measures import BLOCKS, YOUNG_DAYS, Measure, key_of
from gatepost.ledger.page import Page, Pardon
from gatepost.ledger.plan import HABITUAL, STRANGE
from gatepost.ledger.proofs import Proofs
from gatepost.ledger.recorder import Fresh, Recorder
from gatepost.ledger.signals import CASES, case_of, place_of
from gatepost.ledger.site import Site
from gatepost.ledger.view import View, merge

_BLOCKS = key_of(BLOCKS)

_JUDGED = (Submission, Delivery, Login, Recipient)
"""What accounts do, and what becomes of it; everything else is told."""


class Pages(Struct):
    """Whose pages an observation is written on: our own, and what other nodes know of the same subjects."""

    site: Site
    account: Page | None = None
    places: Callable[[Subject], Page] | None = None
    """Finds the page of a client's place; None: what accounts share is not looked at."""
    opened: Callable[[Subject], Page | None] | None = None
    """The same of a place that a stranger opened; None where none did."""
    others: Sequence[Page] = ()
    """Other nodes' pages of the account."""


class Outcome(Struct, frozen=True):
    """What an observation led to."""

    verdict: Verdict | None = None
    """None: nobody was judged."""
    incident: Incident | None = None
    orders: tuple[Order, ...] = ()
    findings: tuple[Finding, ...] = ()
    """About other accounts; fed back in order, at most one hop."""
    changes: tuple[Change, ...] = ()
    """Every change of the account's level, in event-time order."""


QUIET = Outcome()
"""The outcome of nearly every observation."""


class Engine:
    """Detectors, judge and recorder, compiled once."""

    def __init__(
        self,
        detectors: Iterable[Detector],
        policy: Policy | None = None,
        *,
        key: bytes = b"",
        hold_ends_after: float | None = None,
    ) -> None:
        """Compile the plans.

        Args:
            detectors: in the order they are asked.
            policy: levels and exemptions.
            key: for hashes of Familiar measures.
            hold_ends_after: seconds after which a hold or block ends by itself; None is never.

        Raises:
            ValueError: a detector asks for a measure that cannot be.
        """
        self.detectors = tuple(detectors)
        self.policy = policy or Policy()
        self.hold_ends_after = hold_ends_after
        measures: list[Measure] = [measure for detector in self.detectors for measure in detector.measures()]
        self.key = key
        shared = [m for m in measures if m.of == "network"]
        self._accounts = Recorder([*(m for m in measures if m.of == "account"), *((BLOCKS,) if shared else ())], key)
        self._places = Recorder(shared, key, habits=False) if shared else None
        self._rounds = {case: Round(case, self.detectors) for case in CASES}
        self._direct = self._accounts.direct and not self._rounds["delivered"].wakes

    def usual(self, seen: Observation, page: Page, site: Site) -> bool:
        """Whether it came through the owner's usual network and program, and nothing stands against the account."""
        if page.level or page.standing or page.days < YOUNG_DAYS or seen.origin is None:
            return False
        return self._accounts.strangeness(page, seen, site) == HABITUAL

    def resolve(self, event: Delivery, page: Page) -> bool:
        """Write delivered recipients of an account that nothing stands against; False: `observe` must do it."""
        if not self._direct or page.standing.octets or page.level:
            return False
        if _advance(page, event.cursor):
            page.clock = max(page.clock, event.at)
            self._accounts.resolve(page, event.at, event.count)
        return True

    def observe(self, seen: Observation, pages: Pages) -> Outcome:
        """Record, inspect, judge."""
        event, page = seen.event, pages.account
        if page is None:
            return QUIET
        standing = page.standing.octets or page.level
        changes, findings = self.expire(page, event.at) if standing else [], list[Finding]()
        if _advance(page, event.cursor):
            change = self._apply(seen, pages, page, findings)
            if change is not None:
                changes.append(change)
        return _outcome(changes, findings) if changes or findings else QUIET

    def expire(self, page: Page, at: Instant) -> list[Change]:
        """Everything whose time has come by `at`, each at its own time."""
        changes: list[Change] = []
        while (due := self.due(page)) is not None and due <= at:
            page.standing = Proofs({name: proof for name, proof in page.standing.items() if proof.until > due})
            account = _account(page)
            verdict = self.policy.verdict(page, account, due)
            held = docket.standing(page)
            ended = held is not None and self._ends(held) is not None and self._ends(held) == due
            change = docket.lapse(page, verdict) if ended else docket.enter(page, verdict)
            if change is not None:
                changes.append(change)
        return changes

    def due(self, page: Page) -> Instant | None:
        """The next moment at which something on the page ends by itself."""
        first, end = page.standing.until, None
        if self.hold_ends_after is not None and (held := docket.standing(page)) is not None:
            end = self._ends(held)
        return end if first is None or (end is not None and end < first) else first

    def _ends(self, incident: Incident) -> Instant | None:
        """When a hold or block ends by itself; never, when the operator confirmed it (contracts 1)."""
        if self.hold_ends_after is None or incident.peak < Level.HOLD or incident.state is State.CONFIRMED:
            return None
        return Instant(incident.changed + self.hold_ends_after)

    def _apply(self, seen: Observation, pages: Pages, page: Page, findings: list[Finding]) -> Change | None:
        event = seen.event
        if isinstance(event, _JUDGED):
            return self._judge(seen, pages, page, findings)
        if isinstance(event, Instruction):
            if event.how == "honest":
                pages.site.forgive(event.account)
            return self._obey(event, page)
        if isinstance(event, Finding):
            before, found = page.standing.get(event.detector), finding(event)
            if before is None or before.points <= found.points:
                page.standing[event.detector] = found
            return docket.enter(page, self.policy.verdict(page, event.account, event.at))
        if isinstance(event, Own):
            docket.count_own(page, event.kept)
        return None

    def _judge(self, seen: Observation, pages: Pages, page: Page, findings: list[Finding]) -> Change | None:
        event, case = seen.event, case_of(seen)
        if event.at > page.clock:
            page.clock = event.at
        fresh = self._accounts.record(page, seen, case, pages.site)
        place = self._place(seen, pages, page, case, fresh) if fresh.strangeness != HABITUAL else None
        change = self._respelt(event, page) if isinstance(event, (Submission, Login)) else None
        concerned = self._rounds[case]
        strangeness = fresh.strangeness if place is None else STRANGE
        asked = concerned.choose(page, strangeness, everybody=bool(pages.others))
        something = page.standing.octets or page.level or page.out
        if event.at >= page.cleared and (asked or (something and concerned.wakes)):
            change = self._ask(asked, seen, pages, page, place, fresh) or change
        if place is not None and page.level >= Level.HOLD:
            findings += self._expose(seen, pages, page, place, fresh)
        return change

    def _ask(
        self,
        detectors: tuple[Named, ...],
        seen: Observation,
        pages: Pages,
        page: Page,
        place: Page | None,
        fresh: Fresh,
    ) -> Change | None:
        """Let detectors compare, and enter what their answers make of the account."""
        event, now = seen.event, Instant(page.clock)
        whole = merge(page, pages.others) if pages.others else page
        ledger = View(whole, place, pages.site, now, fresh)
        moved = False
        for name, detector in detectors:
            answer = detector.inspect(seen, ledger)
            if answer is not None and (page.standing or answer is not WITHDRAWN):
                moved = page.standing.stand(name, answer) or moved
        if isinstance(event, Submission) and (page.standing or page.out or page.level):
            docket.count_out(page, event.recipients or 0)
        return docket.enter(page, self.policy.verdict(page, event.account, now)) if moved or page.level else None

    def _place(self, seen: Observation, pages: Pages, page: Page, case: str, fresh: Fresh) -> Page | None:
        """The page of the place that a strange access came from, with this observation on it.

        An account opens at most as many as it has blocks in a day: somebody who has one password and a network of
        addresses fills no memory. On its first day nothing is strange to an account; it opens none, and is put on the
        pages that others opened.
        """
        newcomer = fresh.strangeness != STRANGE
        if self._places is None or pages.places is None or (newcomer and page.days) or not (name := place_of(seen)):
            return None
        blocks = page.seen.get(_BLOCKS)
        if blocks is not None and len(blocks) >= BLOCKS.cap:
            return None
        subject = network_subject(name)
        if newcomer and (pages.opened is None or pages.opened(subject) is None):
            return None
        place = pages.places(subject)
        if _advance(place, seen.event.cursor):
            place.clock = max(place.clock, seen.event.at)
            self._places.record(place, seen, case, pages.site, fresh.strangeness)
        return place

    def _expose(self, seen: Observation, pages: Pages, page: Page, place: Page, fresh: Fresh) -> tuple[Finding, ...]:
        """A stopped account's place: what is found about others there, when it is seen there first."""
        account, at = seen.event.account, seen.event.at
        pages.site.stop(account, at)
        if place.hostile.get(account, 0.0) > at:
            return ()
        place.hostile = {name: until for name, until in place.hostile.items() if until > at} | {account: at + DAY}
        ledger = View(page, place, pages.site, Instant(page.clock), fresh)
        return tuple(found for one in self.detectors for found in one.expose(seen, ledger))

    def _respelt(self, event: Submission | Login, page: Page) -> Change | None:
        """A new spelling of a stopped account must be denied too (contracts 16): the same orders, once more."""
        login = event.spelling if isinstance(event, Submission) else event.claimed if event.ok else ""
        if not login or not page.spell(login, event.at):
            return None
        held = docket.standing(page)
        if held is None or held.peak < Level.HOLD:
            return None
        return docket.again(page, self.policy.verdict(page, event.account, event.at))

    def _obey(self, told: Instruction, page: Page) -> Change | None:
        if told.verb == "release":
            return docket.release(page, told, self.policy.verdict(page, told.account, told.at))
        if told.verb == "exempt":
            page.pardon = Pardon(told.until, told.by, told.reason)
        elif told.verb == "confirm":
            docket.confirm(page, told.at)
        else:
            page.standing[OPERATOR] = by_operator(told)
        return docket.enter(page, self.policy.verdict(page, told.account, told.at))


def _account(page: Page) -> Account:
    return Account(page.subject.partition(":")[2])


def _advance(page: Page, cursor: Cursor) -> bool:
    """False when the page has this event already; else it has it from now on."""
    place = (cursor.generation, cursor.offset)
    applied = page.applied.get(cursor.source)
    if applied is not None and place <= applied:
        return False
    page.applied[cursor.source] = place
    return True


def _outcome(changes: list[Change], findings: list[Finding]) -> Outcome:
    if not changes:
        return Outcome(findings=tuple(findings))
    last = changes[-1]
    orders = tuple(order for change in changes for order in change.orders)
    return Outcome(last.verdict, last.incident, orders, tuple(findings), tuple(changes))
