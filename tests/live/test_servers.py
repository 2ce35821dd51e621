"""The real Postfix and Dovecot of these tests work: mail goes out, logins succeed and fail, the log says from where."""

import smtplib

import pytest
from tests.live.client import letter
from tests.live.dovecot import Dovecot, open_mailbox
from tests.live.ports import until
from tests.live.postfix import MailProgram, Postfix, log_in
from tests.live.world import World

pytestmark = pytest.mark.live


@pytest.mark.parametrize("service", ["port", "submission"])
def test_mail_through_postfix_arrives_and_the_log_names_account_and_client(
    postfix: Postfix, sink: World, service: str
) -> None:
    """A message of an authenticated client reaches the sink; the log has login and stated address."""
    with log_in(getattr(postfix, service), "u1@example.test", "198.51.100.9") as program:
        program.sendmail("u1@example.test", [f"{service}@example.net"], letter("u1@example.test", "x@example.net"))
    sink.await_mail(f"{service}@example.net")
    assert "client=unknown[198.51.100.9]" in postfix.log()
    assert "sasl_username=u1@example.test" in postfix.log()


def test_nobody_relays_without_a_login(postfix: Postfix) -> None:
    """Without a login no foreign recipient is accepted."""
    with MailProgram(postfix.port) as program:
        program.mail("x@example.org")
        assert program.rcpt("y@example.net")[0] == 554


def test_a_wrong_password_is_refused_and_logged(postfix: Postfix, dovecot: Dovecot) -> None:
    """Dovecot answers for Postfix, and says no."""
    program = MailProgram(postfix.port)
    with pytest.raises(smtplib.SMTPAuthenticationError):
        program.login("u1@example.test", "wrong")
    program.close()
    until(lambda: "authentication failed" in postfix.log(), "Postfix logs it")
    assert not dovecot.may_log_in("u1@example.test", "smtp", "wrong")
    assert dovecot.may_log_in("u1@example.test", "smtp")


def test_imap_and_submission_of_dovecot_work(dovecot: Dovecot, sink: World) -> None:
    """A login by IMAP is logged with its address; Dovecot's submission service relays to the sink."""
    open_mailbox(dovecot.imap, "u2@example.test", "198.51.100.10").logout()
    until(lambda: "rip=198.51.100.10" in dovecot.log(), "Dovecot logs it")
    with log_in(dovecot.submission, "u3@example.test", "198.51.100.11") as program:
        program.sendmail("u3@example.test", ["proxied@example.net"], letter("u3@example.test", "x@example.net"))
    sink.await_mail("proxied@example.net")
