"""Cyrus: whatever a stranger types, the client is the one that Cyrus wrote, or the line is tampered with."""

from hypothesis import given
from hypothesis import strategies as st

from gatepost.mta.base import Record
from gatepost.mta.cyrus import Cyrus

CLIENT = "203.0.113.9"
PIECES = (
    " SASL(-13): authentication failure: checkpass failed", "victim@example.org", " invalid user", "plaintext ",
    " [198.51.100.1] ", ") [", "login: ", "badlogin: x [198.51.100.1] plaintext ", " User logged in", "(", " ", "a",
)  # fmt: skip
hostile = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=7).map("".join)


def read(text: str, program: str = "cyrus/imaps") -> Record:
    """What one message says."""
    return Cyrus().message(program, "1", text)


@given(hostile, st.sampled_from([" SASL(-13): authentication failure: checkpass failed", " invalid user"]))
def test_a_failed_login_is_the_clients_that_cyrus_named(user: str, words: str) -> None:
    """A name with anything in it stands behind the client, and is read whole or suspected."""
    record = read(f"badlogin: h.example.net [{CLIENT}] plaintext {user}{words}")
    assert record.client == CLIENT
    if record.why == "tampered":
        assert user in record.candidates
        return
    assert (record.kind, record.ok, record.account or "") == ("login", False, user)


@given(hostile)
def test_a_failed_login_with_a_mechanism_is_the_clients_that_cyrus_named(user: str) -> None:
    """The same behind a mechanism, where the name stands in brackets."""
    record = read(f"badlogin: h.example.net [{CLIENT}] PLAIN ({user}) [SASL(-13): authentication failure: no]")
    assert record.client == CLIENT
    assert user in record.candidates or (record.kind, record.ok, record.account or "") == ("login", False, user)


@given(st.text(max_size=40))
def test_what_an_anonymous_login_gave_as_password_is_not_kept(given_password: str) -> None:
    """Of an anonymous login nothing is kept but where it came from."""
    record = read(f"login: h.example.net [{CLIENT}] anonymous {given_password}")
    assert record == Record(kind="ignored", why="an anonymous login", client=CLIENT, protocol="imap")
