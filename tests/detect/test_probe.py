"""A login without mail from a strange place makes what follows count earlier; alone it says nothing."""

import pytest
from msgspec.structs import replace
from tests.build import START, House, habits, login, submission

from gatepost.core.events import Submission
from gatepost.core.evidence import Level
from gatepost.core.facts import Observation
from gatepost.core.units import DAY
from gatepost.detect.probe import Probe

THEN = START + 10 * DAY
HOUR = 3600.0
SCRIPT, ELSEWHERE = "198.18.7.9", "198.19.7.9"


def strange(at: float, client: str = SCRIPT) -> Observation:
    """A login with an unknown program."""
    seen = login(at, client, ok=True)
    return Observation(seen.event, seen.origin, None, None, "bare/plain/login")


def mail(at: float, client: str = ELSEWHERE, *, size: int = 0, addresses: tuple[str, ...] = ()) -> Observation:
    """A message to one recipient by an unknown program."""
    return submission(at, client, 1, print_="bare/plain/login", size=size, addresses=addresses)


def points(house: House) -> float:
    """What the probe weighs."""
    proof = house.page().standing.get("probe")
    return proof.points if proof is not None else 0.0


def test_a_probe_speaks_at_the_next_strange_access_wherever_it_comes_from() -> None:
    """Hours later, from another network; and it is forgotten after three days."""
    for later, said in ((2 * HOUR, 14.0), (5 * DAY, 0.0)):
        house = House([Probe()])
        house.see(*habits(), strange(THEN + 4 * DAY), mail(THEN + 4 * DAY + later))
        assert points(house) == said


def test_a_login_that_sends_is_no_probe() -> None:
    """Where a server logs every login, its mail follows within ten minutes, as often as it logs in."""
    house = House([Probe()])
    house.see(*habits())
    for number in range(6):
        at = THEN + 4 * DAY + number * HOUR
        house.see(strange(at), mail(at + 60, SCRIPT))
    assert points(house) == 0.0


def test_a_probe_alone_is_below_watch() -> None:
    """Nobody hears of somebody who sets up a telephone."""
    house = House([Probe()])
    house.see(*habits(), *[strange(THEN + 4 * DAY + number * HOUR) for number in range(30)])
    assert house.page().level == Level.CLEAR
    assert points(house) == 14.0


@pytest.mark.parametrize(
    ("size", "to", "said"),
    [(549, "check@example.net", 10.0), (549, "friend@example.net", 0.0), (9000, "check@example.net", 0.0)],
)
def test_one_tiny_mail_to_a_stranger_is_a_probe(size: int, to: str, said: float) -> None:
    """Not a tiny mail to a friend, and no ordinary letter."""
    house = House([Probe()])
    friends = habits()
    event = friends[0].event
    assert isinstance(event, Submission)
    house.see(replace(friends[0], event=replace(event, addresses=("friend@example.net",))), *friends[1:])
    house.see(mail(THEN + 4 * DAY, size=size, addresses=(to,)))
    assert points(house) == said


def test_strangeness_needs_network_and_program() -> None:
    """The owner's program in a hotel, and a new program at home, try nothing."""
    house = House([Probe()])
    hotel = login(THEN + 4 * DAY, SCRIPT, ok=True)
    house.see(*habits(), hotel, submission(THEN + 4 * DAY + HOUR, SCRIPT))
    house.see(strange(THEN + 4 * DAY + 2 * HOUR, "192.0.2.10"), mail(THEN + 4 * DAY + 4 * HOUR, "192.0.2.10"))
    assert points(house) == 0.0
