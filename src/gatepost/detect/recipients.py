"""Too many recipients that do not exist, by count and by share."""

from typing import ClassVar

from gatepost.core.evidence import Family
from gatepost.detect.failing import Failing
from gatepost.ledger.signals import DEAD


class Recipients(Failing, frozen=True, kw_only=True):
    """Recipients that do not exist, by the receiver's word or, at RCPT time, by our own.

    Spammers' lists are dirty: 10 to 40 % of the addresses are dead. Failures through the owner's usual network and
    program are an old list until something else speaks, and stay a warning (at most 35 points), however many they are:
    strangers can fill a shop's form with dead addresses.

    A domain that does not exist is a dead address too. A mailbox that is switched off is none: its owner was a
    correspondent until lately, so honest address books hold as many as bought lists do, and it counts for nothing.

    Blind spots: a washed list (2 % dead) says nothing here; a receiver that answers "unknown user" to everybody
    accuses honest senders on the road until enough of them were refused (`ledger/receivers.py`).
    """

    family: ClassVar[Family] = Family.RECIPIENTS
    on: ClassVar[tuple[str, ...]] = (*DEAD, "refused.invalid")
    signals: ClassVar[tuple[str, ...]] = (*(f"delivery.{case}" for case in DEAD), "recipient.invalid_here")
    noun: ClassVar[str] = "do not exist"
