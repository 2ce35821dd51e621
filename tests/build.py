"""Observations and accounts for tests, built with a few words."""

from collections.abc import Iterable, Sequence
from itertools import count

from gatepost.core.events import AnyEvent, Cursor, Delivery, Instruction, Login, Own, Submission, Tick
from gatepost.core.facts import BounceClass, Observation, Origin, SenderFacts
from gatepost.core.units import DAY, Account, Instant, Subject, account_subject
from gatepost.detect import BUILT_IN
from gatepost.detect.base import Detector
from gatepost.engine import Engine, Outcome, Pages
from gatepost.judge.docket import Change
from gatepost.ledger.page import Page
from gatepost.ledger.site import Site

START = 1_772_323_200.0
"""2026-03-01T00:00:00Z."""

ANN = Account("ann@example.org")
HOME = "192.0.2.10"
_serial = count(1)


def cursor(source: str = "mx1:mainlog") -> Cursor:
    """The next place in a log."""
    return Cursor(source, 0, 100 * next(_serial))


def origin(client: str) -> Origin:
    """The origin of an address without tables."""
    a, b, c, _ = client.split(".")
    return Origin(f"net:{a}.{b}.0.0/16", "unknown", f"{a}.{b}.{c}.0/24")


def submission(at: float, client: str = HOME, recipients: int = 1, **more: object) -> Observation:
    """One accepted message."""
    account = Account(str(more.pop("account", ANN)))
    sender = str(more.pop("sender", account))
    program = str(more.pop("print_", "fqdn/tls/plain"))
    domain = sender.rpartition("@")[2]
    permitted = domain == account.rpartition("@")[2] or not sender
    event = Submission(
        at=Instant(at),
        account=account,
        host="mx1",
        cursor=cursor(),
        client=client,
        queue_id=f"q{next(_serial)}",
        envelope_sender=sender,
        recipients=recipients,
        spelling=account,
        **more,  # type: ignore[arg-type]
    )
    return Observation(event, origin(client), SenderFacts(permitted, permitted, domain), None, program)


def failure(
    at: float, cause: BounceClass, client: str = HOME, account: Account = ANN, count: int = 1, to: str = "x@example.net"
) -> Observation:
    """One failed recipient."""
    event = Delivery(
        at=Instant(at), account=account, host="mx1", cursor=cursor(), queue_id="q", address=to,
        result="bounced", count=count, client=client,
    )  # fmt: skip
    return Observation(event, origin(client), None, cause, "fqdn/tls/plain")


def delivered(at: float, number: int = 1, account: Account = ANN) -> Observation:
    """Delivered recipients."""
    event = Delivery(
        at=Instant(at), account=account, host="mx1", cursor=cursor(), queue_id="q", address="", result="delivered",
        count=number,
    )  # fmt: skip
    return Observation(event)


def login(at: float, client: str, ok: bool, account: Account = ANN) -> Observation:
    """One login."""
    event = Login(at=Instant(at), account=account, host="mx1", cursor=cursor(), client=client, ok=ok)
    return Observation(event, origin(client), None, None, "fqdn/tls/plain")


def own(at: float, account: Account = ANN, kept: int = 0) -> Observation:
    """Something gatepost refused, or an access rule kept after it was told as accepted."""
    return Observation(Own(at=Instant(at), account=account, host="mx1", cursor=cursor(), kept=kept))


def tick(at: float, account: Account = ANN) -> Observation:
    """Time passes."""
    return Observation(Tick(at=Instant(at), account=account, host="", cursor=cursor("clock")))


def told(at: float, verb: str, account: Account = ANN, **more: object) -> Observation:
    """The operator speaks."""
    event = Instruction(
        at=Instant(at), account=account, host="", cursor=cursor("operator"), verb=verb, by="root", **more  # type: ignore[arg-type]
    )  # fmt: skip
    return Observation(event)


def habits(days: int = 14, start: float = START, a_day: int = 6, account: Account = ANN) -> list[Observation]:
    """An ordinary account: so many mails a day from home."""
    found: list[Observation] = []
    for day in range(days):
        for number in range(a_day):
            at = start + day * DAY + 8 * 3600 + number * 3600
            found += [submission(at, account=account), delivered(at + 2, account=account)]
    return found


def theft(at: float, messages: int = 20, networks: int = 20, bad: float = 0.3, each: int = 10) -> list[Observation]:
    """A botnet: so many messages with so many recipients each, one every quarter of a second."""
    found: list[Observation] = []
    for number in range(messages):
        client = f"198.{18 + number % networks}.7.9"
        moment = at + number / 4
        found.append(submission(moment, client, each, print_="bare/plain/login"))
        found += [failure(moment + 1, BounceClass.INVALID_RECIPIENT, client) for _ in range(round(bad * each))]
        found.append(delivered(moment + 1, each - round(bad * each)))
    return sorted(found, key=lambda seen: seen.event.at)


class House:
    """An engine with its pages, without any I/O."""

    def __init__(self, detectors: Sequence[Detector] | None = None, **options: object) -> None:
        chosen = detectors if detectors is not None else [kind() for kind in BUILT_IN]
        self.engine = Engine(chosen, **options)  # type: ignore[arg-type]
        self.site = Site()
        self.pages: dict[Account, Page] = {}
        self.places: dict[Subject, Page] = {}
        self.changes: list[Change] = []

    def page(self, account: Account = ANN) -> Page:
        """The page of an account."""
        return self.pages.setdefault(account, Page(subject=account_subject(account)))

    def place(self, subject: Subject) -> Page:
        """The page of a place that accounts share."""
        return self.places.setdefault(subject, Page(subject=subject))

    def see(self, *seen: Observation) -> Outcome:
        """Observe in order; the outcome of the last."""
        outcome = Outcome()
        for one in seen:
            page = self.page(one.event.account)
            outcome = self.engine.observe(one, Pages(self.site, page, self.place, self.places.get))
            self.changes += outcome.changes
        return outcome

    def levels(self) -> list[str]:
        """Every change of level so far."""
        return [change.level.word for change in self.changes]


def in_order(*parts: Iterable[Observation]) -> list[Observation]:
    """Several streams as one, by event time."""
    return sorted((seen for part in parts for seen in part), key=lambda seen: seen.event.at)


def events(seen: Iterable[Observation]) -> list[AnyEvent]:
    """The events of observations."""
    return [one.event for one in seen]
