"""Receivers that refuse everybody: their refusals are our trouble, not a customer's.

Owns how that is told from many thieves at once: by *witnesses*, accounts against which nothing stands and whose mail
came through their usual network and program. A thief's mail is never one, so no number of stolen accounts excuses
another. One blocklist refusal of three witnesses within an hour is about our server. Other causes have a usual number
of witnesses an hour at each receiver, learnt slowly; five more than four times that are trouble. Also owns who a
receiver is.
"""

from msgspec import Struct

from gatepost.core.facts import BounceClass

HOUR = 3600.0
"""Seconds in which witnesses are counted."""

LISTED = 3
"""Witnesses that make a blocklist refusal ours, whatever is usual."""

LEAST = 5
"""Witnesses that make another refusal trouble where nothing is usual."""

TIMES = 4
"""How many times the usual number more."""

SLOW = 1 / 48
"""How much of what is usual one hour makes: an increase that stays is usual after half a day to a day."""

LASTS = {True: 6 * HOUR, False: HOUR}
"""Seconds that trouble lasts after the last sign of it: a listing is there at night too, when nobody writes."""

MOST_RECEIVERS = 2000
MOST_WITNESSES = 512

PASSED = 50
"""Refusals of the whole server that are remembered with the host that passed them on."""

MOSTLY = 40
"""Of those one host's that make it a smarthost, when they are of many domains."""

DOMAINS = 10
"""So many."""

ABOUT = frozenset(
    {
        BounceClass.REPUTATION_BLOCKLIST,
        BounceClass.SPAM_CONTENT,
        BounceClass.POLICY_AUTH,
        BounceClass.INVALID_RECIPIENT,
    }
)
"""Causes that detectors count and that a receiver in trouble gives to everybody."""


class Trouble(Struct):
    """One cause at one receiver."""

    witnesses: dict[int, float] = {}
    """Keyed hashes of accounts to their last refusal, within the hour."""
    hour: int = 0
    """The hour of event time that is being counted."""
    most: int = 0
    """Witnesses in it."""
    usual: float = 0.0
    """Witnesses in an ordinary hour."""
    until: float = 0.0
    """While it lasts, refusals are charged to nobody."""


class Receivers(Struct):
    """What every receiver refuses, one memory for the whole server."""

    known: dict[str, Trouble] = {}
    """By receiver and cause, the one that refused last at the end."""
    passed: list[str] = []
    """The last refusals: the host's house, and the recipient's domain."""
    dirty: bool = False
    """Changed since it was saved."""

    def named(self, host: str, address: str) -> str:
        """Who refuses: the house of the receiving host; where that is our smarthost, the recipient's domain.

        A smarthost passes on nearly everything, for receivers of many domains.
        """
        who, domain = house(host, address), address.rpartition("@")[2].lower()[:253]
        self.passed = [*self.passed[1 - PASSED :], f"{who} {domain}"]
        self.dirty = True
        if not domain or who == domain:
            return who
        its = [one for one in self.passed if one.startswith(f"{who} ")]
        return domain if len(its) >= MOSTLY and len(set(its)) >= DOMAINS else who

    def troubled(self, receiver: str, cause: BounceClass, at: float) -> bool:
        """Whether refusals of this cause are charged to nobody at an instant."""
        found = self.known.get(_key(receiver, cause))
        return found is not None and at < found.until

    def accounts(self, receiver: str, cause: BounceClass) -> int:
        """Witnesses within the last hour."""
        found = self.known.get(_key(receiver, cause))
        return len(found.witnesses) if found is not None else 0

    def witness(self, receiver: str, cause: BounceClass, account: int, at: float) -> bool:
        """One refusal of an honest account; True when trouble begins with it.

        Args:
            receiver: as `house` names it.
            cause: one of ABOUT.
            account: its keyed hash.
            at: event time.
        """
        self.dirty = True
        key, listed = _key(receiver, cause), cause is BounceClass.REPUTATION_BLOCKLIST
        found = self.known.pop(key, None) or Trouble()
        if len(self.known) >= MOST_RECEIVERS:
            del self.known[next(iter(self.known))]
        self.known[key] = found
        _count(found, account, at)
        lasting = at < found.until
        if found.most >= (LISTED if listed else LEAST + TIMES * found.usual) or (listed and lasting):
            found.until = max(found.until, at + LASTS[listed])
        return not lasting and at < found.until


def _count(found: Trouble, account: int, at: float) -> None:
    """The witnesses of the hour before, and what is usual."""
    hour = int(at // HOUR)
    if hour > found.hour:
        found.usual += (found.most - found.usual) * SLOW
        found.usual *= (1 - SLOW) ** min(hour - found.hour - 1, 10_000)
        found.hour, found.most = hour, 0
    found.witnesses.pop(account, None)
    if len(found.witnesses) >= MOST_WITNESSES:
        del found.witnesses[next(iter(found.witnesses))]
    found.witnesses[account] = at
    found.witnesses = {one: last for one, last in found.witnesses.items() if last > at - HOUR}
    found.most = max(found.most, len(found.witnesses))


def _key(receiver: str, cause: BounceClass) -> str:
    return f"{receiver} {cause.value}"


def house(host: str, address: str) -> str:
    """Who runs a receiving host: the domain it is in.

    Args:
        host: its name, "" if the log has none; without its first label it is common to a provider's hosts.
        address: the recipient, whose domain stands for it then.
    """
    labels = (host or address.rpartition("@")[2]).lower().rstrip(".").split(".")
    return ".".join(labels[1:] if host and len(labels) > 2 else labels)[:253]
