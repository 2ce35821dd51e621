"""Stories: the same from the same seed, in order, and true."""

from collections import Counter
from functools import cache
from random import Random

import pytest
from msgspec.structs import replace

from gatepost.core.errors import ConfigError
from gatepost.lab.bulk import form
from gatepost.lab.mail import Device, Failure, Fate, Happening, Mail
from gatepost.lab.people import BIG, SHARES
from gatepost.lab.profiles import HABITS
from gatepost.lab.receivers import MANY, Receivers
from gatepost.lab.stealth import CAMPAIGN, SHAPES
from gatepost.lab.story import Story
from gatepost.lab.truth import Recipe, load, save
from gatepost.lab.truth import Truth as Made
from gatepost.lab.world import WEBMAIL, real_world

RECIPE = Recipe(seed=3, accounts=200, days=4, clean=2, attacks=(*SHAPES, CAMPAIGN), each=1)


@cache
def told(recipe: Recipe = RECIPE) -> tuple[Story, list[list[Happening]]]:
    """A story and all its days."""
    story = Story(recipe)
    return story, list(story.days())


def test_the_same_recipe_gives_the_same_story_and_another_seed_another() -> None:
    """A recipe is the only source of chance."""
    assert list(Story(RECIPE).days()) == told()[1]
    assert told()[1] != told(replace(RECIPE, seed=4))[1]


def test_an_honest_day_is_the_same_with_and_without_thieves() -> None:
    """Thieves change nothing in what honest people do, so that both kinds of log can be compared."""
    story, days = told()
    robbed = {robbery.victim.account for robbery in story.robberies}
    calm = told(replace(RECIPE, attacks=()))[1]

    def honest(found: list[list[Happening]]) -> list[Mail]:
        return [one for day in found for one in day if isinstance(one, Mail) and one.account not in robbed]

    assert honest(days) == honest(calm)


def test_days_are_in_order_and_hold_nothing_of_other_days() -> None:
    """What happens is told in order of time, on its day."""
    for number, day in enumerate(told()[1]):
        times = [one.at for one in day]
        first = RECIPE.start + number * 86400
        assert times == sorted(times)
        assert first <= times[0]
        if number + 1 < RECIPE.days:
            assert times[-1] < first + 2 * 86400


def test_every_shape_is_committed_after_the_clean_days() -> None:
    """Each shape has its thefts, each on an account of its own, none before the clean days are over."""
    story, _ = told()
    thefts = list(story.thefts())
    counts = Counter(theft.shape for theft in thefts)
    assert {*counts} == {*SHAPES, CAMPAIGN}
    assert counts[CAMPAIGN] == 3
    assert len({theft.account for theft in thefts}) == len(thefts)
    assert min(theft.start for theft in thefts) >= RECIPE.start + 1 * 86400


def test_the_truth_of_a_theft_is_what_the_story_tells() -> None:
    """Messages and recipients of each theft are those of mail the victim did not write."""
    story, days = told()
    calm = {
        (one.at, one.account)
        for day in told(replace(RECIPE, attacks=()))[1]
        for one in day
        if isinstance(one, Mail)
    }  # fmt: skip
    theirs = Counter(
        one.account for day in days for one in day if isinstance(one, Mail) and (one.at, one.account) not in calm
    )
    assert theirs == {theft.account: len(theft.sent) for theft in story.thefts()}


@pytest.mark.parametrize("profile", SHARES)
def test_every_profile_does_something(profile: str) -> None:
    """No profile is a name without a life."""
    story = Story(Recipe(seed=8, accounts=len(SHARES), days=9))
    person = next(one for one in story.people if one.profile == profile)
    acts = [one for day in story.days() for one in day if getattr(one, "account", "") == person.account]
    assert acts or profile == "rare"
    assert profile in HABITS


def test_what_a_bot_writes_into_a_form_is_spam_to_a_few() -> None:
    """On one day hundreds of letters to one stranger each: half of them dead, at most some three in a hundred spam."""
    person = next(one for one in Story(Recipe(seed=8, accounts=len(SHARES), days=9)).people if one.profile == "form")
    found: Counter[Fate] = Counter()
    for seed in range(20):
        flood = [one for one in form(person, person.turns, 0.0, Random(seed)) if isinstance(one, Mail)]
        fates = Counter(fate for one in flood for _, fate in one.recipients if len(flood) > 300)
        assert fates["spam"] <= 0.035 * fates.total()
        found += fates
    assert found["spam"] and 0.4 <= found["dead"] / found.total() <= 0.5


def test_strangers_never_log_in() -> None:
    """What the Internet does all day are failures; only owners and thieves send."""
    story, days = told()
    known = {person.account for person in story.people}
    assert {one.account for day in days for one in day if isinstance(one, Mail)} <= known
    assert any(isinstance(one, Failure) and one.claimed not in known for day in days for one in day)


def test_a_theft_through_web_mail_comes_from_the_web_mail() -> None:
    """The server sees only our own address."""
    story, _ = told()
    robbery = next(one for one in story.robberies if one.shape == "webmail")
    assert {one.client for one in robbery.happenings if isinstance(one, Mail)} == {WEBMAIL}


def test_places_give_addresses_of_their_provider() -> None:
    """A phone's addresses are all announced by its carrier, and are many; an office has one."""
    world = real_world()
    phone, office = world.place("p", 21928, 300, 6, 10), world.place("o", 3320, 10**9)
    assert len({phone.client(at) for at in range(0, 86400, 300)}) > 100
    assert len({office.client(at) for at in range(0, 86400, 300)}) == 1


def test_one_receiver_takes_letters_of_some_to_many_for_spam() -> None:
    """About every tenth account's, all that would have arrived at one receiver; letters to few arrive."""
    receivers, disliked = Receivers((), seed=3), 0
    for number in range(300):
        to: tuple[tuple[str, Fate], ...] = tuple((f"r{n}@{BIG[n % len(BIG)]}", "ok") for n in range(MANY))
        letter = Mail(
            at=0, account=f"a{number}@example.org", sender="", client="192.0.2.1", device=Device("desk", "", ""),
            recipients=to, subject="News",
        )  # fmt: skip
        found = receivers.dislike(letter)
        houses = {one.rpartition("@")[2] for one, fate in found.recipients if fate == "spam"}
        assert len(houses) <= 1 and sum(fate == "spam" for _, fate in found.recipients) in (0, MANY // len(BIG))
        assert receivers.dislike(replace(letter, recipients=to[:-1])).recipients == to[:-1]
        disliked += len(houses)
    assert 15 <= disliked <= 50


def test_an_unknown_shape_and_too_few_accounts_are_said() -> None:
    """A recipe that cannot be told names what is wrong and what there is."""
    with pytest.raises(ConfigError, match="no shape of theft is called magic; there are blast"):
        Story(Recipe(accounts=50, days=3, attacks=("magic",)))
    with pytest.raises(ConfigError, match="take more accounts"):
        Story(Recipe(accounts=10, days=3, attacks=("phish",), each=50))


def test_the_truth_survives_its_file() -> None:
    """Written and read, a truth is the same."""
    story, _ = told()
    accounts = {person.account: person.profile for person in story.people}
    truth = Made(recipe=RECIPE, accounts=accounts, thefts=tuple(story.thefts()), lines=5)
    assert load(save(truth), "truth.json") == truth
