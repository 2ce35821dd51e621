"""A thousand accounts to stop at once: the breaker works, order is kept, people get few messages (contracts 19)."""

import asyncio
import re
from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.act.book import proof
from tests.runtime.scene import LETTERS, NIGHT, Counter, Fixed, Machine, World, configured

from gatepost.act.post import DIGESTS, HOUR, MAX_PER_HOUR, Post
from gatepost.act.tidings import News, Teller
from gatepost.core.evidence import Level, Verdict
from gatepost.core.units import Account, Instant, account_subject
from gatepost.judge import docket

MANY = 1000
STREAM = 400


class Ear:
    """Hears news."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def say(self, news: News) -> str:
        """One more."""
        self.heard.append(news.incident.account)
        return "heard"


class Storm:
    """A machine, a world, a program that listens, and the letters that people get."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.letters: list[tuple[float, EmailMessage]] = []
        self.clock, self.world, self.ear = Fixed(), World(), Ear()
        monkeypatch.setattr(Post, "send", self._taker())
        self.machine = Machine(configured(folder, more=LETTERS.format(port=25)), self.clock)
        self.machine.store._db.execute("PRAGMA synchronous = OFF")
        house = self.machine.house
        notify = next(action for name, action in house.actions.items() if name.startswith("notify"))
        hook = Teller("hook:x", self.ear, self.machine.store, frozenset({"block"}))
        house.actions = {action.name: action for action in (Counter(self.world), notify, hook)}
        self.machine.carrier.renew()

    def _taker(self) -> object:
        async def send(post: Post, mail: EmailMessage, to: Sequence[str]) -> str:
            post.budget.spend()
            self.letters.append((self.clock.at, mail))
            return "told"

        return send

    def rob(self, accounts: Sequence[str]) -> None:
        """Each of them is at block."""
        changes = []
        for name in accounts:
            account, at = Account(name), Instant(self.clock.at)
            page = self.machine.house.pipeline.shelf.page(account_subject(account))
            verdict = Verdict(
                account=account, at=at, score=95.0, level=Level.BLOCK, because=(replace(proof(), since=at),)
            )
            change = docket.enter(page, verdict)
            assert change is not None and change.incident is not None
            self.machine.house.pipeline.incidents[change.incident.key] = change.incident
            changes.append(change)
        self.machine.house.settle(changes)

    def turn(self) -> float:
        """Every worker once, measures first; the seconds until one has something to do."""
        carrier = self.machine.carrier

        async def run() -> list[float]:
            return [await carrier._turn(name) for name in self.machine.house.actions]

        return min(asyncio.run(run()))


@pytest.fixture
def storm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Storm:
    """Nothing has happened yet."""
    return Storm(tmp_path, monkeypatch)


def test_a_thousand_at_once_are_stopped_in_order_and_told_in_one_letter(storm: Storm) -> None:
    """Ten are blocked and the others held, first come first served; programs hear of each, people read one digest."""
    names = [f"u{number:04d}@example.org" for number in range(MANY)]
    storm.rob(names)
    storm.turn()
    assert storm.world.effects == [f"stop {name}#1" for name in names]
    assert storm.world.asked[:11] == [f"{name}#1/blocked/1" for name in names[:10]] + [f"{names[10]}#1/held/1"]
    assert sum("/held/" in key for key in storm.world.asked) == MANY - 10
    assert storm.ear.heard == names
    ((_, digest),) = storm.letters
    assert digest["Subject"] == f"[gatepost] {MANY} accounts look stolen"
    storm.turn()
    assert len(storm.letters) == 1 and len(storm.world.asked) == MANY


def test_one_after_the_other_they_are_twenty_letters_and_then_digests(storm: Storm) -> None:
    """In any hour at most twenty messages and a digest every ten minutes; nobody is left out, and nobody told twice."""
    names = [f"u{number:04d}@example.org" for number in range(STREAM)]
    for start in range(0, STREAM, 2):
        storm.rob(names[start : start + 2])
        storm.turn()
        storm.clock.at = NIGHT + start * 15
    while len(_told(storm)) < STREAM and storm.clock.at < NIGHT + 5 * HOUR:
        storm.clock.at += storm.turn()
    times = [at for at, _ in storm.letters]
    single = [
        mail for _, mail in storm.letters if "#1" in mail.get_content() and "accounts look" not in mail["Subject"]
    ]
    assert len(storm.ear.heard) == len(set(storm.ear.heard)) == STREAM
    assert len(single) > MAX_PER_HOUR
    for begin in times:
        within = sum(1 for at in times if begin <= at < begin + HOUR)
        assert within <= MAX_PER_HOUR + HOUR / DIGESTS
    assert sorted(_told(storm)) == names


def _told(storm: Storm) -> list[str]:
    """Every account that a letter names."""
    texts = [mail.get_content() for _, mail in storm.letters]
    named = re.compile(r"^(?:  |The account )(u\d+@\S+?)(?:#1: | looks)", re.M)
    return [account for text in texts for account in named.findall(text)]
