"""Opens, raises and closes incidents; what follows for the page (contracts 1).

Levels rise by evidence and fall by rule: watch and throttle fall with the evidence that carried them, hold and block
end by a release, or by `hold_ends_after`. All state is on the page.
"""

from msgspec import Struct
from msgspec.structs import replace

from gatepost.core.events import Instruction
from gatepost.core.evidence import Level, Verdict
from gatepost.core.incident import ENSURES, STANDING, TRANSITIONS, Ensure, Incident, Order, State
from gatepost.core.units import DAY, Account, Instant, day_of
from gatepost.judge.policy import OPERATOR
from gatepost.ledger import habit
from gatepost.ledger.measures import NETWORKS, PRINTS, STOLEN, key_of
from gatepost.ledger.page import Page
from gatepost.ledger.proofs import Proofs
from gatepost.ledger.rings import Rings

HOSTILE_FOR = 30 * 86400.0
"""How long what a thief used stays hostile."""

SPARED_FOR = 7 * 86400.0
"""How long what was wrongly blamed raises nothing."""


class Change(Struct, frozen=True):
    """An account's level changed, or its incident did."""

    at: Instant
    account: Account
    level: Level
    verdict: Verdict
    incident: Incident | None = None
    orders: tuple[Order, ...] = ()


def standing(page: Page) -> Incident | None:
    """The account's incident, when its measures are in force."""
    incident = page.incident
    return incident if incident is not None and incident.state in STANDING else None


def enter(page: Page, verdict: Verdict) -> Change | None:
    """Make the page's incident what a verdict asks for; None when nothing changed."""
    incident = standing(page)
    orders: tuple[Order, ...] = ()
    if incident is None and verdict.level >= Level.THROTTLE:
        incident = _open(page, verdict)
        orders = orders_of(incident)
    elif incident is not None and verdict.level > incident.peak:
        incident = _raise(incident, verdict)
        orders = orders_of(incident)
    elif incident is not None and _insisted(incident, verdict):
        incident = _insist(incident, verdict)
        orders = orders_of(incident)[:1]
    elif incident is not None and verdict.level < Level.THROTTLE and _may_fade(incident):
        incident, orders = _end(incident, "fade", verdict.at)
    return _settle(page, verdict, incident, orders)


def _settle(page: Page, verdict: Verdict, incident: Incident | None, orders: tuple[Order, ...]) -> Change | None:
    """Write the outcome on the page; a change is a different level, or orders."""
    if incident is not None:
        page.incident = incident
    held = standing(page)
    level = max(verdict.level, held.peak if held is not None and held.peak >= Level.HOLD else Level.CLEAR)
    if held is not None and _teaches_nothing(held, verdict):
        first = held.hostile_since or held.opened
        page.soil(day_of(first), day_of(verdict.at))
    if level == page.level and not orders:
        return None
    page.level = level
    return Change(verdict.at, verdict.account, level, verdict, page.incident if held or orders else None, orders)


def _teaches_nothing(incident: Incident, verdict: Verdict) -> bool:
    """Whether the days of an incident are left out of what is usual.

    A busy day of the owner in his usual places is no attack: a newsletter that is throttled once a week would else be
    a surprise for ever.
    """
    return incident.peak >= Level.HOLD or any(proof.acted and proof.points for proof in verdict.because)


def _open(page: Page, verdict: Verdict) -> Incident:
    page.number += 1
    since = min((proof.since for proof in verdict.because if proof.points), default=verdict.at)
    return Incident(
        account=verdict.account,
        number=page.number,
        state=State.OPEN,
        opened=verdict.at,
        changed=verdict.at,
        verdict=verdict,
        peak=verdict.level,
        hostile_since=since,
        out_before=page.out,
        stopped=verdict.at if verdict.level >= Level.HOLD else Instant(0.0),
    )


def _raise(incident: Incident, verdict: Verdict) -> Incident:
    return replace(
        incident,
        state=TRANSITIONS[incident.state, "rise"],
        changed=verdict.at,
        verdict=verdict,
        peak=verdict.level,
        step=incident.step + 1,
        stopped=incident.stopped or (verdict.at if verdict.level >= Level.HOLD else Instant(0.0)),
    )


def _insisted(incident: Incident, verdict: Verdict) -> bool:
    """Whether the operator asks for a block of what is at block already."""
    said = [proof for proof in verdict.because if proof.detector == OPERATOR]
    return incident.peak == Level.BLOCK and any(proof not in incident.verdict.because for proof in said)


def _insist(incident: Incident, verdict: Verdict) -> Incident:
    """The same incident, with the operator's word beside the evidence that carried it.

    The first orders may never have been carried out: in observe mode, or when the breaker made a hold of a block.
    """
    told = tuple(proof for proof in verdict.because if proof.detector == OPERATOR)
    carried = tuple(proof for proof in incident.verdict.because if proof.detector != OPERATOR)
    return _raise(incident, replace(incident.verdict, at=verdict.at, because=(*carried, *told)))


def _may_fade(incident: Incident) -> bool:
    """Whether an incident ends with its evidence: not from hold on, and not when the operator confirmed it."""
    return incident.peak < Level.HOLD and (incident.state, "fade") in TRANSITIONS


