"""What gatepost decided about an account, as the audit trail has it."""

from gatepost.core.incident import STANDING
from gatepost.core.units import Instant
from gatepost.judge.docket import Change
from gatepost.judge.score import counted
from gatepost.store.audit import US, Entry

FACTS = 3
"""Of the evidence, the strongest."""


def decided(change: Change, at: Instant, *, enforcing: bool) -> Entry:
    """A row about a change that gives orders.

    Args:
        change: with its incident.
        at: the time of day.
        enforcing: whether the orders are carried out.
    """
    incident = change.incident
    assert incident is not None
    facts = [proof.says for proof in counted(change.verdict.because)[:FACTS]]
    what = incident.peak.word if incident.state in STANDING else incident.state.value
    result = f"score {change.verdict.score:g}" if enforcing else f"score {change.verdict.score:g}, only noted"
    return Entry(
        at=at, who=US, what=what, account=change.account, incident=incident.key, why="; ".join(facts), result=result
    )
