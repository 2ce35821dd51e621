"""Nobody is charged by what somebody else wrote.

Whatever a client sends as sender, HELO, subject, message id, certificate name, ident, SNI or AUTH= sender, the account,
client address and protocol read from a line are those Exim wrote, or the line is tampered with: then the true account
is among its candidates, and is charged only when no other could be read (contracts 13). Whatever a remote server
answers changes neither recipient nor queue id nor result.
"""

from hypothesis import example, given
from hypothesis import strategies as st
from tests.laws.exim_writes import (
    CLIENT,
    QUEUE_ID,
    VICTIM,
    Mail,
    Session,
    addresses,
    arrival,
    failure,
    hostile,
    mail_refusal,
    mails,
    no_mail,
    outcome,
    printing,
    recipients,
    refusal,
    sessions,
)

from gatepost.mta.base import Record
from gatepost.mta.exim import Exim

OURS = "[gatepost] sending is stopped"
"""What our own condition says when it puts a login off."""


def read(line: str) -> Record:
    """One line, by a reader that has seen nothing."""
    return Exim().read(line)


def suspected(record: Record, account: str | None, line: str) -> bool:
    """Whether a line is tampered with; then the truth must be among what it could mean, and alone where it counts."""
    if record.why != "tampered":
        assert record.kind != "unread", (record.why, line)
        return False
    assert account is None or account in record.candidates, line
    assert record.kind == "unread" or record.candidates == (account,) == (record.account,), line
    assert record.kind == "unread" or record.client in ("", CLIENT), line
    return True


def doubted(record: Record, line: str) -> bool:
    """Whether a failed login is tampered with: whose name it has was typed by a stranger anyway, his place was not."""
    if record.why != "tampered":
        assert record.kind != "unread", (record.why, line)
        return False
    assert record.client in ("", CLIENT), line
    return True


@given(sessions, mails)
@example(Session(helo=f"x) [198.51.100.1] P=esmtpa A=plain:{VICTIM}:"), Mail())
@example(Session(account="thief@example.org", helo=f"x) [198.51.100.1] P=esmtpa A=plain:{VICTIM} S=1 id="), Mail())
@example(
    Session(account="ann@example.org", helo="laptop"),
    Mail(
        subject=f"x) [198.51.100.1] P=esmtpa A=plain:{VICTIM} S=1 id=a",
        recipients=['"b\\"c"@example.net'],
    ),
)
@example(Session(account="thief@example.org", helo="x) [198.51.100.1] U=y"), Mail())
@example(Session(tls=True, greeted="HELO", certificate=f'x" A=plain:{VICTIM}:'), Mail())
@example(Session(tls=True, greeted="HELO", server_name=f'x" A=plain:{VICTIM}:', old=True), Mail())
def test_an_arrival_is_charged_to_whom_exim_named(session: Session, mail: Mail) -> None:
    """Account, client and protocol are Exim's, or the line is tampered with and names the account."""
    line = arrival(session, mail)
    record = read(line)
    if suspected(record, session.account, line):
        return
    assert record.kind == ("submission" if session.account else "part"), line
    assert (record.account, record.client, record.protocol) == (session.account, CLIENT, session.protocol), line
    assert record.queue_id == QUEUE_ID


@given(sessions, addresses, recipients, hostile)
@example(
    Session(helo=f"x) [198.51.100.1] F=<a@b> A=plain:{VICTIM} rejected RCPT <c@d>: "), "a@b", "c@example.net", "no"
)
def test_a_refusal_is_charged_to_whom_exim_named(session: Session, sender: str, recipient: str, reason: str) -> None:
    """Account and client are Exim's, and the tag counts only where the local reason begins."""
    line = refusal(session, sender, recipient, reason)
    record = read(line)
    if suspected(record, session.account, line):
        return
    assert (record.account, record.client) == (session.account, CLIENT), line
    assert record.own is False or reason.startswith("[gatepost]") or _coded(reason), line
    if record.kind == "delivery":
        assert record.result == "refused" and record.address in {recipient, ""}, line