def orders_of(incident: Incident) -> tuple[Order, ...]:
    """What the present level and step of an incident ask for: the measure first, then the letter from hold on."""
    orders = (_order(incident, ENSURES[incident.peak.word], incident.changed),)
    return (*orders, _order(incident, "notified", incident.changed)) if incident.peak >= Level.HOLD else orders


def _order(incident: Incident, ensure: Ensure, at: Instant) -> Order:
    return Order(incident=incident.key, ensure=ensure, account=incident.account, at=at, step=incident.step)


def _end(incident: Incident, how: str, at: Instant) -> tuple[Incident, tuple[Order, ...]]:
    ended = replace(incident, state=TRANSITIONS[incident.state, how], changed=at)
    return ended, (_order(ended, "released", at),)


def count_out(page: Page, recipients: int) -> None:
    """Recipients accepted: before the incident while evidence stands, then before and after hold or block."""
    incident = standing(page)
    if incident is None:
        page.out = page.out + recipients if page.standing.pointed else 0
    elif incident.peak >= Level.HOLD:
        page.incident = replace(incident, out_after=incident.out_after + recipients)
    else:
        page.incident = replace(incident, out_before=incident.out_before + recipients)


def count_own(page: Page, kept: int) -> None:
    """An attempt that gatepost itself refused or kept: counted for the incident, never evidence (contracts 2).

    Args:
        page: the account's.
        kept: recipients that `count_out` took for out before it was known that an access rule froze them.
    """
    incident = standing(page)
    if incident is None:
        page.out = max(0, page.out - kept)
        return
    spent = "out_after" if incident.peak >= Level.HOLD else "out_before"
    out = {spent: max(0, getattr(incident, spent) - kept)} if kept else {}
    page.incident = replace(incident, refused=incident.refused + 1, **out)


def again(page: Page, verdict: Verdict) -> Change | None:
    """Ask for the standing measure once more, as a further step: the account shows a new spelling."""
    incident = standing(page)
    if incident is None:
        return None
    state = TRANSITIONS.get((incident.state, "rise"), incident.state)
    incident = replace(incident, step=incident.step + 1, state=state)
    orders = (_order(incident, ENSURES[incident.peak.word], verdict.at),)
    return _settle(page, verdict, incident, orders)


def contain(page: Page, key: str) -> Incident | None:
    """All orders of this incident are done."""
    incident = page.incident
    if incident is None or incident.key != key or (incident.state, "done") not in TRANSITIONS:
        return None
    page.incident = replace(incident, state=TRANSITIONS[incident.state, "done"])
    return page.incident


def confirm(page: Page, at: Instant) -> Incident | None:
    """The operator says it was a theft."""
    incident = standing(page)
    if incident is None or (incident.state, "confirm") not in TRANSITIONS:
        return None
    page.incident = replace(incident, state=TRANSITIONS[incident.state, "confirm"], changed=at)
    return page.incident


def release(page: Page, told: Instruction, verdict: Verdict) -> Change | None:
    """End the incident and start clean: what was seen since it opened becomes habit, or hostile."""
    incident = standing(page)
    if incident is None:
        return None
    ended, orders = _end(incident, "release", told.at)
    _forget(page, incident, told.at, honest=told.how == "honest", theft=told.how == "password-changed")
    return _settle(page, replace(verdict, level=Level.CLEAR, score=0.0, because=()), ended, orders)


def lapse(page: Page, verdict: Verdict) -> Change | None:
    """`hold_ends_after` has passed: the incident ends by itself, nothing is learnt from it."""
    incident = standing(page)
    if incident is None:
        return None
    ended = replace(incident, state=State.EXPIRED, changed=verdict.at)
    _forget(page, incident, verdict.at, honest=False, theft=False)
    orders = (_order(ended, "released", verdict.at),)
    return _settle(page, replace(verdict, level=Level.CLEAR, score=0.0, because=()), ended, orders)


def _forget(page: Page, incident: Incident, at: Instant, *, honest: bool, theft: bool) -> None:
    """Clear windows and evidence; turn what was first seen in the incident into habit or hostility."""
    first = incident.hostile_since or incident.opened
    page.soil(day_of(first), day_of(at))
    page.cleared = at
    page.rings, page.seen, page.standing, page.out = Rings(), {}, Proofs(), 0
    if theft:
        page.hostile[STOLEN] = at + HOSTILE_FOR
    for measure in (NETWORKS, PRINTS):
        sights = page.known.get(key_of(measure), {})
        for value in [value for value, sight in sights.items() if sight[0] >= first]:
            if honest:
                habit.befriend(sights, value)
                page.spared[value] = at + SPARED_FOR
                page.hostile.pop(value, None)
            elif theft:
                del sights[value]
                if measure is NETWORKS:
                    page.hostile[value] = at + HOSTILE_FOR
    if honest:
        _accept_senders(page, first, at)


def _accept_senders(page: Page, first: float, at: float) -> None:
    """Sender domains first used in a wrongly blamed incident are the account's own; of From lines those of a day
    before, too: one that raises nothing alone is counted when the next one comes."""
    for key, sights in page.known.items():
        if key.startswith("known sender."):
            _befriend(page, sights, first, at)
        elif key.startswith("known letterhead."):
            _befriend(page, sights, first - DAY, at)


def _befriend(page: Page, sights: habit.Sights, first: float, at: float) -> None:
    for value, sight in list(sights.items()):
        if sight[0] >= first:
            habit.befriend(sights, value)
            page.spared[value] = at + SPARED_FOR
