"""Nobody is charged by what somebody else typed, and no password is kept.

Whatever a stranger types as name or password, the client read from a line is the one that Dovecot wrote, or the line
names nobody.
"""

from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import json
from tests.mta.dovecot.writes import (
    CLIENT,
    FAILED,
    HEADER,
    SECRET,
    VICTIM,
    by_pam,
    endings,
    failed,
    hostile,
    layers,
    passwords,
    session,
    users,
)

from gatepost.mta.base import Record
from gatepost.mta.dovecot import Dovecot
from gatepost.mta.syslogged import Syslogged


def read(line: str) -> Record:
    """One line, by a reader that has seen nothing."""
    return Syslogged([Dovecot()]).read(line)


@given(users, layers, endings)
@example(f"{VICTIM}>, method=PLAIN, rip=198.51.100.1, lip=192.0.2.1, TLS, session=<x", ", TLS", ", session=<s>")
@example("x>, session=<y", ", TLS", "")
def test_the_end_of_a_session_tells_the_client_that_dovecot_saw(user: str, layer: str, ending: str) -> None:
    """No name makes another client the guesser, or a guess a login."""
    line = session("Disconnected (auth failed, 1 attempts in 2 secs)", user, layer, ending)
    record = read(line)
    if record.why == "tampered":
        assert CLIENT in record.clients, line
        return
    assert (record.kind, record.ok, record.client) == ("login", False, CLIENT), line
    assert (record.account or "") == user[:80] or not ending, line


@given(users, layers)
def test_a_login_is_the_accounts_that_dovecot_named_or_tampered_with(user: str, layer: str) -> None:
    """An account with a name of any shape is charged as itself, from its own client, or nobody is."""
    line = session("Login", user, layer)
    record = read(line)
    if record.why == "tampered":
        assert user[:80] in record.candidates and CLIENT in record.clients, line
        return
    assert (record.kind, record.ok, record.client, record.account or "") == ("login", True, CLIENT, user[:80]), line


@given(users, st.sampled_from(FAILED), st.none() | passwords, st.booleans(), st.booleans())
@example("ann", FAILED[0], f"x,198.51.100.1): {FAILED[0]} (given password: {SECRET}", False, False)
@example(f"{VICTIM},198.51.100.1): {FAILED[0]} (given password: ", FAILED[1], SECRET, False, True)
@example("1): sql(v,198.51.100.1): unknown user (given password: ", FAILED[1], SECRET, True, True)
def test_the_auth_process_names_the_client_that_dovecot_saw(
    user: str, words: str, password: str | None, recent: bool, named: bool
) -> None:
    """Name and password stand on either side of the client and move it nowhere; of the password no letter is kept."""
    line = failed(user, words, password, recent, named)
    record = read(line)
    assert SECRET.encode() not in json.encode(record), line
    if password is not None:
        assert record.kind != "unread", line
    if record.kind == "unread":
        assert CLIENT in record.clients, line
        return
    assert (record.kind, record.ok) in {("login", False), ("ignored", None)}, line
    assert record.client in {CLIENT, ""} and (record.account or "") in {user[:64], ""}, line


@given(hostile)
def test_an_ordinary_name_with_any_password_is_read(password: str) -> None:
    """Without a second client in the password, a failed login is the name's that was typed."""
    record = read(failed("ann@example.org", FAILED[1], SECRET + password.replace("): ", ""), False, True))
    assert (record.kind, record.account, record.client) == ("login", "ann@example.org", CLIENT)


@given(users)
@example("v rhost=198.51.100.1  user=x")
def test_pam_names_the_client_that_it_was_told(user: str) -> None:
    """A name cannot add another client to PAM's line; one that announces a password may leave it without any."""
    line = by_pam(user)
    record = read(line)
    nobody = "given password" in line.lower() and not record.client and record.account is None
    assert record.client == CLIENT or CLIENT in record.clients or nobody, line


@given(st.text(max_size=300) | hostile)
def test_nothing_that_may_hold_a_password_is_unread(text: str) -> None:
    """Whatever surrounds it, a line of the auth process that announces a password is never kept as a sample."""
    for line in (f"auth: {text} (given password: {SECRET}", f"auth: x({text},{CLIENT}): y (given password: {SECRET})"):
        record = read(HEADER + line)
        assert record.kind != "unread" and SECRET.encode() not in json.encode(record)
