"""Seconds, instants, "1h"; account names made equal.

Owns the units every floor speaks in and how they are written for people.
"""

import re
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Literal, NewType

Instant = NewType("Instant", float)
"""Event time: seconds since the Unix epoch, UTC."""

Account = NewType("Account", str)
"""A SASL login, lower-cased, with realm ("ann@example.org"); "local/web12@mx1" for a local
user; "relay/192.0.2.0/24@mx1" for a relay client without AUTH; "" when nobody is known."""

Subject = NewType("Subject", str)
"""Whose page it is: "account:ann@example.org" or "network:as64500"."""

Kind = Literal["login", "local", "relay"]
"""The three spellings of an account (contracts 8)."""

LOCAL, RELAY = "local/", "relay/"
"""How accounts begin that do not log in."""

NOBODY = Account("")
"""The account of an event that is nobody's we know."""

HIDDEN = "hidden"
"""The client address of an event whose log line the client tampered with: nobody can say which of several it had."""

DAY = 86400
"""Seconds in a day of event time (UTC)."""

_UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
_DURATION = re.compile(r"\s*(\d{1,9}(?:\.\d{1,6})?)\s*([a-z]+)\s*")
_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Seconds(float):
    """A duration in seconds; in TOML "90s", "1h", "30d".

    A subclass of float, so that msgspec calls our hook for it.
    """

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> "Seconds":
        """Read "90s", "15m", "1h", "30d", "2w", "3y".

        Raises:
            ValueError: the text is no duration; the message says what one looks like.
        """
        found = _DURATION.fullmatch(text.lower())
        if found is None or found[2] not in _UNITS:
            msg = f'{text!r} is no duration: write a number and a unit, such as "90s", "15m", "1h" or "30d"'
            raise ValueError(msg)
        return cls(float(found[1]) * _UNITS[found[2]])

    def __str__(self) -> str:
        return spoken(self)


def spoken(seconds: float) -> str:
    """A duration for people: 3600 -> "1h", 90 -> "90s", 86400 -> "24h", 172800 -> "2d"."""
    whole = int(seconds)
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if whole and whole % size == 0 and (unit != "d" or whole > 86400):
            return f"{whole // size}{unit}"
    return f"{seconds:g}s"


def iso(at: Instant | float) -> str:
    """An instant as ISO 8601 in UTC with "Z", to the second; out-of-range instants are clipped."""
    try:
        moment = _EPOCH + timedelta(seconds=int(at))
    except OverflowError:
        moment = _EPOCH if at < 0 else datetime.max.replace(tzinfo=UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def clock_time(at: Instant | float) -> str:
    """The hour and minute of an instant, for sentences: "08:41Z"."""
    return f"{iso(at)[11:16]}Z"


def fold_account(login: str, default_domain: str = "") -> Account:
    """Make the spellings of one login equal: ASCII case, surrounding blanks, a bare name's realm.

    Only ASCII letters are folded, as Exim's ${lc:…} does: other scripts know letters that fold into ASCII ones.

    Args:
        login: as the MTA logged it.
        default_domain: appended to a name without "@"; "" leaves it bare.
    """
    name = login.strip()
    name = name.lower() if name.isascii() else name.translate(_LOWER)
    if default_domain and name and "@" not in name:
        name = f"{name}@{default_domain}"
    return Account(name)


def kind_of(account: str) -> Kind:
    """Whether an account is a login, a local user or a relay client."""
    return "local" if account.startswith(LOCAL) else "relay" if account.startswith(RELAY) else "login"


def host_and_port(place: str) -> tuple[str, int]:
    """ "[2001:db8::1]:25" as host and port.

    Raises:
        ValueError: the port is no number.
    """
    host, _, port = place.rpartition(":")
    return host.strip("[]"), int(port)


def is_here(host: str) -> bool:
    """Whether a host name or address means this host: "localhost", or a loopback address (RFC 6761 section 6.3)."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def day_of(at: float) -> int:
    """The number of the event-time day (UTC) that holds an instant."""
    return int(at // DAY)


def account_subject(account: Account) -> Subject:
    """The subject of an account's page."""
    return Subject("account:" + account)


def network_subject(network: str) -> Subject:
    """The subject of a client network's page."""
    return Subject("network:" + network)
