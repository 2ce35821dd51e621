"""Mail to strangers that receivers call spam: from the owner's own place, from elsewhere, and on a first day."""

from itertools import count

import pytest
from msgspec.structs import replace
from tests.build import HOME, START, House, delivered, failure, habits, submission

from gatepost.core.facts import BounceClass
from gatepost.core.units import DAY
from gatepost.detect.takeover import Takeover

THEN = START + 14 * DAY + 6 * 3600
FAR, SCRIPT, DESK = "198.18.7.9", "bare/plain/login", "fqdn/tls/plain"
_lead = count(1)


def letters(
    house: House,
    at: float,
    messages: int,
    spam: int,
    each: int = 5,
    client: str = HOME,
    program: str = DESK,
    receivers: int = 9,
    dead: int = 0,
    gap: float = 60.0,
) -> float:
    """So many letters to strangers, so many refusals as spam, so many dead addresses in each; the points."""
    for number in range(messages):
        begun, bad = at + gap * number, spam * (number + 1) // messages - spam * number // messages
        names = tuple(f"lead{next(_lead)}@example.com" for _ in range(each))
        house.see(submission(begun, client, each, print_=program, addresses=names))
        for n in range(bad):
            to = f"x@firm{(number + n) % receivers}.example.com"
            house.see(replace(failure(begun + 1, BounceClass.SPAM_CONTENT, client, to=to), print=program))
        for _ in range(dead):
            house.see(replace(failure(begun + 1, BounceClass.INVALID_RECIPIENT, client), print=program))
        house.see(delivered(begun + 2, each - bad - dead))
    proof = house.page().standing.get("takeover")
    return proof.points if proof is not None else 0.0


def owner(strangers: int = 0, each: int = 5) -> House:
    """Somebody who writes from home, every day to so many people for the first time."""
    house = House([Takeover()])
    for day in range(14):
        house.see(*habits(1, START + day * DAY))
        letters(house, START + day * DAY + 15 * 3600, strangers // each, 0, each=each)
    return house


def test_strangers_who_call_it_spam_hold_alone() -> None:
    """Sixty of them from home, five a letter, five refusals."""
    house = owner()
    assert letters(house, THEN, 12, 5) >= 60
    assert "hold" in house.levels()


@pytest.mark.parametrize(("client", "program"), [(HOME, DESK), (FAR, SCRIPT)])
def test_who_does_not_exist_has_no_opinion(client: str, program: str) -> None:
    """A dirty list says as much as the same list without its dead addresses: they never saw the letter."""
    clean = letters(owner(), THEN, 12, 5, client=client, program=program)
    dirty = letters(owner(), THEN, 12, 5, each=7, dead=2, client=client, program=program)
    assert clean == dirty > 0


def test_one_a_letter_may_be_a_form_that_a_bot_fills() -> None:
    """As many strangers and refusals, and nothing is said: who fills it needs no password."""
    assert letters(owner(), THEN, 60, 5, each=1) == 0.0


def test_refusals_of_a_usual_day_are_the_owners() -> None:
    """Sixty strangers every day: five of them say nothing at home, and much through a place without habit."""
    assert letters(owner(60), THEN, 12, 5) == 0.0
    assert letters(owner(60), THEN, 12, 5, client=FAR, program=SCRIPT) >= 60


def shop() -> House:
    """A shop that writes to sixty strangers every day, one a letter."""
    return owner(60, each=1)


def test_a_shop_that_writes_to_several_at_once_is_not_itself() -> None:
    """Its day's strangers are no measure of letters to five, of which it has none; of further orders they are."""
    assert letters(shop(), THEN, 10, 6) >= 60
    assert letters(shop(), THEN, 10, 6, gap=900.0) == 0.0
    assert letters(shop(), THEN, 50, 6, each=1) == 0.0


def test_one_receiver_alone_says_nothing() -> None:
    """A club's letter is spam to the provider of a third of its members, and to nobody else."""
    assert letters(owner(), THEN, 12, 20, receivers=1) == 0.0


def test_a_few_letters_on_the_road_are_not_enough() -> None:
    """Ten recipients through a strange place, three refusals: too few strangers to be a list; twenty are one."""
    assert letters(owner(), THEN, 2, 3, client=FAR, program=SCRIPT) == 0.0
    assert letters(owner(), THEN, 4, 4, client=FAR, program=SCRIPT) >= 60


def test_a_form_is_filled_where_the_site_is() -> None:
    """One stranger a letter from elsewhere: no stranger brings that about."""
    assert letters(owner(), THEN, 60, 5, each=1, client=FAR, program=SCRIPT) >= 60


def test_more_than_a_usual_day_within_an_hour_need_not_be_two() -> None:
    """Some sixty strangers every day, then ninety: within an hour it says much, over five hours nothing."""
    evening = THEN + 11 * 3600
    assert letters(owner(60), evening, 18, 8) >= 60
    assert letters(owner(60), evening, 18, 8, gap=900.0) == 0.0


@pytest.mark.parametrize(("receivers", "least"), [(2, 0.0), (3, 60.0)])
def test_three_refusals_are_enough_when_three_receivers_refuse(receivers: int, least: float) -> None:
    """Thirty-five strangers; of two receivers one refuses twice, and has its opinion."""
    points = letters(owner(), THEN, 7, 3, receivers=receivers)
    assert points >= least and bool(points) == bool(least)


def test_a_first_day_needs_twice_as_much() -> None:
    """Five refusals of sixty say less of an account that nobody knows; ten say enough."""
    assert 0 < letters(House([Takeover()]), START, 12, 5) < 60
    assert letters(House([Takeover()]), START, 12, 10) >= 60


def test_a_good_list_needs_a_second_witness() -> None:
    """Two in a hundred refused as spam: throttled at most."""
    house = owner()
    assert 25 <= letters(house, THEN, 80, 8) <= 35
    assert "hold" not in house.levels()


@pytest.mark.parametrize("shares", [(0.0, 0.02, 0.05), (0.02, 0.02, 0.05), (0.004, 0.05, 0.05), (0.004, 0.02, 1.0)])
def test_shares_stand_in_order(shares: tuple[float, float, float]) -> None:
    """Honest below careful below thief."""
    with pytest.raises(ValueError, match="shares"):
        Takeover(honest=shares[0], careful=shares[1], thief=shares[2])
