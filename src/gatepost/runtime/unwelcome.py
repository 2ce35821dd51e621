"""The desk is told that a receiver refuses everybody, and on which list we are."""

from gatepost.act.foreign import quoted
from gatepost.core.facts import BounceClass
from gatepost.core.units import iso
from gatepost.runtime.desk import Desk
from gatepost.runtime.house import House
from gatepost.runtime.troubles import Refusing

_WHY = {
    BounceClass.REPUTATION_BLOCKLIST: "our server is on a blocklist",
    BounceClass.SPAM_CONTENT: "it takes all of it for spam",
    BounceClass.POLICY_AUTH: "a policy of its own",
    BounceClass.INVALID_RECIPIENT: "it says that nobody there exists",
}

_HELP = {
    BounceClass.REPUTATION_BLOCKLIST: "find out who sent spam (gatepost incidents), then ask the list to take us off",
    BounceClass.SPAM_CONTENT: "ask its postmaster; look for what all these messages share, such as a footer",
    BounceClass.POLICY_AUTH: "look at SPF, DKIM and DMARC of our domains and at the name of our address",
    BounceClass.INVALID_RECIPIENT: "it is broken most likely: ask its postmaster when it lasts",
}


class Unwelcome:
    """Turns receivers in trouble into words."""

    def __init__(self, house: House, desk: Desk) -> None:
        self._house, self._desk = house, desk

    def look(self, *, live: bool) -> None:
        """Say what was found since the last look.

        Args:
            live: False while a catch-up goes on: old trouble is worth a line in the log, no letter.
        """
        for found in self._house.pipeline.troubles.take():
            subject = f"{quoted(found.receiver, 100)} refuses everybody's mail: {_reason(found)}"
            self._desk.tell(f"refuses {found.receiver} {found.cause.value}", subject, _lines(found), letter=live)


def _reason(found: Refusing) -> str:
    on = found.listing
    return f"we are listed at {quoted(on.name, 80)}" if on is not None and on.name else _WHY[found.cause]


def _lines(found: Refusing) -> list[str]:
    on = found.listing
    return [
        f"host {found.host}, {found.accounts} accounts refused within the hour before {iso(found.at)}",
        f"it says {quoted(found.reply, 300)}",
        *([f"it says to visit {quoted(on.link)}"] if on is not None and on.link else []),
        "these refusals count against no account while this lasts",
        f"what helps: {_HELP[found.cause]}",
    ]
