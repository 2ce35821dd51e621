"""One login is told once, whichever lines tell of it, and what is remembered is bounded."""

import pytest

from gatepost.mta.base import Record
from gatepost.mta.dovecot import Dovecot
from gatepost.mta.dovecot.memory import MAX_SESSIONS
from gatepost.mta.dovecot.wording import AGAIN

FIELDS = "user=<ann>, method=PLAIN, rip=203.0.113.9, lip=192.0.2.1, TLS, session=<{}>"
ENDED = f"imap-login: Disconnected (auth failed, {{}} attempts in 2 secs): {FIELDS}"
FAILED = "auth: sql(ann,203.0.113.9,<{}>): Password mismatch"
PAM = "pam_unix(dovecot:auth): authentication failure; logname= uid=0 euid=0 tty=dovecot ruser=ann rhost=203.0.113.9"


def said(reader: Dovecot, text: str, program: str = "dovecot") -> Record:
    """What one message says."""
    return reader.message(program, "1", text)


@pytest.mark.parametrize("told", range(4))
def test_attempts_add_up_whichever_line_tells_them(told: int) -> None:
    """Three attempts are three, of which the auth process tells none, some or all."""
    reader = Dovecot()
    for _ in range(told):
        assert said(reader, FAILED.format("s")).ok is False
    end = said(reader, ENDED.format(3, "s"))
    assert told + (end.count if end.kind == "login" else 0) == 3


def test_sessions_are_not_mixed_up() -> None:
    """What was told of one session says nothing of another."""
    reader = Dovecot()
    said(reader, FAILED.format("one"))
    assert said(reader, ENDED.format(1, "two")).kind == "login"
    assert said(reader, ENDED.format(1, "one")).why == AGAIN
    assert said(reader, ENDED.format(1, "one")).kind == "login"


def test_pam_and_dovecot_tell_of_one_failure_once() -> None:
    """PAM's line, the auth process's and the session's end are one failed login; the next failure counts again."""
    reader = Dovecot()
    assert said(reader, PAM, "auth").ok is False
    assert said(reader, FAILED.format("s")).why == AGAIN
    assert said(reader, ENDED.format(1, "s")).why == AGAIN
    assert said(reader, FAILED.format("t")).ok is False
    assert said(reader, PAM, "auth").ok is False
    assert said(reader, ENDED.format(1, "u")).why == AGAIN


def test_our_own_refusal_is_no_failure_at_the_sessions_end() -> None:
    """A login that our policy answer stopped is ours alone, however often it is tried."""
    reader = Dovecot()
    refused = "auth: policy(ann,203.0.113.9,<s>): Authentication failure due to policy server refusal: [gatepost] no"
    assert [said(reader, refused).kind for _ in range(2)] == ["own", "own"]
    assert said(reader, ENDED.format(2, "s")).why == AGAIN


def test_the_tag_is_the_operators() -> None:
    """Another tag is ours when it is configured, and the default's is then anybody's."""
    reader = Dovecot(tag="[stop]")
    refused = "auth: policy(ann,203.0.113.9): Authentication failure due to policy server refusal: {}"
    assert said(reader, refused.format("[stop] x")).own and not said(reader, refused.format("[gatepost] x")).own


def test_what_is_remembered_is_bounded() -> None:
    """Sessions that begin, fail and never end are forgotten, the oldest first."""
    reader = Dovecot()
    for n in range(MAX_SESSIONS + 100):
        said(reader, FAILED.format(n))
        said(reader, f"submission-login: Login: {FIELDS.format(n)}")
        said(reader, PAM.replace("ruser=ann", f"ruser=a{n}"), "auth")
    memory = reader._memory
    assert len(memory.told) == len(memory.clients) == len(memory.pam) == MAX_SESSIONS
    assert said(reader, ENDED.format(1, 0)).kind == "login"
    assert said(reader, ENDED.format(1, MAX_SESSIONS + 99)).why == AGAIN


def test_a_line_that_is_too_long_is_passed_over() -> None:
    """No line of Dovecot's is that long, and one that is may hold a password: it is never a sample."""
    assert said(Dovecot(), f"auth: sql(ann,203.0.113.9): unknown user (given password: {'x' * 9000})").kind == "ignored"
