"""An event together with what we know about it."""

import pytest
from tests.build import HOME, delivered, events, failure, login, submission

from gatepost.core.events import Delivery, Recipient
from gatepost.core.facts import BounceClass
from gatepost.core.units import Account, Instant
from gatepost.enrich.network import Networks
from gatepost.enrich.observe import Observer, client_print
from gatepost.enrich.senders import Senders


def observer() -> Observer:
    """Look-ups without tables."""
    return Observer(Networks(), Senders(("example.org",)))


@pytest.mark.parametrize(
    ("helo", "tls", "mechanism", "expected"),
    [
        ("desk.example.org", True, "PLAIN", "fqdn/tls/plain"),
        ("[192.0.2.1]", True, "login", "literal/tls/login"),
        ("localhost", False, "login", "bare/plain/login"),
        ("", True, "plain", "none/tls/plain"),
        ("", True, "", ""),
    ],
)
def test_a_print_is_a_class_never_an_exact_match(helo: str, tls: bool, mechanism: str, expected: str) -> None:
    """Greeting by its kind, encryption, mechanism; nothing known is no print."""
    assert client_print(helo, tls, mechanism) == expected


def test_what_is_known_of_each_kind_of_event() -> None:
    """Submissions have origin and sender, logins an origin, failures a cause, delivered mail nothing."""
    sent, failed, came, good = (
        observer().observe(event)
        for event in events(
            [submission(1.0), failure(2.0, BounceClass.UNKNOWN), login(3.0, HOME, ok=True), delivered(4.0)]
        )
    )
    assert sent.origin is not None and sent.sender is not None and sent.bounce is None
    assert failed.origin is not None and failed.bounce == BounceClass.UNKNOWN
    assert came.origin is not None and came.sender is None
    assert good.origin is None and good.sender is None and good.bounce is None


def test_a_refusal_as_not_existing_is_told_from_its_reply() -> None:
    """The cause comes from code and words of the reply."""
    event = events([failure(1.0, BounceClass.UNKNOWN)])[0]
    assert isinstance(event, Delivery)
    dead = Delivery(
        at=event.at, account=event.account, host="mx1", cursor=event.cursor, queue_id="q", address="x@example.net",
        result="refused", status="5.1.1", reply="550 5.1.1 user unknown",
    )  # fmt: skip
    assert observer().observe(dead).bounce == BounceClass.INVALID_RECIPIENT


def test_an_attempt_has_origin_and_sender() -> None:
    """What a door asks about is known like what a log states."""
    event = Recipient(
        at=Instant(1.0), account=Account("ann@example.org"), host="mx1", cursor=events([delivered(1.0)])[0].cursor,
        client=HOME, envelope_sender="x@example.net", address="y@example.com",
    )  # fmt: skip
    seen = observer().observe(event)
    assert seen.origin is not None
    assert seen.sender is not None and not seen.sender.permitted
