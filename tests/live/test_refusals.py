"""Wordings of many servers, said to a real Exim and a real Postfix, through their logs to their causes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.live import client
from tests.live import postfix as mail_program
from tests.live.exim import ACCOUNTS, Exim
from tests.live.ports import until
from tests.live.postfix import Postfix
from tests.live.world import World

from gatepost.core.events import Cursor, Delivery
from gatepost.core.facts import BounceClass
from gatepost.enrich.network import Networks
from gatepost.enrich.observe import Observer
from gatepost.enrich.senders import Senders
from gatepost.mta import DIALECTS
from gatepost.mta.thread import Thread

pytestmark = pytest.mark.live

Said = tuple[str, str, str]
"""Cause, stage, reply."""

LINES = [
    line.split("\t")
    for line in (Path(__file__).parents[1] / "enrich" / "bounces" / "wordings.tsv").read_text("utf-8").splitlines()
]
AT_RCPT: list[Said] = [(cause, "rcpt", text) for cause, text in LINES if text.startswith("55") and cause != "unknown"]
BY_LINES: list[Said] = [
    ("invalid_recipient", "rcpt", "550-5.1.1 the account that you tried to\r\n550 5.1.1 reach does not exist - gsmtp"),
    ("reputation_blocklist", "rcpt", "554-mx.example.net\r\n554-your address 192.0.2.25 is on our\r\n554 blocklist"),
    ("policy_auth", "data", "550-5.7.26 this mail is unauthenticated: SPF\r\n550 5.7.26 did not pass - gsmtp"),
]
IN_OTHER_LANGUAGES: list[Said] = [
    ("invalid_recipient", "rcpt", "550 Empfänger ungültig"),
    ("mailbox_full", "rcpt", "552 La boîte du destinataire est pleine"),
    ("invalid_recipient", "rcpt", "550 Нет такого пользователя"),
    ("mailbox_full", "rcpt", "552 邮箱已满"),
    ("spam_content", "data", "554 Es besteht Spamverdacht für diese Nachricht"),
]
AFTER_DATA: list[Said] = [
    (cause, "data", text) for cause, text in LINES if cause in ("spam_content", "policy_auth") and text.startswith("55")
]
SAID = {f"word{n}@w{n}.example.net": said for n, said in enumerate(
    [*AT_RCPT, *BY_LINES, *IN_OTHER_LANGUAGES, *AFTER_DATA]
)}  # fmt: skip
"""Address to what it is answered."""


def failures(log: str, dialect: str) -> Iterator[Delivery]:
    """What a log says of recipients that failed."""
    reader, thread, offset = DIALECTS[dialect](), Thread("mx1"), 0
    for line in log.splitlines():
        for event in thread.feed(reader.read(line), Cursor("mx1", 0, offset)):
            if isinstance(event, Delivery) and event.result == "bounced":
                yield event
        offset += len(line) + 1


def said(sink: World, send: Callable[[list[str]], object]) -> None:
    """Have every wording said: those at RCPT to messages of 25 recipients, those after DATA to one each."""
    assert len(SAID) >= 50
    sink.answer({address: (stage, reply) for address, (_, stage, reply) in SAID.items()})
    at_rcpt = [address for address, (_, stage, _) in SAID.items() if stage == "rcpt"]
    for start in range(0, len(at_rcpt), 25):
        send(at_rcpt[start : start + 25])
    for address, (_, stage, _) in SAID.items():
        if stage == "data":
            send([address])


def wrong(failed: Iterator[Delivery]) -> dict[str, BounceClass | None]:
    """Replies whose cause is not the one that was meant."""
    observer = Observer(Networks(), Senders(("example.test",)))
    found = {event.address: (observer.observe(event).bounce, event.reply) for event in failed}
    return {reply: cause for to, (cause, reply) in found.items() if to in SAID and cause != BounceClass(SAID[to][0])}


def test_wordings_reach_their_causes_through_a_real_exim(exim: Exim, sink: World) -> None:
    """At RCPT and after DATA, in one line or several, in any script: the log's words have the cause that was meant."""
    said(sink, lambda to: client.send(exim.port, ACCOUNTS[40], to))
    until(lambda: {event.address for event in failures(exim.log(), "exim")} >= set(SAID), "every recipient fails")
    assert wrong(failures(exim.log(), "exim")) == {}


def test_wordings_reach_their_causes_through_a_real_postfix(postfix: Postfix, sink: World) -> None:
    """Postfix quotes the same replies in its own way, and adds what it was doing: each has the cause that was meant."""
    said(sink, lambda to: mail_program.send(postfix.port, ACCOUNTS[40], to))
    until(lambda: {event.address for event in failures(postfix.log(), "postfix")} >= set(SAID), "every recipient fails")
    assert wrong(failures(postfix.log(), "postfix")) == {}