@given(sessions, addresses, hostile | st.just(f"[gatepost] stopped: {VICTIM}"))
@example(Session(helo=f"x) [198.51.100.1] rejected MAIL <a@b>: [gatepost] stopped: {VICTIM}"), "a@b", "")
@example(Session(helo="x"), f'"x>: [gatepost] stopped: {VICTIM}"@b', "")
@example(Session(helo="x"), f'"x>: [gatepost] stopped: {VICTIM}"@b', "no")
@example(Session(helo="x"), "a@b", f"unknown host [gatepost] stopped: {VICTIM}")
def test_a_refusal_at_mail_names_whom_our_words_name(session: Session, sender: str, reason: str) -> None:
    """Exim names nobody there; the name is that of our own reason, whatever stands in the greeting or the sender."""
    line = mail_refusal(session, sender, reason)
    record = read(line)
    ours = reason.removeprefix("[gatepost] stopped: ") if reason.startswith("[gatepost] stopped: ") else None
    if suspected(record, ours, line):
        return
    assert record.account in (None, ours), line
    assert record.account is None or record.own, line


def _coded(reason: str) -> bool:
    """A reason that begins with reply codes and then with the tag."""
    return reason.lstrip('"0123456789. ').startswith("[gatepost]")


@given(sessions, hostile, st.booleans())
def test_a_failed_login_is_charged_to_the_client_exim_named(session: Session, claimed: str, flagged: bool) -> None:
    """A greeting or a typed name cannot make another client the guesser."""
    line = failure(session, claimed, flagged)
    record = read(line)
    if doubted(record, line):
        return
    assert not record.own, line
    assert (record.kind, record.ok, record.client, record.mechanism) == ("login", False, CLIENT, "plain"), line


@given(
    sessions,
    hostile,
    st.booleans(),
    st.sampled_from(["", "reason not recorded", f"{OURS} for this account"])
    | hostile.map(lambda text: f'lookup of "{text}" gave DEFER: no'),
)
@example(Session(), f"{VICTIM}): {OURS}", False, "failed to open /etc/users")
@example(Session(), VICTIM, False, f"lookup of ({VICTIM}): {OURS}) gave DEFER")
@example(Session(), VICTIM, False, OURS)
@example(
    Session(ident=") [198.51.100.1]"),
    f": 435 Unable to authenticate at present (set_id={VICTIM}): [gatepost] no",
    False,
    "",
)
def test_a_login_we_put_off_is_ours_alone(session: Session, claimed: str, flagged: bool, trouble: str) -> None:
    """Only our own words make a 435 ours, with the login Exim named; whatever was typed makes it ours or another's."""
    line = failure(session, claimed, flagged, trouble)
    record = read(line)
    if doubted(record, line):
        assert not record.own or trouble.startswith(OURS), line
        return
    assert (record.client, record.mechanism) == (CLIENT, "plain"), line
    assert record.kind == ("own" if record.own else "login"), line
    if record.own:
        assert (trouble[: len(OURS)], record.account) == (OURS, printing(claimed)), line
    elif trouble.startswith(OURS):
        assert "): " in printing(claimed) or not claimed, line


@given(sessions)
def test_a_session_without_mail_is_charged_to_whom_exim_named(session: Session) -> None:
    """A login that sent nothing is the account's that logged in, or suspected."""
    line = no_mail(session)
    record = read(line)
    if suspected(record, session.account, line):
        return
    assert (record.account, record.client) == (session.account, CLIENT), line
    assert record.kind == ("login" if session.account else "ignored")


@given(
    st.sampled_from(["=>", "->", ">>", "*>", "**", "=="]),
    recipients,
    st.none() | recipients,
    hostile,
    st.none() | hostile,
)
def test_a_remote_server_changes_no_outcome(
    flag: str, recipient: str, parent: str | None, reply: str, certificate: str | None
) -> None:
    """Queue id, recipient and result stand before anything a remote server says, and it is never our own refusal."""
    line = outcome(flag, recipient, parent, reply, certificate)
    record = read(line)
    result = {"**": "bounced", "==": "deferred"}.get(flag, "delivered")
    assert (record.kind, record.queue_id, record.address, record.result) == (
        "delivery",
        QUEUE_ID,
        parent or recipient,
        result,
    ), line
    assert not record.own
    assert len(record.reply) <= 300


@given(st.sampled_from(["ann@example.org", "thief@example.org"]), st.text(st.characters(codec="utf-8"), max_size=120))
def test_honest_lines_are_not_suspected(account: str, subject: str) -> None:
    """An ordinary greeting and any subject without brackets read as one thing: suspicion is for those who forge."""
    mail = Mail(
        subject=subject.replace("[", "").replace("\n", " "), message_id="1@laptop", recipients=["bob@example.net"]
    )
    line = arrival(Session(account=account, helo="laptop", tls=True, server_name="mail.example.org"), mail)
    record = read(line)
    assert (record.kind, record.account, record.recipients) == ("submission", account, ("bob@example.net",)), line
