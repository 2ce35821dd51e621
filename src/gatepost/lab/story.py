"""The whole story: honest days, thefts, strangers, and trouble at receivers, in order."""

from collections.abc import Iterator, Sequence
from random import Random

from msgspec import Struct

from gatepost.core.errors import ConfigError
from gatepost.lab.mail import Arrival, Failure, Happening, Mail, Scan
from gatepost.lab.people import LOCAL, Person, address, populate
from gatepost.lab.profiles import honest_day
from gatepost.lab.receivers import trouble
from gatepost.lab.stealth import CAMPAIGN, LASTS, PEOPLE, SHAPES, VICTIMS, campaign
from gatepost.lab.truth import Recipe, Stolen
from gatepost.lab.world import DAY, World, real_world

CAMPAIGN_SIZE = 30
"""Accounts of one campaign; fewer when a hundredth of all accounts are fewer."""


class Robbery(Struct, frozen=True):
    """One theft and everything the thief does."""

    victim: Person
    shape: str
    happenings: tuple[Happening, ...]


class Story:
    """Everything that happens, day by day."""

    def __init__(self, recipe: Recipe) -> None:
        """Draw the people and the thefts.

        Raises:
            ConfigError: an unknown shape of theft, or too few accounts for the thefts.
        """
        self.recipe = recipe
        self.world = real_world()
        self.people = populate(self.world, recipe.seed, recipe.accounts, recipe.days)
        self._receivers = trouble(recipe.seed, recipe.days, recipe.start)
        self.robberies = tuple(_robberies(self.world, self.people, recipe))

    def days(self) -> Iterator[list[Happening]]:
        """What happens on each day, in order of time."""
        end = self.recipe.start + self.recipe.days * DAY
        thefts = sorted((one for robbery in self.robberies for one in robbery.happenings), key=lambda one: one.at)
        for day in range(self.recipe.days):
            first = self.recipe.start + day * DAY
            found = [one for one in thefts if first <= one.at < first + DAY]
            found += (one for person in self.people for one in self._honest(person, day, first))
            found += self._strangers(day, first)
            found = [self._receivers.judge(one) if isinstance(one, Mail) else one for one in found if one.at < end]
            yield sorted(found, key=lambda one: one.at)

    def thefts(self) -> Iterator[Stolen]:
        """What is true of each theft that sent something."""
        end = self.recipe.start + self.recipe.days * DAY
        for robbery in self.robberies:
            mails = [one for one in robbery.happenings if isinstance(one, Mail) and one.at < end]
            if mails:
                yield _stolen(robbery, mails)

    def _honest(self, person: Person, day: int, first: float) -> Iterator[Happening]:
        """One person's day, with what receivers think of it."""
        for one in honest_day(person, day, first, self.recipe.seed):
            yield self._receivers.dislike(one) if isinstance(one, Mail) else one

    def _strangers(self, day: int, first: float) -> Iterator[Happening]:
        """Mail that comes in, and what the Internet does all day: guesses and relay tests."""
        rng = Random(f"{self.recipe.seed}/world/{day}")
        for person in self.people:
            for _ in range(rng.randrange(0, 3)):
                at, sender = first + rng.uniform(0, DAY), address(rng, rng.randrange(10_000))
                yield Arrival(at, sender, person.account, f"Re: {rng.randrange(1000)}", rng.randrange(900, 40_000))
        for client in self.world.bots(rng, len(self.people) // 3 + 10):
            known = rng.random() < 0.3
            claimed = rng.choice(self.people).account if known else f"test{rng.randrange(99)}@{rng.choice(LOCAL)}"
            yield Failure(first + rng.uniform(0, DAY), claimed, client, "WIN-SCAN")
            if rng.random() < 0.3:
                yield Scan(first + rng.uniform(0, DAY), client, address(rng, 1))


def _robberies(world: World, people: Sequence[Person], recipe: Recipe) -> Iterator[Robbery]:
    rng = Random(f"{recipe.seed}/thefts")
    if unknown := sorted({*recipe.attacks} - {*SHAPES, CAMPAIGN}):
        raise ConfigError(
            f"no shape of theft is called {', '.join(unknown)}; there are {', '.join((*SHAPES, CAMPAIGN))}"
        )
    free = {person.account: person for person in people}
    for shape in (one for one in recipe.attacks for _ in range(1 if one == CAMPAIGN else recipe.each)):
        size = min(CAMPAIGN_SIZE, max(3, len(people) // 100)) if shape == CAMPAIGN else 1
        victims = _victims(free, shape, size, rng, recipe)
        if len(victims) < size:
            raise ConfigError(f"too few accounts for so many thefts: nobody is left for {shape}; take more accounts")
        at = _begin(shape, victims[0], recipe, rng)
        yield from _commit(world, shape, victims, at, Random(f"{recipe.seed}/{victims[0].account}/{shape}"))


def _victims(free: dict[str, Person], shape: str, size: int, rng: Random, recipe: Recipe) -> list[Person]:
    fit = [person for person in free.values() if person.profile in VICTIMS.get(shape, PEOPLE)]
    if shape == "during-travel":
        fit = [person for person in fit if recipe.clean <= person.turns + 1 < recipe.days - 1] or fit
    return [free.pop(person.account) for person in rng.sample(fit, min(size, len(fit)))]


def _begin(shape: str, victim: Person, recipe: Recipe, rng: Random) -> float:
    """After the clean days, early enough for the theft to happen; during a journey when the shape says so."""
    last = recipe.days - LASTS.get(shape, DAY / 2) / DAY
    first = min(recipe.clean, last)
    if shape == "during-travel" and first <= victim.turns + 1 < last:
        return recipe.start + (victim.turns + rng.uniform(1, min(5, last - victim.turns))) * DAY
    return recipe.start + rng.uniform(first, last) * DAY


def _commit(world: World, shape: str, victims: Sequence[Person], at: float, rng: Random) -> Iterator[Robbery]:
    if shape != CAMPAIGN:
        yield Robbery(victims[0], shape, tuple(SHAPES[shape](world, victims[0], at, rng)))
        return
    found = tuple(campaign(world, victims, at, rng))
    for victim in victims:
        yield Robbery(victim, shape, tuple(one for one in found if getattr(one, "account", "") == victim.account))


def _stolen(robbery: Robbery, mails: Sequence[Mail]) -> Stolen:
    acts = [one.at for one in robbery.happenings if not isinstance(one, Failure)]
    return Stolen(
        account=robbery.victim.account,
        profile=robbery.victim.profile,
        shape=robbery.shape,
        start=min(acts),
        end=max(mail.at for mail in mails),
        sent=tuple(sorted((round(mail.at, 3), len(mail.recipients)) for mail in mails)),
        clients=len({mail.client for mail in mails}),
    )
