"""The vocabulary: observation to value or nothing.

Owns the fixed names of contracts 3 and what each means. An observation has exactly one *case*; a signal
says which cases it reads and how. Amounts are counted, values are remembered.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from zlib import crc32

from msgspec import Struct

from gatepost.core.events import MAX_ADDRESSES, Delivery, Login, Own, Recipient, Submission
from gatepost.core.facts import BounceClass, NetworkKind, Observation
from gatepost.core.units import HIDDEN
from gatepost.ledger.receivers import house

Amount = Callable[[Observation], int]
Values = Callable[[Observation], tuple[str, ...]]

FAILED = tuple(f"failed.{cause.value}" for cause in BounceClass)
ACCESS = ("login.ok", "submission", "recipient")
REFUSED = ("refused", "refused.invalid")
"""Refused by our own MTA: "refused.invalid" because the recipient does not exist."""
RESOLVED = ("delivered", REFUSED[1], *FAILED)
OUTCOMES = ("delivered", "deferred", "complained", *REFUSED, *FAILED)
DEAD = ("failed.invalid_recipient", "failed.invalid_domain")
"""The recipient does not exist: no receiver saw the mail."""
UNWANTED = ("failed.spam_content", "failed.reputation_blocklist", "failed.policy_auth")
SUSPECT = (*DEAD, *UNWANTED)
CASES = ("login.ok", "login.failed", "submission", "more", "recipient", "own", "other", *OUTCOMES)


NOWHERE: frozenset[NetworkKind] = frozenset(("own", "local", "app", "relay", "tor"))
"""Kinds of network behind which anybody may be: they are no place that accounts share."""

MOST = 1 << 20
"""The largest amount of one event; a log may name any number."""


class Signal(Struct, frozen=True):
    """One word of the vocabulary."""

    name: str
    means: str
    """One sentence, shown in the docs."""
    cases: tuple[str, ...]
    amount: Amount | None = None
    values: Values | None = None
    fresh: str = ""
    """The signal whose first-seen values are the amount: the recorder counts them, `amount` is what is counted where
    an event names no values."""
    spare: int = 0
    """Of those, so many of a message are left out."""


def case_of(seen: Observation) -> str:
    """Which case an observation is."""
    event = seen.event
    if type(event) is Submission:
        return "more" if event.more else "submission"
    if type(event) is Delivery:
        if seen.spared:
            return "other"
        if event.result == "bounced":
            return _FAILED_AS[seen.bounce]
        dead = event.result == "refused" and seen.bounce is BounceClass.INVALID_RECIPIENT
        return "refused.invalid" if dead else event.result
    if isinstance(event, Login):
        return "login.ok" if event.ok else "login.failed"
    if isinstance(event, Recipient):
        return "recipient"
    return "own" if isinstance(event, Own) else "other"


_FAILED_AS: dict[BounceClass | None, str] = {cause: f"failed.{cause.value}" for cause in BounceClass}
_FAILED_AS[None] = "failed.unknown"


def _one(seen: Observation) -> int:
    return 1


def _recipients(seen: Observation) -> int:
    event = seen.event
    number = (event.recipients or 0) if type(event) is Submission else 0
    return number if number < MOST else MOST


def _outcomes(seen: Observation) -> int:
    return min(seen.event.count, MOST) if isinstance(seen.event, Delivery) else 0


def _null_sender(seen: Observation) -> int:
    return int(isinstance(seen.event, Submission) and not seen.event.envelope_sender)


def _foreign(seen: Observation) -> int:
    return int(seen.sender is not None and not seen.sender.permitted)


def _letterhead_domain(seen: Observation) -> tuple[str, ...]:
    """Of a From line that is not the account's; where the envelope sender is not either, that says it already."""
    author, sender = seen.author, seen.sender
    if author is None or author.permitted or (sender is not None and not sender.permitted):
        return ()
    return (author.domain,)


