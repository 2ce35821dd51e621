"""Who connected, who logged in, and which message a client began.

Owns the order of the fields behind `client=`: the login stands in front of the AUTH= address (`sasl_sender=`), the one
field that a client can fill with anything, and what stands behind that address is believed in nothing.
Source: Postfix's src/smtpd/smtpd_sasl_proto.c (smtpd_sasl_mail_log), smtpd.c (mail_open_stream, smtpd_proto),
smtpd_sasl_glue.c (smtpd_sasl_authenticate).
"""

import re

from gatepost.mta.base import Record
from gatepost.mta.postfix.grammar import CLIENT, NO_QUEUE, QUEUE_ID, address_of, bounded
from gatepost.mta.postfix.notes import ABORTED, CONNECTION, UNCHECKED

UNREADABLE = "a client= line whose fields are not in Postfix's order"
UNREADABLE_FAILURE = "a failed login whose client cannot be told"
UNREADABLE_END = "the end of a session whose client cannot be told"

SESSION = ("connect from ", "disconnect from ", "Anonymous TLS connection established from ")
"""How most lines that name no message begin."""

MAX_NAME = 320
"""Characters of a login that somebody typed."""

_USUAL = re.compile(
    r"client=[^ \[\],;]{1,255}\[([0-9A-Fa-f.:]{2,64})\](?::[0-9]{1,5})?"
    r"(?:, sasl_method=([^ ,]++), sasl_username=([^ ,]++))?\Z"
)
"""Almost every line: a login without spaces and commas, or none, and nothing behind it."""

_OPENED = re.compile(rf"client={CLIENT}(?:, sasl_method=([^ ,]++))?(?:, sasl_username=)?", re.DOTALL)
_BEHIND_LOGIN = re.compile(r", (?:sasl_sender|orig_queue_id|orig_client)=")
_ORIGIN = re.compile(rf"(?:, orig_queue_id=({QUEUE_ID}|{NO_QUEUE}))?(?:, orig_client={CLIENT})?\Z")
_FAILED = re.compile(rf"(?:warning: )?{CLIENT}: SASL ([^ ]{{1,100}}) authentication failed: ?", re.DOTALL)
_ABORTED = re.compile(rf"(?:warning: )?{CLIENT}: SASL [^ ]{{1,100}} authentication aborted\Z")
_CLAIMED = ", sasl_username="
_UNKNOWN_NAME = "(unavailable)"
_OURS = ("Connection lost to authentication server", "Temporary authentication failure", "authentication server")
_LEFT = re.compile(rf"disconnect from {CLIENT}(?= |\Z)")
_LOGGED_IN = re.compile(r" auth=[1-9]")
_ENCRYPTED = re.compile(rf"[A-Z][a-z]++ TLS connection established from {CLIENT}: ")


def read_opened(text: str, at: int, queue_id: str) -> Record:
    """Read a `client=` line: a message begins, of an account or of nobody.

    Args:
        text: the message.
        at: where "client=" begins.
        queue_id: the message's; "" when a filter in front of the queue will give it one.
    """
    usual = _USUAL.match(text, at)
    if usual is not None:
        client, mechanism, account = usual.groups()
        return _opening(account, mechanism, client, queue_id)
    found = _OPENED.match(text, at)
    if found is None:
        return Record(kind="unread", why=UNREADABLE, queue_id=queue_id)
    _, client, mechanism = found.groups()
    account, end = None, found.end()
    if text.startswith(_CLAIMED, end - len(_CLAIMED)):
        behind = _BEHIND_LOGIN.search(text, end)
        account, end = text[end : behind.start() if behind else None], behind.start() if behind else len(text)
    origin = _ORIGIN.match(text, end)
    if origin is None and not text.startswith(", sasl_sender=", end):
        return Record(kind="unread", why=UNREADABLE, queue_id=queue_id)
    parent = (origin[1] or "") if origin else ""
    record = _opening(account, mechanism, address_of(client), queue_id)
    record.parent = parent if parent != NO_QUEUE else ""
    return record


def _opening(account: str | None, mechanism: str | None, client: str, queue_id: str) -> Record:
    return Record(
        kind="submission" if account else "part",
        part="opened",
        account=account or None,
        mechanism=mechanism or "",
        client=client,
        queue_id=queue_id,
    )


def read_session(text: str) -> Record | None:
    """Read a line that names no message; None when it is none of these.

    Args:
        text: the message.
    """
    if text.startswith("connect from "):
        return Record(kind="ignored", why=CONNECTION)
    if text.startswith("disconnect from "):
        return _left(text)
    encrypted = _ENCRYPTED.match(text)
    if encrypted is not None:
        return Record(kind="part", part="encrypted", client=address_of(encrypted[2]), tls=True)
    if " authentication failed: " in text and " SASL " in text:
        return _failed(text)
    if text.endswith(" authentication aborted") and _ABORTED.match(text):
        return Record(kind="ignored", why=ABORTED)
    return None


def _left(text: str) -> Record:
    """The end of a session: a login that worked when it authenticated and began no message."""
    found = _LEFT.match(text)
    if found is None:
        return Record(kind="unread", why=UNREADABLE_END)
    commands = text[found.end() :]
    login = " mail=" not in commands and " rcpt=" not in commands and _LOGGED_IN.search(commands) is not None
    return Record(
        kind="login" if login else "part",
        part="left",
        ok=True if login else None,
        client=address_of(found[2]),
        tls=" starttls=" in commands,
    )


def _failed(text: str) -> Record | None:
    found = _FAILED.match(text)
    if found is None:
        return Record(kind="unread", why=UNREADABLE_FAILURE) if text.startswith("warning: ") else None
    _, client, mechanism = found.groups()
    reason, named, claimed = text[found.end() :].partition(_CLAIMED)
    if reason.startswith(_OURS):
        return Record(kind="ignored", why=UNCHECKED, client=address_of(client))
    return Record(
        kind="login",
        ok=False,
        account=claimed[:MAX_NAME] if named and claimed not in {"", _UNKNOWN_NAME} else None,
        mechanism=mechanism,
        client=address_of(client),
        reply=bounded(reason),
    )
