"""Lists of dead addresses for spreadsheets."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.act.sheet import COLUMNS, cell, sheet
from gatepost.core.dead import Dead
from gatepost.core.units import Account, Instant

ANYTHING = st.text(st.characters() | st.sampled_from('=+-@\t\r\n\0",;\u202e\uff1d\ud800'), max_size=400)


def dead(address: str = "bob@example.net", reply: str = "550 5.1.1 no such user") -> Dead:
    """A dead address of ann's."""
    return Dead(Account("ann@example.org"), address, Instant(0), Instant(86400), "invalid_recipient", "5.1.1", reply)


def test_a_sheet_has_a_head_and_a_line_an_address() -> None:
    """As RFC 4180 wants it: carriage returns, quotes around commas."""
    assert sheet([dead(reply="550 no, none")]).split("\r\n") == [
        "address,first,last,cause,status,reply",
        'bob@example.net,1970-01-01T00:00:00Z,1970-01-02T00:00:00Z,invalid_recipient,5.1.1,"550 no, none"',
        "",
    ]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(1)", " =1", "\t=1", "\r=1", "\x01x", "\uff1d1"])
def test_what_would_be_a_formula_is_text(text: str) -> None:
    """An apostrophe goes before it, also where blanks hide the mark."""
    assert cell(text).startswith("'")


@given(ANYTHING, ANYTHING)
def test_whatever_strangers_write_stays_in_its_cell(address: str, reply: str) -> None:
    """One row, six cells, nothing invisible, no formula."""
    rows = list(csv.reader(io.StringIO(sheet([dead(address, reply)]), newline="")))
    assert [len(row) for row in rows] == [len(COLUMNS)] * 2
    assert all((text.isprintable() and text[:1] not in "=+-@") or not text for text in rows[1])
