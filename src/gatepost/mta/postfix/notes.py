"""Lines that tell of no account: connections, encryption, statistics, and servers that have nothing to do with one.

Owns the fixed phrase said of each.
Source: Postfix's postconf(5) and the manual pages of its servers, "DIAGNOSTICS".
"""

from gatepost.mta.base import Record

CONNECTION = "a connection that came or went"
TLS = "an encryption message"
PROTOCOL = "a protocol or syntax error in a session"
BEFORE_MAIL = "a refusal before any mail"
WARNED = "a refusal that was only warned of"
ACTION = "an access rule that refused nothing"
UNCHECKED = "a login that could not be checked"
ABORTED = "a login that was not finished"
OUTGOING = "a delivery attempt"
PROBE = "an address probe"
QUEUE = "a note on a queued message"
SETUP = "a configuration or system message"
OTHER = "a line of no interest"

SERVERS: dict[str, str] = {
    "anvil": "connection statistics",
    "dnsblog": "a blocklist look-up",
    "flush": SETUP,
    "master": SETUP,
    "postfix-script": SETUP,
    "postlog": SETUP,
    "postlogd": SETUP,
    "postmap": SETUP,
    "postalias": SETUP,
    "postscreen": "the guard in front of the server",
    "postqueue": SETUP,
    "postdrop": SETUP,
    "proxymap": SETUP,
    "qmqpd": OTHER,
    "scache": "connection statistics",
    "sendmail": SETUP,
    "showq": SETUP,
    "spawn": SETUP,
    "tlsmgr": TLS,
    "tlsproxy": TLS,
    "trivial-rewrite": SETUP,
    "verify": PROBE,
}
"""Servers none of whose lines are of interest, and why."""

_OPENINGS: tuple[tuple[str, str], ...] = (
    ("lost connection after ", CONNECTION),
    ("timeout after ", CONNECTION),
    ("too many errors after ", CONNECTION),
    ("improper command pipelining ", PROTOCOL),
    ("bare <LF> received ", PROTOCOL),
    ("SSL_accept error ", TLS),
    ("SSL_accept:", TLS),
    ("setting up TLS connection ", TLS),
    ("discarding EHLO keywords", PROTOCOL),
    ("warning: hostname ", CONNECTION),
    ("warning: non-SMTP command ", PROTOCOL),
    ("warning: Illegal address syntax ", PROTOCOL),
    ("warning: TLS library problem", TLS),
    ("warning: ", SETUP),
    ("error: ", SETUP),
    ("fatal: ", SETUP),
    ("panic: ", SETUP),
)


def note(text: str, otherwise: str = OTHER) -> Record:
    """A line of no interest, with the reason why."""
    for opening, why in _OPENINGS:
        if text.startswith(opening):
            return Record(kind="ignored", why=why)
    return Record(kind="ignored", why=otherwise)
