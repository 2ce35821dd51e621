"""Six days of two to six messages an hour from 132 addresses: a pattern that no limit an hour or a day would see."""

from collections.abc import Iterator
from random import Random

import pytest
from tests.build import ANN, START, House, delivered, failure, habits, submission

from gatepost.core.evidence import Level
from gatepost.core.facts import BounceClass
from gatepost.core.units import DAY

ADDRESSES, HOURS = 132, 6 * 24
THEN = START + 14 * DAY


def messages(seed: int) -> Iterator[tuple[float, str, int]]:
    """When each is handed in, from where, and to how many."""
    chance = Random(seed)
    clients = [
        f"{chance.randint(2, 99)}.{n}.{chance.randint(0, 255)}.{chance.randint(1, 254)}" for n in range(ADDRESSES)
    ]
    for hour in range(HOURS):
        for at in sorted(chance.uniform(0, 3600) for _ in range(chance.randint(2, 6))):
            yield THEN + hour * 3600 + at, chance.choice(clients), chance.choice((1, 1, 2, 3))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("program", "dead"), [("bare/plain/login", 1 / 7), ("fqdn/tls/plain", 0.0)])
def test_a_low_and_slow_botnet_is_stopped_within_twelve_messages(program: str, dead: float, seed: int) -> None:
    """With a program and a list of its own, or with the owner's program and without a single dead recipient."""
    house, chance, sent = House(), Random(seed), 0
    house.see(*habits(14))
    for at, client, recipients in messages(seed):
        names = tuple(f"lead{sent}.{n}@firm{chance.randint(0, 400)}.example.com" for n in range(recipients))
        sent += 1
        house.see(submission(at, client, recipients, print_=program, addresses=names))
        for to in names:
            gone = chance.random() < dead
            house.see(failure(at + 2, BounceClass.INVALID_RECIPIENT, client, to=to) if gone else delivered(at + 2))
        if house.page(ANN).level >= Level.HOLD:
            break
    assert sent <= 12
