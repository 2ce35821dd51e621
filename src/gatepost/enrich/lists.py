"""Published lists of special networks: Tor exits, relays, VPNs, mail apps' servers, hosters.

Texts in, look-ups out; opening the files is `config/tables.py`'s work. One entry a line, "#" starts a comment: an
address or a network in CIDR notation (what follows a comma is not read, so that Apple's list of egress ranges is such
a text), or the number of an autonomous system, with or without "AS".
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

Span = tuple[int, int]
"""First and last address."""

MAX_ENTRIES = 1_000_000


class Spans(NamedTuple):
    """Disjoint spans of one address family, ascending."""

    first: tuple[int, ...] = ()
    last: tuple[int, ...] = ()

    def holds(self, number: int) -> bool:
        """Whether an address lies in one of them."""
        place = bisect_right(self.first, number) - 1
        return place >= 0 and number <= self.last[place]


class Ranges(NamedTuple):
    """A set of addresses of both families."""

    four: Spans = Spans()
    six: Spans = Spans()

    def __contains__(self, address: object) -> bool:
        if isinstance(address, IPv4Address):
            return self.four.holds(int(address))
        return isinstance(address, IPv6Address) and self.six.holds(int(address))


class Lists(NamedTuple):
    """What is known of special networks; empty lists are no knowledge."""

    tor: Ranges = Ranges()
    relay: Ranges = Ranges()
    vpn: Ranges = Ranges()
    apps: tuple[tuple[str, Ranges], ...] = ()
    """Per mail app, where its maker's servers fetch and send for their users."""
    systems: Mapping[int, str] = {}
    """AS number to "hosting", "mobile", "relay", "vpn", or "many": many users behind it, whatever it also rents out."""


FILES = ("tor.txt", "relay.txt", "vpn.txt", "apps.txt", "hosting.txt", "mobile.txt", "systems.txt")
"""Their texts. `systems.txt` is ours, and wins over the two lists before it."""


def lists(texts: Mapping[str, str]) -> Lists:
    """All lists, from the texts of `FILES`; what is not there is empty.

    Raises:
        ValueError: a line is no entry; the message names file and line.
    """
    ranges = {name: read_ranges(texts.get(name, ""), name) for name in FILES[:3]}
    systems: dict[int, str] = {}
    for name, word in (("hosting.txt", "hosting"), ("mobile.txt", "mobile"), ("systems.txt", "")):
        systems |= read_systems(texts.get(name, ""), name, word)
    return Lists(
        ranges["tor.txt"], ranges["relay.txt"], ranges["vpn.txt"], read_apps(texts.get("apps.txt", "")), systems
    )


def read_ranges(text: str, name: str) -> Ranges:
    """Networks, one a line.

    Raises:
        ValueError: a line is none.
    """
    return _ranges(_span(entry, name, number) for number, entry in _entries(text))


def read_apps(text: str) -> tuple[tuple[str, Ranges], ...]:
    """Networks, each followed by the app's name.

    Raises:
        ValueError: a line is none.
    """
    found: dict[str, list[tuple[bool, Span]]] = {}
    for number, entry in _entries(text):
        network, _, app = entry.partition(" ")
        if not app:
            raise _wrong("apps.txt", number, entry)
        found.setdefault(app.strip(), []).append(_span(network, "apps.txt", number))
    return tuple((app, _ranges(spans)) for app, spans in found.items())


def read_systems(text: str, name: str, word: str = "") -> dict[int, str]:
    """AS numbers, each with a word, or all with the same.

    Raises:
        ValueError: a line is none.
    """
    found: dict[int, str] = {}
    for number, entry in _entries(text):
        asn, _, said = entry.partition(" ")
        digits = asn.upper().removeprefix("AS")
        meaning = word or said.strip()
        if not (digits.isascii() and digits.isdigit()) or not meaning or int(digits) >= 1 << 32:
            raise _wrong(name, number, entry)
        found[int(digits)] = meaning
    return found


def _entries(text: str) -> Iterator[tuple[int, str]]:
    """Line numbers and what stands there, comments and empty lines left out."""
    for number, line in enumerate(text.splitlines(), 1):
        if number > MAX_ENTRIES:
            msg = f"more than {MAX_ENTRIES} lines"
            raise ValueError(msg)
        entry = line.partition("#")[0].partition(",")[0].strip()
        if entry:
            yield number, entry


def _span(entry: str, name: str, number: int) -> tuple[bool, Span]:
    """Whether it is IPv6, and first and last address."""
    base, slash, bits = entry.partition("/")
    try:
        six = ":" in base
        first, wide = (int(IPv6Address(base)), 128) if six else (int(IPv4Address(base)), 32)
        host = wide - int(bits) if slash else 0
        if not 0 <= host <= wide:
            raise ValueError(bits)
    except ValueError as error:
        raise _wrong(name, number, entry) from error
    return six, (first >> host << host, first | (1 << host) - 1)


def _wrong(name: str, number: int, entry: str) -> ValueError:
    return ValueError(f"{name}:{number}: {entry[:60]!r} is no entry")


def _ranges(spans: Iterable[tuple[bool, Span]]) -> Ranges:
    sides: tuple[list[Span], list[Span]] = ([], [])
    for six, span in spans:
        sides[six].append(span)
    return Ranges(*(_disjoint(side) for side in sides))


def _disjoint(spans: list[Span]) -> Spans:
    """Ascending; what overlaps or touches is one."""
    merged: list[Span] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return Spans(tuple(first for first, _ in merged), tuple(last for _, last in merged))
