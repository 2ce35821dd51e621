"""The log of a scenario in the making, and who and where its people are."""

from bench.spool import Spool
from bench.traffic import START

from gatepost.lab.mail import Device, Failure, Fate, Look, Mail
from gatepost.lab.people import NEW_TLS

ANN = "ann@example.org"
OTHERS = (ANN, *(f"{name}@example.org" for name in ("ben", "cleo", "dora")))
HOME, CELL = "192.0.2.10", "198.51.100.{}"
DESK = Device("[192.168.1.20]", NEW_TLS, "desk.example.org")
SCRIPT = Device("localhost", "", "mailer.example.net")
DAY, HOUR = 86400.0, 3600.0
THEN = START + 8 * DAY + 10 * HOUR
"""When the story begins: nine clean days lie before it."""


class Log:
    """One log in the making."""

    def __init__(self) -> None:
        self.spool = Spool(1, frozenset(("example.org",)))
        self._number = 0

    def mail(
        self,
        at: float,
        *fates: Fate,
        client: str = HOME,
        device: Device = DESK,
        sender: str = ANN,
        to: str = "friend{}@firm.example.net",
        account: str = ANN,
    ) -> None:
        """One message of ann's or of somebody else's, a recipient for each fate."""
        recipients: list[tuple[str, Fate]] = []
        for fate in fates:
            self._number += 1
            recipients.append((to.format(self._number % 40), fate))
        self.spool.put(
            Mail(
                at=at,
                account=account,
                sender=account if sender == ANN else sender,
                client=client,
                device=device,
                recipients=tuple(recipients),
                subject="Hello",
            )
        )

    def life(
        self,
        *fates: Fate,
        client: str = HOME,
        device: Device = DESK,
        sender: str = ANN,
        account: str = ANN,
        days: int = 8,
    ) -> None:
        """A message every morning from Monday to the next Monday."""
        for day in range(8 - days, 8):
            at = START + day * DAY + 9 * HOUR
            self.mail(at, *(fates or ("ok",)), client=client, device=device, sender=sender, account=account)

    def guess(self, at: float, client: str) -> None:
        """One failed login."""
        self.spool.put(Failure(at, ANN, client, "WIN-SCAN"))

    def look(self, at: float, client: str, device: Device) -> None:
        """A login that sends nothing."""
        self.spool.put(Look(at, ANN, client, device))

    def text(self) -> str:
        """The whole log."""
        return "".join(f"{line}\n" for _, line in self.spool.told(float("inf")))


def many(number: int, fate: Fate) -> list[Fate]:
    """The same fate for so many recipients."""
    return [fate] * number


def far(number: int) -> str:
    """An address in a far network of its own."""
    return f"10.{100 + number}.7.{number + 1}"
