"""What the doors say is what stands in the journal."""

import asyncio

from tests.act.book import Book, incident, order, target
from tests.act.carrier import Carrier

from gatepost.act.stance import Stance
from gatepost.core.evidence import Level
from gatepost.core.units import Account

ANN = Account("ann@example.org")
ALL = frozenset({"throttled", "held", "blocked"})


def test_the_strongest_order_that_stands_is_said() -> None:
    """Throttled, then blocked; a release ends both at once; others are not touched."""
    book = Book()
    stance = Stance(book, ALL)
    carrier = Carrier(stance, book)
    asyncio.run(carrier.stop("ben@example.org"))

    async def run() -> None:
        low, high = incident(peak=Level.THROTTLE), incident(peak=Level.BLOCK)
        await carrier.ensure(order(low, "throttled", 1), target(low, ANN))
        assert stance.of(ANN) == "throttled"
        await carrier.ensure(order(high, "blocked", 2), target(high, ANN))
        assert stance.of(ANN) == "blocked"
        await carrier.release(ANN, 1)
        assert stance.of(ANN) is None and stance.of(Account("ben@example.org")) == "blocked"

    asyncio.run(run())


def test_what_stands_is_known_after_a_restart() -> None:
    """The journal is the memory."""
    book = Book()
    asyncio.run(Carrier(Stance(book, ALL), book).stop(ANN))
    assert dict(Stance(book, ALL).all) == {ANN: "blocked"}
