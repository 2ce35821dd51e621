"""Why mail was refused: a small table of codes and unmistakable words.

Words decide before codes, spam before mailbox; what is in doubt is UNKNOWN and counts for nothing (contracts 21).
Enhanced status codes: RFC 3463 and the IANA registry; `5.7.1` alone says nothing, it is used for everything.
"""

from gatepost.core.events import Delivery
from gatepost.core.facts import BounceClass


def _list(words: str) -> tuple[str, ...]:
    """Comma-separated words; a blank at either end is written as "_"."""
    return tuple(word.strip().replace("_", " ") for word in words.split(","))


_LISTED = _list("""
    blacklist, black list, blocklist, block list, blocked using, dnsbl, rbl_, _rbl, spamhaus, spamcop,
    barracuda, poor reputation, bad reputation, low reputation, ip reputation, is listed, listed at,
    listed by, listed in, sender reputation, banned sending ip
""")
_SPAM = _list("""
    spam, junk, unsolicited, bulk mail, message content, content rejected, content filter, phish, virus,
    malware, message blocked, message refused by filter, looks like, suspicious, high probability
""")
_POLICY = _list("""
    dmarc, spf_, spf:, _spf, dkim, authentication check, policy, sender rejected, sender address rejected,
    not authorized to send, not permitted, access denied, prohibited
""")
_FULL = _list("""
    mailbox full, mailbox is full, mailbox for, quota, over quota, out of storage, exceeded storage,
    insufficient storage, user is overquota, inbox is full
""")
_RELAY = ("relay",)
_NOBODY = _list("""
    user unknown, unknown user, no such user, no such recipient, no such mailbox, no such address,
    unknown recipient, recipient unknown, unknown local, unknown address, user not found,
    recipient not found, mailbox not found, account not found, does not exist, doesn't exist, not exist,
    no mailbox here, invalid recipient, invalid mailbox, recipient address rejected: undeliverable,
    unrouteable address, unroutable address, mailbox unavailable, address unknown, no account by that name,
    bad destination mailbox, user doesn't have, not a valid recipient, no longer valid,
    account is disabled, account has been disabled, not our customer, no valid recipient,
    addressee unknown, not known here, unknown mailbox
""")
_LATER = ("rate limit", "try again later", "greylist", "grey list", "temporarily", "too many connections")

_WORDS: tuple[tuple[tuple[str, ...], BounceClass], ...] = (
    (_LATER, BounceClass.UNKNOWN),
    (_LISTED, BounceClass.BLOCKLISTED),
    (_SPAM, BounceClass.SPAM_REJECTED),
    (_FULL, BounceClass.MAILBOX_FULL),
    (_NOBODY, BounceClass.INVALID_RECIPIENT),
    (_POLICY, BounceClass.POLICY),
    (_RELAY, BounceClass.UNKNOWN),
)

_CODES = {
    "5.1.1": BounceClass.INVALID_RECIPIENT,
    "5.1.10": BounceClass.INVALID_RECIPIENT,
    "5.1.2": BounceClass.INVALID_RECIPIENT,
    "5.2.2": BounceClass.MAILBOX_FULL,
}


def cause(delivery: Delivery) -> BounceClass:
    """The cause of one failed recipient.

    Args:
        delivery: a Delivery with the remote text and enhanced status code, as far as the line states them.
    """
    text = delivery.reply.lower()
    address = delivery.address.lower()
    if address and address in text:
        text = text.replace(address, "")
    for words, found in _WORDS:
        for word in words:
            if word in text:
                return found
    return _by_code(delivery.status)


def _by_code(status: str) -> BounceClass:
    """The cause an enhanced status code names by itself."""
    found = _CODES.get(status)
    if found is not None:
        return found
    if status.startswith("5.7.") and status != "5.7.1":
        return BounceClass.POLICY
    return BounceClass.UNKNOWN
