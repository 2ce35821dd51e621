"""Courier's mail: messages that were taken, and what became of their recipients.

Owns the lines of courierd and its delivery agents. Who handed a message in stands on one line (`newmsg`), its sender on
another (`started`): both make the submission, and what lies between them is remembered, bounded. The same goes for what
a remote server said, which stands on the line before the outcome.
Source: courier courier/msgq.C (newmsg), courier/courierd.C (started, completed), libs/comctlfile.c
(ctlfile_append_reply), module.esmtp/esmtpd.c (error).
"""

import re
from collections.abc import Hashable
from typing import TypeVar

from gatepost.core.events import MAX_REPLY, Result
from gatepost.mta.addresses import ADDRESS, plain
from gatepost.mta.base import Record
from gatepost.mta.courier.logins import SESSION, read_refused

QUEUE = "the queue itself"
WORDS = "what a server said, before the outcome"
STARTED = "a delivery that begins"
ERROR = "a command that was refused"
UNREADABLE = "an outcome whose recipient cannot be told"
OPEN = 20_000
"""Messages and answers remembered between two lines that belong together."""

_ID = r"([0-9A-F]{1,24}\.[0-9A-F]{1,24}\.[0-9A-F]{1,24})"
_MAILBOX = r'((?>(?:"(?>(?:[^"\\]++|\\.)*)"|[^"<>])*))'
_NEW = re.compile(rf"newmsg,id={_ID}(?:, auth=(?P<auth>.*?))?(?:: (?P<peer>[a-z-]{{2,8}};.*))?", re.DOTALL)
_PEER = re.compile(rf"dns; (?P<helo>.*) \((?:[^ ()\[\]]* )?\[(?P<ip>{ADDRESS})\]\)", re.DOTALL)
_STARTED = re.compile(rf"started,id={_ID},from=<{_MAILBOX}>,module=", re.DOTALL)
_COMPLETED = re.compile(rf"completed,id={_ID}")
_TO = re.compile(rf"id={_ID},from=<{_MAILBOX}>,addr=<{_MAILBOX}>(?:,size=[0-9]{{1,18}})?", re.DOTALL)
_STATUS = re.compile(r",status: (success|failure|deferred)")
_CODE = re.compile(r"[245][0-9]{2}[ -]([245]\.[0-9]{1,3}\.[0-9]{1,3})\b")
_ERROR = re.compile(rf"error,relay=({ADDRESS})(?:,port=[0-9]{{1,5}})?(?=,)")
_AUTH = ',msg="535 Authentication failed.",cmd: '
_REFUSAL = re.compile(r"(?:,ident=[^,]*)?,from=<(.*)>,to=<(.*?)>: ([245][0-9]{2}[ -].*)", re.DOTALL)
_RESULTS: dict[str, Result] = {"success": "delivered", "failure": "bounced", "deferred": "deferred"}
_SUCCESS = ",success: "

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Mail:
    """Reads courierd's lines and those of its delivery agents, in the order of the log."""

    def __init__(self) -> None:
        self._new: dict[str, Record] = {}
        self._said: dict[tuple[str, str], str] = {}

    def queue(self, text: str) -> Record:
        """Read a line of courierd."""
        new = _NEW.fullmatch(text)
        if new is not None:
            return self._arrived(new)
        started = _STARTED.match(text)
        if started is not None:
            return self._started(started[1], started[2])
        done = _COMPLETED.fullmatch(text)
        if done is not None:
            self._new.pop(done[1], None)
            return Record(kind="part", part="completed", queue_id=done[1])
        return Record(kind="ignored", why=QUEUE)

    def _arrived(self, new: re.Match[str]) -> Record:
        """A new message: somebody's, of whom the sender is not told yet, or nobody's."""
        peer = _PEER.fullmatch(new["peer"] or "")
        account = new["auth"] or None
        record = Record(kind="part", queue_id=new[1], part="" if account else "received", account=account)
        if peer is not None:
            record.client, record.helo = plain(peer["ip"]), peer["helo"][:255]
        if account:
            _remember(self._new, new[1], record)
        return record

    def _started(self, queue_id: str, sender: str) -> Record:
        """The first delivery of an account's message: now all of it is known. Later ones tell nothing."""
        new = self._new.pop(queue_id, None)
        if new is None:
            return Record(kind="ignored", why=STARTED, queue_id=queue_id)
        return Record(
            kind="submission",
            queue_id=queue_id,
            account=new.account,
            client=new.client,
            helo=new.helo,
            envelope_sender=sender,
        )

    def outcome(self, text: str) -> Record:
        """Read a line of a delivery agent."""
        found = _TO.match(text)
        if found is None:
            begins = text.startswith("id=") and ",addr=" in text
            return Record(kind="unread", why=UNREADABLE) if begins else Record(kind="ignored", why=QUEUE)
        queue_id, sender, address = found.groups()
        rest, key = text[found.end() :], (queue_id, address)
        status = _STATUS.fullmatch(rest)
        if status is not None:
            return _delivery(queue_id, sender, address, self._said.pop(key, ""), _RESULTS[status[1]])
        if rest.startswith(_SUCCESS):
            return _delivery(queue_id, sender, address, rest[len(_SUCCESS) :], "delivered")
        if rest.startswith(": "):
            _remember(self._said, key, rest[2:][:MAX_REPLY])
        return Record(kind="ignored", why=WORDS, queue_id=queue_id)


def _delivery(queue_id: str, sender: str, address: str, words: str, result: Result) -> Record:
    code = _CODE.match(words)
    return Record(
        kind="delivery",
        queue_id=queue_id,
        envelope_sender=sender,
        address=address,
        result=result,
        status=code[1] if code else "",
        reply=words[:MAX_REPLY],
    )


def read_smtp(text: str) -> Record:
    """Read a line of the SMTP server: what it refused. Whether the client had logged in, the line does not say."""
    error = _ERROR.match(text)
    if error is None:
        return Record(kind="ignored", why=SESSION)
    client, rest = plain(error[1]), text[error.end() :]
    at = rest.find(_AUTH)
    if at == 0 or (at > 0 and rest.startswith(',ident="')):
        return read_refused(client, rest[at + len(_AUTH) :])
    refusal = _REFUSAL.fullmatch(rest)
    if refusal is None:
        return Record(kind="ignored", why=ERROR)
    record = _delivery("", refusal[1], refusal[2], refusal[3], "refused")
    record.client = client
    return record


def _remember(entries: dict[Key, Value], key: Key, value: Value) -> None:
    """Keep an entry; the oldest is forgotten when there are too many."""
    entries.pop(key, None)
    entries[key] = value
    if len(entries) > OPEN:
        del entries[next(iter(entries))]