def _letterhead_message(seen: Observation) -> tuple[str, ...]:
    event = seen.event
    queue_id = event.queue_id[:64] if isinstance(event, Submission) else ""
    return tuple(f"{domain} {queue_id}" for domain in _letterhead_domain(seen))


def _network(seen: Observation) -> tuple[str, ...]:
    return () if seen.origin is None else (seen.origin.network,)


def _block(seen: Observation) -> tuple[str, ...]:
    return () if seen.origin is None else (_inside(seen.origin.network, seen.origin.block),)


@lru_cache(maxsize=65536)
def _inside(network: str, block: str) -> str:
    """The network, and what tells its block from others in it: "net:10.1.0.0/16 2.0" for 10.1.2.0/24.

    One string for equal values, whatever page it is on.
    """
    inner, shared = block.partition("/")[0], 0
    for one, other in zip(inner, network.removeprefix("net:"), strict=False):
        if one != other:
            break
        shared += 1
    begun = inner[: min(shared, len(inner) - 1)]
    return f"{network} {inner[max(begun.rfind('.'), begun.rfind(':')) + 1 :]}"


def _country(seen: Observation) -> tuple[str, ...]:
    return () if seen.origin is None or not seen.origin.country else (seen.origin.country,)


def _print(seen: Observation) -> tuple[str, ...]:
    return (seen.print,) if seen.print else ()


def _sender_domain(seen: Observation) -> tuple[str, ...]:
    return () if seen.sender is None or not seen.sender.domain else (seen.sender.domain,)


def _foreign_domain(seen: Observation) -> tuple[str, ...]:
    return _sender_domain(seen) if seen.sender is not None and not seen.sender.permitted else ()


def _foreign_sender(seen: Observation) -> tuple[str, ...]:
    event = seen.event
    if seen.sender is None or seen.sender.permitted or not isinstance(event, Submission):
        return ()
    return (event.envelope_sender[:254].lower(),)


def _addresses(seen: Observation) -> tuple[str, ...]:
    return seen.event.addresses if isinstance(seen.event, Submission) else ()


def _recipient_domains(seen: Observation) -> tuple[str, ...]:
    return tuple(dict.fromkeys([address.rpartition("@")[2] for address in _addresses(seen)]))


def strangers(seen: Observation, fresh: int) -> int:
    """Recipients never written to: those seen first, unnamed ones in proportion; all of them where none is named."""
    named, number = len(_addresses(seen)), _recipients(seen)
    if not named:
        return number
    return fresh if named < MAX_ADDRESSES else fresh * max(number, named) // named


def _account(seen: Observation) -> tuple[str, ...]:
    return (seen.event.account,) if seen.event.account else ()


def _program_account(seen: Observation) -> tuple[str, ...]:
    return (f"{seen.print} {seen.event.account}",) if seen.print and seen.event.account else ()


def _voice(seen: Observation) -> tuple[str, ...]:
    """Who refuses: "s" for spam or "b", four digits of the receiver's hash, and three that tell refusals apart."""
    event = seen.event
    if not isinstance(event, Delivery):
        return ()
    who, what = seen.receiver or house(event.receiver, event.address), f"{event.queue_id} {event.address}"
    kind = "s" if seen.bounce is BounceClass.SPAM_CONTENT else "b"
    return (f"{kind}{crc32(who.encode()) & 0xFFFF:04x}{crc32(what.encode()) & 0xFFF:03x}",)


def heard(voice: str) -> tuple[bool, str]:
    """Of what `_voice` wrote: whether it was refused as spam, and the receiver's hash."""
    return voice.startswith("s"), voice[1:5]


def place_of(seen: Observation) -> str:
    """The place of a client: network and finer block; "" when it is not known, or no place a client can choose."""
    origin = seen.origin
    if origin is None or origin.kind in NOWHERE or origin.network == HIDDEN:
        return ""
    return _inside(origin.network, origin.block)


