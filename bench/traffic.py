"""Writes a log of made traffic, Exim's or Postfix's, and the truth about it.

Deterministic: the same arguments give the same bytes. Days begin on a Monday, so that weekends are weekends.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from random import Random
from typing import Literal, TextIO

import msgspec
from msgspec import Struct

from bench.habits import DAY, HOUR, honest_day
from bench.mail import Happening, Noise
from bench.networks import ELSEWHERE
from bench.people import Person, populate
from bench.postfix import PostfixSpool
from bench.spool import Spool
from bench.thefts import LASTS, SHAPES
from gatepost.lab.mail import Arrival, Failure, Mail
from gatepost.lab.people import LOCAL, address

Server = Literal["exim", "postfix"]

START = 1_772_409_600.0
"""2026-03-02T00:00:00Z, a Monday."""

VICTIMS = ("light", "heavy", "phone", "devices", "club")
"""Profiles that are robbed: people with a steady life before."""


class Stolen(Struct, frozen=True):
    """One theft: what gatepost should find."""

    account: str
    profile: str
    shape: str
    start: float
    """The thief's first message."""
    end: float
    messages: int
    recipients: int
    networks: int
    """Different /16 networks the thief came from."""
    sent: tuple[tuple[float, int], ...] = ()
    """Instant and recipients of each of his messages."""


class Truth(Struct, frozen=True):
    """What is true of a made log."""

    seed: int
    accounts: Mapping[str, str]
    """Every honest or robbed account with its profile."""
    thefts: tuple[Stolen, ...]
    lines: int
    kinds: Mapping[str, int]
    """Lines by kind."""
    local: tuple[str, ...] = LOCAL

    @property
    def stolen(self) -> frozenset[str]:
        """The accounts that were robbed."""
        return frozenset(theft.account for theft in self.thefts)


def write(
    out: TextIO,
    *,
    seed: int,
    accounts: int | Mapping[str, int],
    days: int,
    start: float = START,
    attacks: Sequence[str] = (),
    lines: int | None = None,
    lists: int = 0,
    messages: int | None = None,
    noise: float = 1.0,
    connections: bool = False,
    short_ids: bool = False,
    server: Server = "exim",
) -> Truth:
    """Write a log.

    Args:
        out: where the lines go.
        seed: of all chance.
        accounts: honest accounts, the victims among them: how many, or how many of each profile.
        days: whole days of traffic.
        start: first instant, a midnight UTC.
        attacks: the shape of each theft (see `thefts.SHAPES`); each has a victim of its own.
        lines: stop after exactly so many lines, going on beyond `days` when they are too few.
        lists: so many servers of mailing lists on top of the accounts; one for every 25 accounts makes about 60 % of
            the lines deliveries.
        messages: no thief sends more than this.
        noise: factor on incoming mail and on what strangers try.
        connections: also write the lines of `+smtp_connection`.
        short_ids: ids as Exim up to 4.96 writes them.
        server: whose log it is; the same things happen.

    Returns:
        The truth about what was written.

    Raises:
        ValueError: an unknown shape, or more thefts than accounts that can be robbed.
    """
    people = populate(seed, accounts, days, lists)
    thefts = [
        (victim, shape, _first(happenings, messages))
        for victim, shape, happenings in _thefts(people, attacks, seed, days, start)
    ]
    made = PostfixSpool if server == "postfix" else Spool
    spool = made(seed, frozenset(LOCAL), connections=connections, short_ids=short_ids)
    for happening in chain.from_iterable(happenings for _, _, happenings in thefts):
        spool.note(happening)
    kinds: Counter[str] = Counter()
    for ready in _days(spool, people, seed, days, start, noise, endless=lines is not None):
        room = len(ready) if lines is None else lines - kinds.total()
        out.writelines(f"{text}\n" for _, text in ready[:room])
        kinds.update(kind for kind, _ in ready[:room])
        if kinds.total() == lines:
            break
    found = tuple(_stolen(victim, shape, happenings) for victim, shape, happenings in thefts)
    return Truth(seed, {person.account: person.profile for person in people}, found, kinds.total(), dict(kinds))


def save(truth: Truth) -> bytes:
    """The truth as JSON, one key a line."""
    return msgspec.json.format(msgspec.json.encode(truth), indent=1) + b"\n"


