"""The engine as it is meant, without a short cut: the reference of the law `fast = plain`.

Record, inspect, judge: every observation is written measure by measure and shown to every detector of its case.

Deterministic: equal pages and equal input give an equal outcome, in replay as live. Evidence whose `until` has come is
expired at its own time before anything later is recorded (contracts 4).
"""

from collections.abc import Callable, Iterable, Sequence
from typing import cast

from msgspec import Struct
from msgspec.structs import replace
from tests.reference.recorder import Fresh, Recorder
from tests.reference.view import View, merge

from gatepost.core.events import Cursor, Finding, Instruction, Login, Own, Submission, Tick
from gatepost.core.evidence import WITHDRAWN, Answer, Evidence, Family, Level, Verdict
from gatepost.core.facts import Observation
from gatepost.core.incident import Incident, Order, State
from gatepost.core.units import DAY, Account, Instant, Subject, network_subject
from gatepost.detect.base import Detector, finding
from gatepost.judge import docket
from gatepost.judge.docket import Change
from gatepost.judge.policy import OPERATOR, Policy
from gatepost.ledger.measures import BLOCKS, Measure, key_of
from gatepost.ledger.page import Page, Pardon
from gatepost.ledger.plan import HABITUAL, STRANGE
from gatepost.ledger.proofs import Proofs
from gatepost.ledger.signals import CASES, case_of, place_of
from gatepost.ledger.site import Site
from gatepost.ledger.view import View as Shown

FOREVER = Instant(4102444800.0)
"""2100-01-01: the end of evidence that only an operator ends."""

MAX_CITES = 5


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
        shared = [m for m in measures if m.of == "network"]
        self._accounts = Recorder([*(m for m in measures if m.of == "account"), *((BLOCKS,) if shared else ())], key)
        self._places = Recorder(shared, key, habits=False)
        named = [(detector.name, detector) for detector in self.detectors]
        self._wake = {case: tuple(pair for pair in named if case in pair[1].cases) for case in CASES}
        self._ease = {case: tuple(pair for pair in named if case in pair[1].eases) for case in CASES}

    def observe(self, seen: Observation, pages: Pages) -> Outcome:
        """Record, inspect, judge."""
        event, page = seen.event, pages.account
        if page is None:
            return QUIET
        changes, findings = self.expire(page, event.at) if page.standing or page.level else [], list[Finding]()
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
        times = [proof.until for proof in page.standing.values()]
        held = docket.standing(page)
        if held is not None and (end := self._ends(held)) is not None:
            times.append(end)
        return min(times, default=None)

    def _ends(self, incident: Incident) -> Instant | None:
        if self.hold_ends_after is None or incident.peak < Level.HOLD or incident.state is State.CONFIRMED:
            return None
        return Instant(incident.changed + self.hold_ends_after)

    def _apply(self, seen: Observation, pages: Pages, page: Page, findings: list[Finding]) -> Change | None:
        event = seen.event
        if isinstance(event, Instruction):
            if event.how == "honest":
                pages.site.forgive(event.account)
            return self._obey(event, page)
        if isinstance(event, Finding):
            before, found = page.standing.get(event.detector), finding(event)
            if before is None or before.points <= found.points:
                page.standing[event.detector] = found
            return docket.enter(page, self.policy.verdict(page, event.account, event.at))
        if isinstance(event, (Own, Tick)):
            if isinstance(event, Own):
                docket.count_own(page, event.kept)
            return None
        return self._judge(seen, pages, page, findings)

    def _judge(self, seen: Observation, pages: Pages, page: Page, findings: list[Finding]) -> Change | None:
        event, case = seen.event, case_of(seen)
        page.clock = now = max(page.clock, event.at)
        fresh = self._accounts.record(page, seen, case, pages.site)
        place = self._place(seen, pages, page, case, fresh) if fresh.strangeness != HABITUAL else None
        change = self._respelt(event, page) if isinstance(event, (Submission, Login)) else None
        detectors = self._wake[case]
        if page.standing and (easing := self._ease[case]):
            detectors += tuple(pair for pair in easing if pair[0] in page.standing)
        if detectors and event.at >= page.cleared:
            whole = merge(page, pages.others) if pages.others else page
            ledger = cast("Shown", View(whole, place, pages.site, Instant(now), fresh))
            moved = False
            for name, detector in detectors:
                answer = detector.inspect(seen, ledger)
                if answer is not None and (page.standing or answer is not WITHDRAWN):
                    moved = _stand(page, name, answer) or moved
            if isinstance(event, Submission) and (page.standing or page.out or page.level):
                docket.count_out(page, event.recipients or 0)
            if moved or page.level:
                change = docket.enter(page, self.policy.verdict(page, event.account, Instant(now))) or change
        if place is not None and page.level >= Level.HOLD:
            findings += self._expose(seen, pages, page, place, fresh)
        return change

    def _place(self, seen: Observation, pages: Pages, page: Page, case: str, fresh: Fresh) -> Page | None:
        name, newcomer = place_of(seen), fresh.strangeness != STRANGE
        if newcomer and (page.days or pages.opened is None or pages.opened(network_subject(name)) is None):
            return None
        if pages.places is None or not name or len(page.seen.get(key_of(BLOCKS), ())) >= BLOCKS.cap:
            return None
        place = pages.places(network_subject(name))
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
        ledger = cast("Shown", View(page, place, pages.site, Instant(page.clock), fresh))
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
            page.standing[OPERATOR] = _asked(told)
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


def _stand(page: Page, name: str, answer: Answer) -> bool:
    """Let an answer stand on the page; True when what stands changed."""
    before = page.standing.get(name)
    if answer is None:
        return False
    if answer is WITHDRAWN:
        if before is None:
            return False
        del page.standing[name]
        return True
    assert isinstance(answer, Evidence)
    if before is not None:
        cites = (*before.cites[: MAX_CITES - 1], *answer.cites)
        answer = replace(answer, since=before.since, cites=cites)
    page.standing[name] = answer
    return True


def _asked(told: Instruction) -> Evidence:
    """The operator's own block, as evidence."""
    return Evidence(
        detector=OPERATOR,
        family=Family.HISTORY,
        points=0.0,
        since=told.at,
        until=FOREVER,
        says=f"blocked by {told.by}: {told.reason}" if told.reason else f"blocked by {told.by}",
        measured=1.0,
        limit=1.0,
        demands=Level.BLOCK,
        cites=(told.cursor,),
    )


def _outcome(changes: list[Change], findings: list[Finding]) -> Outcome:
    if not changes:
        return Outcome(findings=tuple(findings))
    last = changes[-1]
    orders = tuple(order for change in changes for order in change.orders)
    return Outcome(last.verdict, last.incident, orders, tuple(findings), tuple(changes))
