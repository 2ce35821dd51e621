"""Lines shown as they were written: up to the password, and no further."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.mta.addresses import plain
from gatepost.mta.passwords import MARK, hidden

SECRET = "hunter2"
ENCODED = "AGFubgBodW50ZXIy"


@pytest.mark.parametrize(
    "line",
    [
        f"auth: passwd-file(ann,203.0.113.9): Password mismatch (given password: {SECRET}) - trying the next passdb",
        f"auth: sql(ann,203.0.113.9): unknown user (SHA1 of given password: {SECRET})",
        f"auth: Debug: client in: AUTH#0111#011PLAIN#011service=imap#011resp={ENCODED} (previous base64 data)",
        f"auth: Debug: sql(ann,203.0.113.9): PLAIN({SECRET}) != 'x'",
        f"authdaemond: Authenticated: clearpasswd={SECRET}, passwd=$1$x",
        f"authdaemond: authlogin: username=ann, password={SECRET}",
        f'courieresmtpd: error,relay=203.0.113.9,msg="535 Authentication failed.",cmd: AUTH PLAIN {ENCODED}',
        f"C: AUTHENTICATE PLAIN {ENCODED}",
    ],
)
def test_a_line_is_shown_up_to_its_password(line: str) -> None:
    """What stands in front of a password stays, the rest is a mark."""
    shown = hidden(line)
    assert SECRET not in shown and ENCODED not in shown
    assert shown.endswith(MARK) and line.startswith(shown[: -len(MARK)])


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_behind_a_password_is_shown(before: str, behind: str) -> None:
    """A password may hold what looks like its end."""
    assert hidden(f"{before} (given password: {behind}").endswith(MARK)


@pytest.mark.parametrize(
    "line",
    ["imap-login: Login: user=<ann>, method=PLAIN, rip=192.0.2.7", "auth: sql(ann,192.0.2.7): Password mismatch", ""],
)
def test_a_line_without_a_password_is_shown_whole(line: str) -> None:
    """Nothing is hidden without need."""
    assert hidden(line) == line


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::FFFF:192.0.2.7", "192.0.2.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("::ffff:0", "::ffff:0"),
    ],
)
def test_an_address_has_one_spelling(written: str, meant: str) -> None:
    """An IPv4 client of a socket for both is that IPv4 client."""
    assert plain(written) == meant
