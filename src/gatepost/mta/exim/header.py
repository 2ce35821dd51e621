"""Exim's own memory of a queued message: what stands in its header file, ID-H, before the message's headers.

Where a log line can be read in two ways, this file cannot: a client's words stand in it on lines of their own, or
behind their length. What is not in Exim's form, or says a thing twice, is no answer; an old Exim let a client break the
line of `-auth_sender` (CVE-2020-28021), which stands behind `-auth_id`.
Source: Exim specification, chapter "Format of spool files"; src/src/spool_out.c (spool_write_header, spool_var_write).
"""

import re
from ipaddress import ip_address

from gatepost.core.units import Instant
from gatepost.mta.decision import Decision

MAX_VALUE = 1000
"""Characters of one value that are kept."""

_OPTION = re.compile(r"--?(?:\([a-z0-9_]{1,32}\))?([a-z_0-9]{1,40})(?: (.*))?", re.DOTALL)
_VARIABLE = re.compile(r"--?(?:\([a-z0-9_]{1,32}\))?acl[cm]? [A-Za-z0-9_]{1,64} ([0-9]{1,9})")
_ONCE = frozenset({"auth_id", "auth_sender", "host_address", "host_auth", "received_protocol", "helo_name"})
_NODE = re.compile(r"[YN]{2} ")
_TIMES = re.compile(r"([0-9]{1,11}) [0-9]{1,9}")
"""When it was taken in, and how many warnings about delay were sent."""


def read_header(text: str, queue_id: str) -> Decision | None:
    """Read the part of a header file that stands before the message's headers.

    Args:
        text: the file, or its beginning.
        queue_id: whose it has to be.
    """
    first, _, rest = text.partition("\n")
    _user, _, rest = rest.partition("\n")
    sender, _, rest = rest.partition("\n")
    times, newline, rest = rest.partition("\n")
    if first != f"{queue_id}-H" or not newline or not (sender.startswith("<") and sender.endswith(">")):
        return None
    options = _options(rest)
    number = _recipients(rest, options[1]) if options is not None else None
    taken = _TIMES.fullmatch(times)
    if options is None or number is None or taken is None:
        return None
    return _decision(queue_id, sender[1:-1], options[0], number, Instant(float(taken[1])))


def _options(text: str) -> tuple[dict[str, str], int] | None:
    """The lines that begin with a dash, and where they end; None when one of ours comes twice or out of order."""
    found: dict[str, str] = {}
    at = 0
    while text.startswith("-", at):
        end = text.find("\n", at)
        if end < 0:
            return None
        line, at = text[at:end], end + 1
        variable = _VARIABLE.fullmatch(line)
        if variable is not None:
            at = _behind(text, at, int(variable[1]))
            if not at:
                return None
            continue
        option = _OPTION.fullmatch(line)
        if option is None:
            continue
        name, value = option.groups()
        if name in _ONCE and (name in found or (name == "auth_id" and "auth_sender" in found)):
            return None
        found.setdefault(name, value or "")
    return found, at


def _behind(text: str, at: int, octets: int) -> int:
    """Where the line behind a value of so many octets begins; 0 when its end is not where it has to be."""
    value = text[at : at + octets]
    if not value.isascii():
        value = value.encode("utf-8", "surrogateescape")[:octets].decode("utf-8", "surrogateescape")
    end = at + len(value)
    return end + 1 if text.startswith("\n", end) else 0


def _recipients(text: str, at: int) -> int | None:
    """The number of recipients, which stands behind the tree of those that are done."""
    lines = text[at:].split("\n")
    nodes = 0 if lines[0] == "XX" else 1
    place = 0 if nodes else 1
    while nodes and place < len(lines):
        if _NODE.match(lines[place]) is None:
            return None
        nodes += lines[place][:2].count("Y") - 1
        place += 1
    number = lines[place] if place < len(lines) - 1 else ""
    return int(number) if number.isdecimal() and len(number) < 8 else None


def _decision(queue_id: str, sender: str, options: dict[str, str], recipients: int, at: Instant) -> Decision | None:
    client = _address(options.get("host_address", ""))
    if client is None or any(len(options.get(name, "")) > MAX_VALUE for name in _ONCE):
        return None
    return Decision(
        queue_id,
        options.get("auth_id", ""),
        client,
        options.get("helo_name", ""),
        options.get("host_auth", ""),
        options.get("received_protocol", ""),
        "tls_cipher" in options,
        sender[:MAX_VALUE],
        recipients,
        "frozen" in options,
        at,
    )


def _address(value: str) -> str | None:
    """The address of `[192.0.2.7]:25` or `192.0.2.7.25`; "" when there is none, None when it is no address."""
    if not value:
        return ""
    text = value[1:].partition("]")[0] if value.startswith("[") else value.rpartition(".")[0]
    try:
        return str(ip_address(text))
    except ValueError:
        return None
