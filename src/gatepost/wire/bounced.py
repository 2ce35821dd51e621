"""Failures told in words alone, as qmail, old Exim and old Exchange write them.

Owns which lines name a recipient and which are the reason. Every address is taken that could be one: whoever joins them
to a message counts only those it was really sent to.
"""

import re
from collections.abc import Sequence

from gatepost.core.events import MAX_REPLY
from gatepost.core.reports import MOST_FAILED, Failed
from gatepost.wire import mime
from gatepost.wire.mime import Fields, Part

LONGEST = 1 << 16
"""Characters of the words that are read."""

REASON = 6
"""Lines behind an address that can be its reason."""

ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-][A-Za-z0-9.-]{0,252}")

_DAEMONS = ("mailer-daemon", "postmaster", "mail-daemon", "mdaemon", "uucp")
_LATER = re.compile(
    r"\bdelay(?:ed)?\b|\bwarning\b|not yet been delivered|no action is required|will be retried|still being retried",
    re.IGNORECASE,
)
_RETURNED = ("return-path:", "received:", "message-id:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def read(whole: Part, parts: Sequence[Part]) -> tuple[list[Failed], Fields] | None:
    """Recipients and the header of the message that came back; None when nobody's mailer wrote this.

    A notice that mail is only late has no recipients.
    """
    if not _daemon(whole):
        return None
    text = next((part.text for part in parts if part.kind.startswith("text/")), "")[:LONGEST]
    lines = text.splitlines()
    end = next((n for n, line in enumerate(lines) if line.lower().startswith(_RETURNED)), len(lines))
    below = mime.head("\n".join(lines[end:]).encode())
    if _LATER.search(whole.first("subject")) or any(_LATER.search(line) for line in lines[:end]):
        return [], below
    return _failed(whole, lines[:end]), below


def _daemon(whole: Part) -> bool:
    """Whether a mail server wrote it, to nobody it expects an answer from."""
    if "x-failed-recipients" in whole.fields:
        return True
    found = ADDRESS.search(whole.first("from"))
    local = found[0].partition("@")[0].lower() if found else whole.first("from").lower()
    return local in _DAEMONS or whole.first("return-path") == "<>"


def _failed(whole: Part, lines: Sequence[str]) -> list[Failed]:
    named = ADDRESS.findall(whole.first("x-failed-recipients"))
    reasons: dict[str, str] = dict.fromkeys(named, "")
    for number, line in enumerate(lines):
        for found in ADDRESS.finditer(line):
            address = found[0].rstrip(".")
            if not reasons.get(address):
                reasons[address] = _reason(line[found.end() :], lines[number + 1 : number + 1 + REASON])
    otherwise = _plain(" ".join(line for line in lines if not ADDRESS.search(line)))
    return [Failed(address, reply=reason or otherwise) for address, reason in reasons.items()][:MOST_FAILED]


def _reason(rest: str, following: Sequence[str]) -> str:
    """What stands behind an address and below it, up to an empty line or the next address."""
    words = [rest.strip(" >:;,()\t")]
    for line in following:
        if not line.strip() or (words[-1] and ADDRESS.match(line.strip(" <"))):
            break
        words.append(line.strip())
    return _plain(" ".join(words))


def _plain(text: str) -> str:
    return _CONTROL.sub(" ", text[: 4 * MAX_REPLY]).strip()[:MAX_REPLY]
