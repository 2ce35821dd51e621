"""What was refused in a session, by a rule, a policy service or a milter.

Owns where the client, the words and the login end. Two addresses that strangers choose stand in the line, in the words
and behind them; in front of them stands the client, behind them `proto=`, `helo=` and `sasl_username=`, which hold no
space and no bracket of a stranger's. gatepost's own tag counts in one place alone (contracts 2).
Source: Postfix's src/smtpd/smtpd_check.c (log_whatsup, smtpd_check_reject, check_table_result), smtpd.c
(milter_rejects), src/cleanup/cleanup_message.c (cleanup_act), cleanup_milter.c.
"""

import re

from gatepost.mta.base import Record
from gatepost.mta.postfix.grammar import CLIENT, QUEUE_ID, address_of, bounded, status_of
from gatepost.mta.postfix.notes import ACTION, BEFORE_MAIL, WARNED

UNREADABLE = "a refusal whose fields are not in Postfix's order"
HELD = "a message put on hold"
DISCARDED = "a message thrown away"

REFUSING = frozenset({"reject", "milter-reject", "proxy-reject"})
_NOTED: dict[str, str] = {
    "reject_warning": WARNED,
    "hold": HELD,
    "milter-hold": HELD,
    "discard": DISCARDED,
    "milter-discard": DISCARDED,
}
_ACCEPTED = "proxy-accept"
_QUEUED_AS = re.compile(rf"queued as ({QUEUE_ID})\Z")
_WHOLE = frozenset({"DATA", "BDAT", "END-OF-MESSAGE", "DATA content"})
"""Where the message as a whole is refused."""
_AT_MAIL = _WHOLE | {"MAIL", "RCPT"}

_ACTION = re.compile(r"([a-z][a-z_-]{2,24}): ")
_COMMAND = re.compile(rf"([A-Z][A-Z-]{{2,19}}(?: content)?)(?: from {CLIENT})?: ")
_CONTENT = re.compile(r"(?:mime-|nested-)?header |body ")
_END = re.compile(
    r" proto=([A-Z]{4,8})(?: helo=<([^ <>]*+)>)?(?: sasl_method=([^ <>,]++))?(?: sasl_username=<([^<>]*+)>)?\Z"
)
_REJECTED = " rejected: "
_OWNED = re.compile(
    r"(?:[245][0-9]{2} )?(?:[245]\.[0-9]{1,3}\.[0-9]{1,3} )?"
    r"<([^<>]*+)>: (Client host|Unverified Client host|Client certificate|SASL login name|Helo command|Sender address"
    r"|Recipient address|Etrn command|Data command|End-of-data)(?: rejected: | )(?=(.*))",
    re.DOTALL,
)
_LOGIN_NAME = "SASL login name"


def read_refusal(text: str, at: int, queue_id: str, tag: str) -> Record | None:
    """Read what a rule did; None when the text is no rule's.

    Args:
        text: the message.
        at: where the action begins, behind the queue id.
        queue_id: the message's; "" when it has none yet.
        tag: what gatepost's own refusals start with.
    """
    action = _ACTION.match(text, at)
    if action is None:
        return None
    name, end = action[1], action.end()
    command = _COMMAND.match(text, end)
    if command is not None:
        return _command(text, command, name, queue_id, tag)
    if name not in REFUSING:
        return Record(kind="ignored", why=_NOTED.get(name, ACTION), queue_id=queue_id)
    if _CONTENT.match(text, end):
        return Record(kind="delivery", part="failed", result="refused", queue_id=queue_id, reply=_because(text, end))
    return Record(kind="unread", why=UNREADABLE, queue_id=queue_id)


def _command(text: str, found: re.Match[str], action: str, queue_id: str, tag: str) -> Record:
    where, client = found[1], found[3]
    tail = _END.search(text, found.end())
    words, sender, recipient = _split(text, found.end(), tail.start() if tail is not None else len(text))
    if action == _ACCEPTED:
        return _accepted(words, sender)
    record = Record(
        kind="delivery",
        part="failed" if where in _WHOLE else "",
        client=address_of(client or ""),
        helo=(tail[2] or "") if tail else "",
        account=(tail[4] or None) if tail else None,
        mechanism=(tail[3] or "") if tail else "",
        queue_id=queue_id,
        envelope_sender=sender,
        address=recipient if where == "RCPT" else "",
        result="refused",
        status=status_of(words),
        reply=bounded(words),
    )
    quoted = text[: tail.start()] if tail is not None else ""
    mine = _ours(quoted, words, tag) if quoted else None
    if mine is not None:
        record.kind, record.own, record.result = "own", True, None
        record.account = record.account or mine or None
    elif action not in REFUSING or where not in _AT_MAIL:
        record.kind, record.result = "ignored", None
        record.why = _NOTED.get(action, ACTION) if action not in REFUSING else BEFORE_MAIL
    else:
        record.account = record.account or (_login(quoted, words) if quoted else None)
    return record


def _accepted(words: str, sender: str | None) -> Record:
    """A filter in front of the queue took the message on, under a queue id of its own."""
    taken = _QUEUED_AS.search(words)
    return Record(
        kind="part", part="handed", child=taken[1] if taken else "", envelope_sender=sender, reply=bounded(words)
    )


def _split(text: str, at: int, end: int) -> tuple[str, str | None, str]:
    """The words, the sender and the recipient; what cannot be told from the other is not stated."""
    middle = text[at:end]
    words, found, rest = middle.partition("; from=<")
    if not found:
        return middle.removesuffix(";"), None, ""
    if "; to=<" in words:  # no sender is stated: what looks like one stands in the recipient
        return words.partition("; to=<")[0], None, ""
    if "; from=<" in rest or not rest.endswith(">"):
        return words, None, ""
    sender, found, recipient = rest[:-1].partition("> to=<")
    if not found:
        return words, sender, ""
    return (words, None, "") if "> to=<" in recipient else (words, sender, recipient)


def _ours(quoted: str, words: str, tag: str) -> str | None:
    """The login our own words name, "" when they name none; None when they are not ours.

    The words quote an address or a login, and an address could quote our words: so the tag counts only when words and
    addresses (`quoted`) hold it once, and Postfix's own " rejected: " not more often.
    """
    if not tag or quoted.count(tag) != 1 or quoted.count(_REJECTED) > 1:
        return None
    found = _OWNED.match(words)
    if found is None or not found[3].startswith(tag):
        return None
    return found[1] if found[2] == _LOGIN_NAME else ""


def _login(quoted: str, words: str) -> str | None:
    """The login that a rule for logins refused (check_sasl_access)."""
    found = _OWNED.match(words)
    if found is None or found[2] != _LOGIN_NAME or quoted.count(_REJECTED) != 1:
        return None
    return found[1] or None


def _because(text: str, at: int) -> str:
    """The reason at the end of a refused header or body line, whatever that line held."""
    return bounded(text[max(at, text.rfind(": ") + 2) :])
