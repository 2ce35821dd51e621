"""The letter about an incident, as an e-mail message.

Owns what people read: subject, text and headers. Who gets it and how it travels is in notify.py; what foreign values
look like in foreign.py. The texts themselves are those of desktexts.py.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import blake2b

from msgspec import Struct

from gatepost.act.desktexts import Texts, texts
from gatepost.act.foreign import defanged, heading, quoted, shown, word
from gatepost.core.envelope import Envelope
from gatepost.core.evidence import Evidence
from gatepost.core.incident import Incident, Order
from gatepost.core.ports import Row, RowState, Target
from gatepost.core.units import Instant, iso

MAX_LISTED = 200
"""Incidents that a digest lists one by one; the rest is a number."""

MAX_LINE = 500
"""Characters of one line of an alarm."""

MAX_MEASURES = 50
"""Measures that a letter lists."""

_STATES: dict[RowState, str] = {
    "planned": "not begun",
    "running": "begun",
    "failed": "FAILED, it is tried again where that can help",
    "undone": "taken back",
    "would": "not done: observe mode",
}

_DONE = {
    "throttle": "  It slows the account down.",
    "hold": "  It stops the account's mail where the configuration says so for level hold.",
    "block": "  It stops the account's sending. Mail to the account still arrives.",
}


class More(Struct, frozen=True):
    """What a letter says besides the incident."""

    measures: tuple[Row, ...] = ()
    """What was done, each with its result."""
    last: tuple[Envelope, ...] = ()
    """The account's last messages since the hostile evidence began, newest first."""


def notice(
    order: Order,
    target: Target,
    *,
    sender: str,
    to: Sequence[str],
    now: Instant,
    more: More | None = None,
    said: Texts | None = None,
) -> EmailMessage:
    """The letter about one incident.

    Args:
        order: `notified`; its key makes the Message-ID.
        target: the incident as it stands.
        sender: address of the From line.
        to: addresses of the To line.
        now: for the Date line.
        more: what the incident itself does not hold.
        said: in whose words; None is ours.
    """
    incident, more = target.incident, more or More()
    text = (said or texts())["notice"].substitute(
        account=shown(incident.account), account_word=word(incident.account),
        incident=shown(incident.key), incident_word=word(incident.key),
        level=incident.peak.word, score=f"{incident.verdict.score:.0f}",
        since=iso(incident.hostile_since or incident.opened), opened=iso(incident.opened),
        out_before=incident.out_before, out_after=incident.out_after,
        evidence=_evidence(incident), done=_done(order, incident, more.measures),
        messages="\n".join(map(_message_line, more.last)) or "  None is known.",
    )  # fmt: skip
    subject = f"[gatepost] {incident.peak.word}: {shown(incident.account)} (score {incident.verdict.score:.0f})"
    return _message(subject, text, order.key, sender, to, now)


def digest(
    pairs: Sequence[tuple[Order, Target]], *, sender: str, to: Sequence[str], now: Instant, said: Texts | None = None
) -> EmailMessage:
    """One letter about many incidents."""
    lines = [_line(target.incident) for _, target in pairs[:MAX_LISTED]]
    if len(pairs) > MAX_LISTED:
        lines.append(f"  and {len(pairs) - MAX_LISTED} more: gatepost incidents")
    text = (said or texts())["digest"].substitute(number=len(pairs), incidents="\n".join(lines))
    key = "\n".join(order.key for order, _ in pairs)
    return _message(f"[gatepost] {len(pairs)} accounts look stolen", text, key, sender, to, now)


def alarm(
    subject: str, lines: Sequence[str], *, sender: str, to: Sequence[str], now: Instant, said: Texts | None = None
) -> EmailMessage:
    """The letter about what is no incident and needs a human."""
    listed = "\n".join(f"  {shown(line, MAX_LINE)}" for line in lines[:MAX_LISTED])
    text = (said or texts())["alarm"].substitute(subject=shown(subject), lines=listed)
    return _message(f"[gatepost] {shown(subject)}", text, f"alarm/{now:.0f}/{subject}", sender, to, now)


def message_id(key: str, sender: str) -> str:
    """The Message-ID of the letter for an order key: the same for every try, so that a repeat is recognised."""
    name = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return f"<gatepost.{name}@{sender.rpartition('@')[2] or 'localhost'}>"


def _message(subject: str, text: str, key: str, sender: str, to: Sequence[str], now: Instant) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address("gatepost", addr_spec=sender)
    mail["To"] = tuple(Address(addr_spec=address) for address in to)
    mail["Subject"] = heading(subject)
    mail["Date"] = format_datetime(datetime.fromtimestamp(now, UTC))
    mail["Message-ID"] = message_id(key, sender)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(text, cte="quoted-printable")
    return mail


def _evidence(incident: Incident) -> str:
    found = [_piece(proof) for proof in incident.verdict.because]
    return "\n".join(found) or "  An operator said so."


def _piece(proof: Evidence) -> str:
    """One piece of evidence: what it says, its points, what it saw, the lines that prove it."""
    lines = [f"  {proof.detector}: {defanged(proof.says)} ({proof.points:.0f} points, {proof.family.value})"]
    lines.append(f"    since {iso(proof.since)}; measured {proof.measured:g}, usual at most {proof.limit:g}")
    if proof.values:
        lines.append("    saw " + ", ".join(quoted(value, 80) for value in proof.values[:10]))
    if proof.cites:
        lines.append("    lines " + ", ".join(shown(str(cursor), 120) for cursor in proof.cites[:5]))
    return "\n".join(lines)


def _message_line(one: Envelope) -> str:
    """One message: when, where from, in whose name, to how many and where."""
    sender = quoted(one.sender, 80) if one.sender else "<>"
    at = f" at {', '.join(defanged(name, 60) for name in one.domains)}" if one.domains else ""
    told = f"{one.recipients} recipient{'' if one.recipients == 1 else 's'}{at}"
    return f"  {iso(one.at)}  from {shown(one.client, 60)}  as {sender}  to {told}  ({shown(one.queue_id, 40)})"


def _done(order: Order, incident: Incident, measures: Sequence[Row]) -> str:
    """What is special about it, then every measure with its result."""
    told = [f"  {shown(what)}: {shown(how)}" for what, how in order.detail]
    told += [_measure(row) for row in measures[:MAX_MEASURES]]
    return "\n".join(told) or _DONE.get(incident.peak.word, "  It watches the account.")


def _measure(row: Row) -> str:
    """One measure: what it was to ensure, by which action, how it ended."""
    state = _STATES.get(row.state, row.state)
    return f"  {row.order.ensure} by {shown(row.action)}: {state}" + (f" ({shown(row.note)})" if row.note else "")


def _line(incident: Incident) -> str:
    out, score = incident.out_before + incident.out_after, f"{incident.verdict.score:.0f}"
    since = iso(incident.hostile_since or incident.opened)
    return f"  {shown(incident.key)}: {incident.peak.word}, score {score}, since {since}, {out} recipients out"
