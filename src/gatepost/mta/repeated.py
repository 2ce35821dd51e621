"""How a syslog server says that a message came several times.

Owns the words, and how often an event then counts. Only the server that writes the header can write them at the
beginning of a message: no mail server begins one with what a client sent.
Source: rsyslog, $RepeatedMsgReduction ("message repeated 3 times: [ … ]"); syslogd(8) of FreeBSD and sysklogd ("last
message repeated 3 times", of no program).
"""

import re

from gatepost.mta.base import Record

MAX_REPEATED = 1000
"""Events one line can stand for; more are no more suspicious."""

BEGINNINGS = ("message repeated ", "last message repeated ", "--- last message repeated ")

_WITHIN = re.compile(r"message repeated ([0-9]{1,6}) times?: \[ ?(.*)\]\Z", re.DOTALL)
_LAST = re.compile(r"(?:--- )?last message repeated ([0-9]{1,6}) times?(?: ---)?\Z")


def within(text: str) -> tuple[int, str] | None:
    """How often a message came, and the message; None when these are not the words."""
    found = _WITHIN.match(text) if text.startswith(BEGINNINGS[0]) else None
    return (int(found[1]), found[2]) if found is not None else None


def again(text: str, at: int = 0) -> int | None:
    """How often the message before came again; None when these are not the words."""
    found = _LAST.match(text, at)
    return int(found[1]) if found is not None else None


def times(record: Record, number: int) -> Record:
    """Let a record's events count so many times, each as often as it did."""
    record.count = max(1, min(record.count * number, MAX_REPEATED))
    return record
