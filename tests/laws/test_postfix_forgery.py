"""Nobody is charged by what somebody else wrote into Postfix's log.

Whatever a client sends as sender, recipient, greeting, AUTH= address, typed name, message id or header, the account,
client address and queue id read from a line are those Postfix wrote. Whatever a remote server answers changes neither
recipient nor result: where it could, the line is tampered with and changes nothing.
"""

from hypothesis import example, given
from hypothesis import strategies as st
from tests.laws.postfix_writes import (
    CLIENT,
    OURS,
    QUEUE_ID,
    VICTIM,
    Session,
    active,
    addresses,
    external,
    failure,
    hostile,
    line,
    opened,
    outcome,
    printable,
    refusal,
    sessions,
)

from gatepost.core.units import Instant
from gatepost.mta import DIALECTS
from gatepost.mta.base import Record

REFERENCE = Instant(1_772_449_200.0)


def read(text: str) -> Record:
    """One line, by a reader that has seen nothing."""
    return DIALECTS["postfix"](reference=REFERENCE).read(text)


@given(sessions, st.none() | hostile.filter(bool), st.sampled_from(["", ", orig_queue_id=225C022A269"]))
@example(Session(account="thief@example.org"), f"x, sasl_username={VICTIM}, orig_queue_id=9C1A22A26A", "")
def test_a_message_is_charged_to_the_login(session: Session, auth_sender: str | None, origin: str) -> None:
    """The AUTH= address stands behind the login, and not even the queue id behind it is believed."""
    text = opened(session, auth_sender, origin)
    record = read(text)
    assert record.kind == ("submission" if session.account else "part"), text
    assert (record.account, record.client, record.queue_id) == (session.account, CLIENT, QUEUE_ID), text
    forgeable = session.account is not None and auth_sender is not None
    assert record.parent == ("" if forgeable or not origin else "225C022A269"), text


WORDS = ("Access denied", "User unknown", OURS, "Relay access denied")


@given(sessions, st.none() | addresses, addresses, st.sampled_from(WORDS), st.booleans())
@example(
    Session(helo=None), f"x@y>: SASL login name rejected: {OURS}", f"a> proto=ESMTP helo=<x> sasl_username=<{VICTIM}",
    "Relay access denied", True,
)  # fmt: skip
@example(Session(), "a@b", f"{VICTIM}>: SASL login name rejected: {OURS}", "Access denied", False)
def test_a_refusal_is_charged_to_whom_postfix_named(
    session: Session, sender: str | None, recipient: str, words: str, of_sender: bool
) -> None:
    """Account and client are Postfix's; a refused address that quotes a refusal of ours makes it nobody's of ours."""
    quoted = (sender or "") if of_sender else recipient
    kind = "Sender address" if of_sender else "Recipient address"
    said = f"<{recipient}>: {words}" if words.startswith("Relay") else f"<{quoted}>: {kind} rejected: {words}"
    text = refusal(session, sender, recipient, f"554 5.7.1 {said}")
    record = read(text)
    charged = session.account if session.named else None
    assert (record.account, record.client, record.queue_id) == (charged, CLIENT, QUEUE_ID), text
    assert record.address in {printable(recipient), ""} and record.envelope_sender in {sender, None}, text
    assert not record.own or words == OURS, text
    if "[gatepost]" not in f"{sender}{recipient}" and "rejected: " not in f"{sender}{recipient}":
        assert record.own is (words == OURS and "<" not in quoted and ">" not in quoted), text
        assert record.kind == ("own" if record.own else "delivery"), text


@given(sessions, addresses, addresses, st.sampled_from(["Access denied", OURS]))
def test_a_login_that_is_refused_is_the_one_postfix_named(
    session: Session, sender: str, recipient: str, words: str
) -> None:
    """A rule for logins says whose: that account, or none where an address quotes such a rule."""
    text = refusal(session, sender, recipient, f"554 5.7.1 <ann@example.org>: SASL login name rejected: {words}")
    record = read(text)
    said = session.account if session.named else None
    assert record.account in {said or "ann@example.org", None}, text
    assert not record.own or words == OURS, text
    if "rejected: " not in sender + recipient and "[gatepost]" not in sender + recipient:
        assert record.account == (said or "ann@example.org") and record.own is (words == OURS), text


