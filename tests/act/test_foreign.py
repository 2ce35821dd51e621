"""Foreign values in letters."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.act.foreign import MAX_SHOWN, defanged, shown, visible, word


@given(st.text(alphabet=st.characters(codec=None), max_size=600))
def test_what_is_shown_is_short_visible_and_on_one_line(value: str) -> None:
    """Whatever a stranger wrote, what people see is at most 200 characters without any invisible one."""
    for text in (shown(value), visible(value)):
        text.encode()
        assert len(text) <= MAX_SHOWN
        assert not [char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
        assert len(text.splitlines()) <= 1


@given(st.text(max_size=300))
def test_nothing_defanged_can_be_clicked(value: str) -> None:
    """No scheme with slashes and no bare @ survives."""
    text = defanged(value)
    assert "://" not in text
    assert "@" not in text.replace("[@]", "")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("https://evil.example/x", "hxxps[:]//evil[.]example/x"),
        ("ftp://evil.example", "ftp[:]//evil[.]example"),
        ("bob@evil.example", "bob[@]evil[.]example"),
        ("www.evil.example", "www[.]evil[.]example"),
        ("198.51.100.7 in 1.5h", "198.51.100.7 in 1.5h"),
        ("a\u202egpj.exe", "a\\u202egpj[.]exe"),
        ("x\r\nBcc: all", "x\\u000d\\u000aBcc: all"),
        ("\udcff", "\\xff"),
    ],
)
def test_links_addresses_and_hidden_characters(value: str, text: str) -> None:
    """Links, addresses and host names are broken, numbers stay whole, hidden characters are escapes."""
    assert defanged(value) == text


def test_a_terminal_shows_what_was_written() -> None:
    """An operator can copy the address of a postmaster's page; a letter has no link."""
    assert visible("see https://example.org/why") == "see https://example.org/why"
    assert shown("see https://example.org/why") == "see https[:]//example.org/why"


def test_a_name_in_a_command_is_one_word() -> None:
    """A login with blanks and quotes stays one word of the shell."""
    assert word("ann's mail#1") == "'ann'\"'\"'s mail#1'"
