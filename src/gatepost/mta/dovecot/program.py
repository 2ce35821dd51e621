"""Dovecot's messages: which process wrote a line, and who reads it.

Owns the names of the processes in front of a message. A line is read by itself, but for what memory.py remembers.
"""

import re

from gatepost.mta.base import Record
from gatepost.mta.dovecot.auth import PAM, read_auth, read_pam
from gatepost.mta.dovecot.memory import Memory
from gatepost.mta.dovecot.relay import read_relayed
from gatepost.mta.dovecot.sessions import read_session
from gatepost.mta.dovecot.wording import LEVEL, MAX_TEXT, OTHER, SERVER, TOO_LONG

_LEVEL = re.compile(LEVEL)
_LOGIN = re.compile(rf"(imap|pop3|managesieve|submission|imap-urlauth|lmtp|sieve)-login(?:\([^()]*\))?: {LEVEL}")
_PROCESS = re.compile(r"[a-z0-9-]{1,32}(?=[:(<])")
_OWNED = re.compile(r"dovecot(?:-auth|/[a-z0-9-]+)?|auth(?:-worker)?|[a-z0-9]+-login")


class Dovecot:
    """Reads what stands behind a syslog header of Dovecot's.

    Args:
        tag: what gatepost's own refusals start with.
    """

    name = "dovecot"
    vague = frozenset({OTHER})

    def __init__(self, tag: str = "[gatepost]") -> None:
        self.tag = tag
        self._memory = Memory()

    def owns(self, program: str) -> bool:
        """Whether a syslog header's program is one of Dovecot's."""
        return _OWNED.fullmatch(program) is not None

    def message(self, program: str, pid: str, text: str) -> Record:
        """Read a message. Never raises, and never leaves a line unread that may hold a password.

        Args:
            program: what the header names: "dovecot", or the process itself where a version logs as such.
            pid: not used: one process writes the lines of all.
            text: the message behind the header.
        """
        if len(text) > MAX_TEXT:
            return Record(kind="ignored", why=TOO_LONG)
        if text.startswith(PAM):
            return read_pam(text, self._memory)
        process = program.rpartition("/")[2]
        if process != self.name and not text.startswith(process):
            text = f"{process.removeprefix('dovecot-')}: {text}"
        return self._read(text[_end(_LEVEL.match(text)) :])

    def _read(self, text: str) -> Record:
        """A message that begins with the process's name."""
        login = _LOGIN.match(text)
        if login is not None:
            return read_session(login[1], text[login.end() :], self._memory)
        found = _PROCESS.match(text)
        process = found[0] if found else ""
        if process in {"auth", "auth-worker"}:
            return read_auth(text, self.tag, self._memory)
        if process == "submission":
            return read_relayed(text, self._memory)
        known = process or text.startswith(("Dovecot v", "IMAP(", "POP3("))
        return Record(kind="ignored", why=SERVER if known else OTHER)


def _end(found: re.Match[str] | None) -> int:
    return found.end() if found else 0
