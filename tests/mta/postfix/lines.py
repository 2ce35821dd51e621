"""Lines of a Postfix log, short to write, and what a log of them means."""

from collections.abc import Iterable

from tests.mta.corpus import WRITTEN

from gatepost.core.events import AnyEvent, Cursor, Delivery, Submission
from gatepost.mta import DIALECTS
from gatepost.mta.thread import Thread

ANN = "sasl_method=PLAIN, sasl_username=ann@example.org"
MUA = "client.example.net[192.0.2.7]"
BEHIND = "delay=0.4, delays=0.1/0/0.2/0.1"
REMOTE = f"relay=mx.example.net[198.51.100.25]:25, {BEHIND}"
FILTER = f"relay=127.0.0.1[127.0.0.1]:10024, {BEHIND}"
OK = "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 9C1A22A26A)"
UNKNOWN = "dsn=5.1.1, status=bounced (host mx.example.net[198.51.100.25] said: 550 5.1.1 unknown)"
LATER = "dsn=4.4.1, status=deferred (connect to mx.example.net[198.51.100.25]:25: Connection timed out)"

A, B, C = "225C022A268", "4bXyZ12Kq7z1kLm", "225C022A26C"


class Log:
    """One host's log, read line by line through dialect and thread."""

    def __init__(self) -> None:
        self.dialect = DIALECTS["postfix"](reference=WRITTEN)
        self.thread = Thread("mx1")
        self.lines = 0

    def read(self, lines: Iterable[str]) -> list[AnyEvent]:
        """What some lines mean; each is "server: text" or "HH:MM:SS server: text", with a process id of its own."""
        found: list[AnyEvent] = []
        for line in lines:
            stamp, _, rest = line.partition(" ") if line[2] == ":" else ("10:00:00", "", line)
            server, _, text = rest.partition(": ")
            pid = server.partition("#")[2] or "1"
            whole = f"Mar  2 {stamp} mx1 postfix/{server.partition('#')[0]}[{pid}]: {text}"
            skimmed = self.dialect.skim(whole)
            if skimmed is None or not self.thread.skim(*skimmed):
                found += self.thread.feed(self.dialect.read(whole), Cursor("log", 0, 1000 * self.lines))
            self.lines += 1
        return found


def read(*lines: str) -> list[AnyEvent]:
    """What a whole log means."""
    return Log().read(lines)


def sent(found: Iterable[AnyEvent]) -> list[tuple[str, str, int | None]]:
    """Account, queue id and recipients of each submission."""
    return [(each.account, each.queue_id, each.recipients) for each in found if isinstance(each, Submission)]


def outcomes(found: Iterable[AnyEvent]) -> list[tuple[str, str, str, int]]:
    """Account, result, address and number of each outcome."""
    return [(each.account, each.result, each.address, each.count) for each in found if isinstance(each, Delivery)]


def opened(queue_id: str = A, who: str = ANN, client: str = MUA) -> str:
    """The client's line."""
    return f"smtpd: {queue_id}: client={client}{', ' if who else ''}{who}"


def queued(queue_id: str = A, recipients: int = 1, sender: str = "ann@example.org") -> str:
    """The queue manager's line."""
    return f"qmgr: {queue_id}: from=<{sender}>, size=1234, nrcpt={recipients} (queue active)"


def to(address: str, end: str, queue_id: str = A, relay: str = REMOTE, original: str = "") -> str:
    """A delivery agent's line."""
    return f"smtp: {queue_id}: to=<{address}>,{f' orig_to=<{original}>,' if original else ''} {relay}, {end}"


def handed(queue_id: str, child: str, address: str = "bob@example.net") -> str:
    """The line of a delivery to a filter."""
    return to(
        address, f"dsn=2.0.0, status=sent (250 2.0.0 from MTA: 250 2.0.0 Ok: queued as {child})", queue_id, FILTER
    )


def removed(queue_id: str = A) -> str:
    """The last line."""
    return f"qmgr: {queue_id}: removed"
