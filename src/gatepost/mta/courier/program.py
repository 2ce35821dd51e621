"""Courier's messages: which of its programs wrote a line, and who reads it.

Owns the names of the programs. Lines of the authentication daemon are never looked into: with DEBUG_LOGIN it writes
passwords.
"""

import re

from gatepost.mta.base import Record
from gatepost.mta.courier.logins import read_login
from gatepost.mta.courier.mail import Mail, read_smtp

AUTHDAEMON = "the authentication daemon"
SERVER = "Courier's own affairs"
OTHER = "not one of Courier's lines"
TOO_LONG = "longer than any line Courier writes"

MAX_TEXT = 8192
"""Characters looked at: an address is cut at some hundred, a command at 512 octets."""

_LOGINS = re.compile(
    r"(?:imapd|pop3d)(?:-ssl)?|(?:courier)?(?:imap|pop3)login|courier-?(?:imapd|pop3d)(?:-ssl)?|sqwebmaild?"
)
_DAEMON = re.compile(r"authdaemond?(?:\.[a-z]+)?|courier-authdaemon")
_SMTP = re.compile(r"(?:courier)?esmtpd(?:-ssl|-msa)?")
_AGENTS = re.compile(r"courier(?:esmtp|local|fax|uucp|dsn)")
_OTHERS = re.compile(r"courier[a-z]{1,24}")
_LEVEL = re.compile(r"(?:INFO|NOTICE|DEBUG|WARN|ERR): ")


class Courier:
    """Reads what stands behind a syslog header of Courier's.

    Args:
        tag: not used: nothing of ours speaks in these lines.
    """

    name = "courier"
    vague = frozenset({OTHER})

    def __init__(self, tag: str = "[gatepost]") -> None:
        self.tag = tag
        self._mail = Mail()

    def owns(self, program: str) -> bool:
        """Whether a syslog header's program is one of Courier's: "imapd-ssl", "courieresmtpd", "courierd"."""
        return any(names.fullmatch(program) for names in (_LOGINS, _DAEMON, _SMTP, _AGENTS, _OTHERS))

    def message(self, program: str, pid: str, text: str) -> Record:
        """Read a message. Never raises, and never leaves a line unread that may hold a password.

        Args:
            program: what the header names; it tells who wrote the line, the protocol, and whether TLS was used.
            pid: not used.
            text: the message behind the header.
        """
        if _DAEMON.fullmatch(program):
            return Record(kind="ignored", why=AUTHDAEMON)
        if len(text) > MAX_TEXT:
            return Record(kind="ignored", why=TOO_LONG)
        level = _LEVEL.match(text)
        text = text[level.end() :] if level else text
        if program == "courierd":
            return self._mail.queue(text)
        if _SMTP.fullmatch(program):
            return read_smtp(text)
        if _AGENTS.fullmatch(program):
            return self._mail.outcome(text)
        if _LOGINS.fullmatch(program):
            return _of_others(read_login(program, text), text)
        return Record(kind="ignored", why=SERVER)


def _of_others(record: Record, text: str) -> Record:
    """Another IMAP server may go by the same name: its lines do not tell whose log this is."""
    ours = record.kind != "ignored" or text.startswith(
        ("Connection, ", "LOGOUT", "DISCONNECTED", "TIMEOUT", "Disconnected")
    )
    return record if ours else Record(kind="ignored", why=OTHER)
