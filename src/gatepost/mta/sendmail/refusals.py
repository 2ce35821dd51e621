"""What was refused in a session, by a rule set, a milter, or because the recipient does not exist.

Owns where the address, the client and the words end. The address stands in front of the client and again in the words:
a line in which a relay and a `reject=` stand twice names no client and no address, and belongs to the session of its
process. gatepost's own tag counts only at the beginning of the words (contracts 2).
Source: Sendmail's sendmail/srvrsmtp.c (milter replies), usersmtp.c, recipient.c ("User unknown"), parseaddr.c
(rscheck).
"""

import re

from gatepost.mta.base import Record
from gatepost.mta.sendmail.grammar import HOST, address_of, bounded, status_of

BEFORE_MAIL = "a refusal before any mail"
NOTED = "a rule that refused nothing"
AT_DELIVERY = "a refusal that the recipient's delivery tells, too"
MILTER = "a note of a milter"
UNREADABLE = "a refusal whose fields are not in Sendmail's order"

_RULES = re.compile(r"ruleset=([A-Za-z_][A-Za-z0-9_]{0,63}), arg1=")
_REFUSED = re.compile(rf"(?:, arg2=[^,]{{0,255}})?(?:, relay={HOST})?, reject=")
_AT_RCPT = frozenset({"check_rcpt", "Local_check_rcpt"})
_AT_MAIL = frozenset({"check_mail", "Local_check_mail"})
_EARLIER = (
    "check_relay", "Local_check_relay", "check_vrfy", "check_expn", "check_etrn", "check_helo", "tls_", "try_tls",
    "srv_features", "trust_auth", "ratecontrol", "conncontrol", "RateControl", "ConnControl",
)  # fmt: skip
"""Rule sets for connections and other commands; every other one that refuses is for the message or its recipients."""
_MILTER = re.compile(r"Milter: (?:(to|from)=|(?:cmd=)?data, (?=reject=))")
_UNKNOWN = re.compile(r"<(.*)>\.\.\. (User unknown)", re.DOTALL)
_CODES = re.compile(r"(?:[245][0-9]{2}[ -])?(?:[245]\.[0-9]{1,3}\.[0-9]{1,3} )?")
_REJECT = ", reject="


def read_refusal(text: str, at: int, queue_id: str, tag: str) -> Record | None:
    """Read what was refused; None when the line is no refusal.

    Args:
        text: the message.
        at: where its words begin.
        queue_id: of the message that was to come of it.
        tag: what gatepost's own refusals start with.
    """
    rules = _RULES.match(text, at)
    if rules is not None:
        return _by_rules(text, rules, queue_id, tag)
    if text.startswith("Milter", at):
        return _by_milter(text, at, queue_id, tag)
    unknown = _UNKNOWN.fullmatch(text, at)
    if unknown is None:
        return None
    return _refused(queue_id, unknown[1], unknown[2], "5.1.1", "")


def _by_rules(text: str, rules: re.Match[str], queue_id: str, tag: str) -> Record:
    name, at = rules[1], rules.end()
    found = list(_REFUSED.finditer(text, at))
    if not found:
        return Record(kind="ignored", why=NOTED, queue_id=queue_id)
    if name.startswith(_EARLIER) or name == "check_compat":
        why = AT_DELIVERY if name == "check_compat" else BEFORE_MAIL
        return Record(kind="ignored", why=why, queue_id=queue_id, client=_only(found))
    alone = len(found) == 1 and text.count(_REJECT, at) == 1
    words, argument = text[found[-1].end() :], text[at : found[0].start()] if alone else ""
    bare = argument[1:-1] if argument.startswith("<") and argument.endswith(">") else argument
    record = _refused(queue_id, bare if name in _AT_RCPT else "", words, status_of(words), _only(found))
    if name in _AT_MAIL and alone:
        record.envelope_sender = bare
    if alone and _ours(words, argument, tag):
        record.kind, record.own, record.result = "own", True, None
    return record


def _by_milter(text: str, at: int, queue_id: str, tag: str) -> Record:
    found = _MILTER.match(text, at)
    reject = text.find("reject=", found.end()) if found is not None else -1
    if found is None or reject < 0:
        return Record(kind="ignored", why=MILTER, queue_id=queue_id)
    alone = text.count("reject=", at) == 1
    words, argument = text[reject + len("reject=") :], text[found.end() : reject].removesuffix(", ")
    bare = argument[1:-1] if argument.startswith("<") and argument.endswith(">") else argument
    record = _refused(queue_id, bare if found[1] == "to" and alone else "", words, status_of(words), "")
    if alone and _ours(words, argument, tag):
        record.kind, record.own, record.result = "own", True, None
    return record


def _refused(queue_id: str, address: str, words: str, status: str, client: str) -> Record:
    return Record(
        kind="delivery",
        queue_id=queue_id,
        address=address,
        result="refused",
        status=status,
        reply=bounded(words),
        client=client,
    )


def _only(found: list[re.Match[str]]) -> str:
    """The client, when the line can mean one alone."""
    return address_of(found[0][1]) if len(found) == 1 else ""


def _ours(words: str, argument: str, tag: str) -> bool:
    """Whether the words are gatepost's: they begin with its tag, behind the codes and the address that was refused."""
    if not tag or tag in argument or words.count(tag) != 1:
        return False
    codes = _CODES.match(words)
    said = words[codes.end() if codes is not None else 0 :]
    return said.removeprefix(f"{argument}... ").startswith(tag)