def _amounts() -> tuple[Signal, ...]:
    """The counted signals."""
    failed = tuple(
        Signal(f"delivery.failed.{cause.value}", f"recipients that failed, cause {cause.value}", (case,), _outcomes)
        for cause, case in zip(BounceClass, FAILED, strict=True)
    )
    return (
        Signal("login.ok", "logins that succeeded", ("login.ok",), _one),
        Signal("login.failed", "logins of this account that failed", ("login.failed",), _one),
        Signal("message.accepted", "messages accepted from the account", ("submission",), _one),
        Signal("message.null_sender", "messages with the null sender <>", ("submission",), _null_sender),
        Signal("message.foreign", "messages whose sender the account may not use", ("submission",), _foreign),
        Signal("recipient.accepted", "original recipients of accepted messages", ("submission", "more"), _recipients),
        Signal(
            "recipient.stranger",
            "recipients the account never wrote to; all of a message whose recipients the log does not name",
            ("submission", "more"),
            _recipients,
            fresh="recipient.address",
        ),
        Signal(
            "recipient.further_stranger",
            "those of them beyond one a message",
            ("submission", "more"),
            _recipients,
            fresh="recipient.address",
            spare=1,
        ),
        Signal("recipient.attempted", "RCPT commands seen at a door", ("recipient",), _one),
        Signal("recipient.refused_here", "recipients our own MTA refused", REFUSED, _outcomes),
        Signal("recipient.invalid_here", "recipients our own MTA refused as not existing", REFUSED[1:], _outcomes),
        Signal("delivery.delivered", "recipients delivered", ("delivered",), _outcomes),
        Signal("delivery.deferred", "recipients deferred, first time each", ("deferred",), _outcomes),
        Signal("delivery.complained", "recipients who complained, by feedback you got", ("complained",), _outcomes),
        Signal(
            "delivery.suspect",
            "recipients that do not exist or refused as spam, by blocklist or policy",
            SUSPECT,
            _outcomes,
        ),
        Signal("delivery.unwanted", "recipients that refused as spam, by blocklist or policy", UNWANTED, _outcomes),
        Signal("delivery.resolved", "recipients delivered, failed, or refused as not existing", RESOLVED, _outcomes),
        *failed,
    )


def _remembered() -> tuple[Signal, ...]:
    """The signals with values."""
    return (
        Signal("network", "the client's network, what counts as one access", ACCESS, values=_network),
        Signal("block", "network and finer block of the client", ACCESS, values=_block),
        Signal("country", "the client's country", ACCESS, values=_country),
        Signal("print", "class of greeting, TLS and mechanism", ACCESS, values=_print),
        Signal("account", "the account, on a network's page", ACCESS, values=_account),
        Signal("program.account", "print and account, on a place's page", ACCESS, values=_program_account),
        Signal(
            "program.account.failed",
            "the same of accounts whose recipients do not exist or refused the mail",
            (*SUSPECT, REFUSED[1]),
            values=_program_account,
        ),
        Signal("unwanted.receiver", "receivers that refused so, with a mark of each refusal", UNWANTED, values=_voice),
        Signal("login.failed.network", "networks a login failed from", ("login.failed",), values=_network),
        Signal("sender.domain", "domain of the envelope sender", ("submission",), values=_sender_domain),
        Signal("sender.foreign", "sender addresses the account may not use", ("submission",), values=_foreign_sender),
        Signal("sender.foreign_domain", "their domains", ("submission",), values=_foreign_domain),
        Signal(
            "letterhead.domain",
            "domain of a From line the account may not use, under an envelope sender it may",
            ("submission",),
            values=_letterhead_domain,
        ),
        Signal(
            "letterhead.message",
            "the same with the queue id: one for each message",
            ("submission",),
            values=_letterhead_message,
        ),
        Signal("recipient.address", "recipients written to", ("submission",), values=_addresses),
        Signal("recipient.domain", "domains written to", ("submission",), values=_recipient_domains),
    )


SIGNALS: Mapping[str, Signal] = {signal.name: signal for signal in (*_amounts(), *_remembered())}
"""Every signal by name. Recorded on the account's page unless a measure says `of = "network"`."""
