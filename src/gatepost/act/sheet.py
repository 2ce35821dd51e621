"""A list of dead addresses as CSV (RFC 4180), safe to open in a spreadsheet.

A cell that a spreadsheet would take for a formula begins with an apostrophe (contracts 19); what cannot be seen is an
escape.
"""

import csv
import io
from collections.abc import Iterable

from gatepost.act.foreign import visible
from gatepost.core.dead import LONGEST, Dead
from gatepost.core.events import MAX_REPLY
from gatepost.core.units import iso

COLUMNS = ("address", "first", "last", "cause", "status", "reply")

_FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
"""What a formula begins with, also as the wide letters of East Asia."""


def sheet(found: Iterable[Dead]) -> str:
    """The list, a head line first."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    for dead in found:
        words = (dead.address, iso(dead.first), iso(dead.last), dead.cause, dead.status, dead.reply)
        rows.writerow(cell(word) for word in words)
    return text.getvalue()


def cell(text: str) -> str:
    """One cell, harmless; blanks before a formula do not hide it."""
    risky = text.lstrip()[:1] in _FORMULA or not text[:1].isprintable()
    return ("'" if risky else "") + visible(text, max(LONGEST, MAX_REPLY))