def load(data: bytes) -> Truth:
    """JSON as truth."""
    return msgspec.json.decode(data, type=Truth)


def _days(
    spool: Spool, people: Sequence[Person], seed: int, days: int, start: float, noise: float, *, endless: bool
) -> Iterator[list[tuple[str, str]]]:
    """The lines of each day."""
    day = 0
    while day < days or endless:
        first = start + day * DAY
        for happening in _day(people, day, first, seed, noise):
            spool.note(happening)
        yield spool.told(first + DAY)
        day += 1
    yield spool.told(float("inf"))


def _day(people: Sequence[Person], day: int, first: float, seed: int, noise: float) -> Iterator[Happening]:
    rng = Random(f"{seed}/world/{day}")
    for person in people:
        yield from honest_day(person, day, first, seed)
        for _ in range(int(rng.randrange(0, 5) * noise + 0.5)):
            subject = f"Re: {rng.randrange(1000)}"
            at = first + rng.uniform(0, DAY)
            yield Arrival(at, address(rng, rng.randrange(10_000)), person.account, subject, rng.randrange(900, 40_000))
    yield from _strangers(people, first, rng, noise)


def _strangers(people: Sequence[Person], first: float, rng: Random, noise: float) -> Iterator[Happening]:
    """What the Internet does all day: guesses, open-relay tests, scans; and the daemon's own lines."""
    for _ in range(int((len(people) // 2 + 10) * noise)):
        claimed = rng.choice(people).account if rng.random() < 0.3 else f"test{rng.randrange(99)}@{rng.choice(LOCAL)}"
        client = f"{rng.choice(ELSEWHERE)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"
        at = first + rng.uniform(0, DAY)
        yield Failure(at, claimed, client, "WIN-SCAN")
        where = f"H=(mail.example.com) [{client}]:{rng.randrange(2000, 60000)}"
        text = f"F=<spam@example.com> rejected RCPT <nobody{rng.randrange(99)}@example.org>: Unrouteable address"
        yield Noise(first + rng.uniform(0, DAY), f"{where} {text}")
        text = f"no host name found for IP address {client}"
        yield Noise(first + rng.uniform(0, DAY), text)
    for hour in range(24):
        yield Noise(first + hour * HOUR + 17, f"Start queue run: pid={4000 + hour}")
        yield Noise(first + hour * HOUR + 17.5, f"End queue run: pid={4000 + hour}")


def _thefts(
    people: Sequence[Person], attacks: Sequence[str], seed: int, days: int, start: float
) -> Iterator[tuple[Person, str, list[Happening]]]:
    rng = Random(f"{seed}/thefts")
    free = [person for person in people if person.profile in VICTIMS]
    if len(free) < len(attacks) or not set(attacks) <= set(SHAPES):
        msg = f"{len(attacks)} thefts of {len(free)} accounts; there are these shapes: {', '.join(SHAPES)}"
        raise ValueError(msg)
    for shape, victim in zip(attacks, rng.sample(free, len(attacks)), strict=True):
        room = max(0.0, days - LASTS.get(shape, 1.0))
        first = rng.uniform(min(room, max(room * 0.6, 7.0)), room)
        at = start + int(first) * DAY + rng.uniform(1 * HOUR, 23 * HOUR)
        yield victim, shape, [*SHAPES[shape](victim, at, Random(f"{seed}/{victim.account}/{shape}"))]


def _first(happenings: list[Happening], messages: int | None) -> list[Happening]:
    """What happens until a thief has sent so many messages."""
    happenings.sort(key=lambda one: one.at)
    sent = [place for place, one in enumerate(happenings) if isinstance(one, Mail)]
    return happenings if messages is None or len(sent) <= messages else happenings[: sent[messages]]


def _stolen(victim: Person, shape: str, happenings: Sequence[Happening]) -> Stolen:
    mails = [one for one in happenings if isinstance(one, Mail)]
    sent = tuple((round(mail.at, 3), len(mail.recipients)) for mail in mails)
    return Stolen(
        account=victim.account,
        profile=victim.profile,
        shape=shape,
        start=sent[0][0],
        end=sent[-1][0],
        messages=len(sent),
        recipients=sum(number for _, number in sent),
        networks=len({".".join(mail.client.split(".")[:2]) for mail in mails}),
        sent=sent,
    )
