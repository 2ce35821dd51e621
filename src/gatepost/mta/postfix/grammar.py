"""The pieces every Postfix line is made of.

Owns queue ids, clients and addresses, and which of them a stranger can fill with anything: a client's name is a host
name and its greeting has lost its spaces and brackets before it is logged, but an address may hold a whole line.
Source: Postfix's src/smtpd/smtpd.c (NEUTER_CHARACTERS), src/global/mail_queue.h, src/smtpd/smtpd_peer.c.
"""

import re

from gatepost.core.events import MAX_REPLY

_BASE51 = "0-9BCDFGHJ-NP-TV-Zb-df-hj-np-tv-y"
QUEUE_ID = rf"[0-9A-F]{{5,25}}|[{_BASE51}z]{{10,13}}z[{_BASE51}]{{1,16}}"
"""Short ids are upper-case hexadecimal, long ones have no vowels: neither can be one of Postfix's own words.
A long one is seconds and microseconds (base 52, with z), a z, and the inode (base 51, without)."""

IDENTIFIED = re.compile(rf"({QUEUE_ID}|NOQUEUE): ")

CLIENT = r"([^ \[\],;]{1,255})\[([0-9A-Fa-f.:]{2,64}(?:%[0-9A-Za-z]{1,16})?|unknown)\](?::(?:[0-9]{1,5}|unknown))?"
"""`name[address]`, with `smtpd_client_port_logging` also `:port`. Two groups: name and address."""

NO_QUEUE = "NOQUEUE"

_STATUS = re.compile(r"(?:[245][0-9]{2}[ -])?([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])")


def address_of(found: str) -> str:
    """A client's address; "" when Postfix did not know it."""
    return found if found != "unknown" else ""


def status_of(reply: str) -> str:
    """The enhanced status code (RFC 3463) at the start of a reply; "" when it has none."""
    found = _STATUS.match(reply)
    return found[1] if found is not None else ""


def bounded(reply: str) -> str:
    """As much of a reply as is kept."""
    return reply[:MAX_REPLY]