@given(
    sessions, st.none() | hostile, st.sampled_from(["UGFzc3dvcmQ6", "(reason unavailable)", "authentication failure"])
)
def test_a_failed_login_is_charged_to_the_client_postfix_named(
    session: Session, claimed: str | None, reason: str
) -> None:
    """A typed name makes no other client the guesser, and is a claim to the letter."""
    text = failure(session, claimed, reason)
    record = read(text)
    assert (record.kind, record.ok, record.client, record.mechanism) == ("login", False, CLIENT, "PLAIN"), text
    assert (record.account or "") == (claimed or "")[:320] or claimed == "(unavailable)", text


@given(
    st.sampled_from(["smtp", "lmtp", "local", "virtual", "pipe", "error"]),
    addresses,
    st.none() | addresses,
    st.sampled_from(["sent", "bounced", "deferred"]),
    hostile,
)
def test_neither_recipient_nor_remote_server_changes_an_outcome(
    server: str, recipient: str, original: str | None, status: str, words: str
) -> None:
    """Queue id, recipient and result are Postfix's, or the line is tampered with and says nothing."""
    text = outcome(server, recipient, original, status, words)
    dialect = DIALECTS["postfix"](reference=REFERENCE)
    skimmed, record = dialect.skim(text), dialect.read(text)
    assert record.queue_id == QUEUE_ID and not record.own and record.account is None, text
    if skimmed is not None:
        assert (record.kind, record.result, *skimmed) == ("delivery", "delivered", QUEUE_ID, record.address), text
    if record.kind == "unread":
        assert record.why == "tampered", text
        return
    result = {"sent": "delivered", "bounced": "bounced", "deferred": "deferred"}[status]
    assert (record.kind, record.result) == ("delivery", result), text
    if ">, orig_to=<" not in recipient:
        assert record.address == (original if original is not None else recipient), text
    assert not record.child, text
    assert len(record.reply) <= 300


@given(external | st.sampled_from(["bob@example.net"]), st.sampled_from(["sent", "bounced"]), hostile)
def test_only_a_whole_second_rest_is_suspected(recipient: str, status: str, words: str) -> None:
    """A line is tampered with only when it holds relay, delays, dsn and status twice."""
    text = outcome("smtp", recipient, None, status, words)
    twice = text.count(", relay=") > 1 or ">, orig_to=<" in recipient
    assert read(text).kind == "delivery" or twice, text


@given(addresses, st.integers(0, 10_000))
@example("x>, size=1, nrcpt=1 (queue active)", 500)
def test_a_sender_changes_no_number(sender: str, recipients: int) -> None:
    """Size and recipients stand at the end of the queue manager's line."""
    record = read(active(sender, recipients))
    assert (record.part, record.queue_id, record.recipient_count, record.size) == (
        "queued", QUEUE_ID, recipients, 1234
    )  # fmt: skip
    assert record.envelope_sender == sender


@given(hostile, hostile)
def test_a_header_or_message_id_is_nobodys_login(name: str, header: str) -> None:
    """What a message holds names no account, no client and nothing of ours."""
    lines = [
        line("cleanup", f"{QUEUE_ID}: message-id=<{name}>"),
        line(
            "cleanup", f"{QUEUE_ID}: reject: header X: {header} from unknown[{CLIENT}]; from=<a@b> to=<c@d>: 5.7.1 no"
        ),
        line("cleanup", f"{QUEUE_ID}: warning: header X: {header} from unknown[{CLIENT}]; from=<a@b> to=<c@d>: x"),
    ]
    for text in lines:
        record = read(text)
        assert record.queue_id == QUEUE_ID and record.account is None and not record.own, text
        assert not record.client and not record.child and record.kind in {"part", "delivery", "ignored"}, text


@given(st.sampled_from(["a", "b> orig_id=9C1A22A26A"]) | hostile)
def test_a_local_users_sender_names_no_message(sender: str) -> None:
    """What stands inside the brackets is the sender, whatever it looks like."""
    record = read(line("pickup", f"{QUEUE_ID}: uid=1000 from=<{sender}>"))
    assert (record.part, record.parent) == ("local", "")
