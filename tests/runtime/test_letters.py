"""Letters to customers: who gets which, when, and who never."""

import asyncio
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from tests.runtime.scene import ANN, BEN, HOME, NIGHT, Fixed, Machine, configured, habits, mail, theft

from gatepost.act.post import Post
from gatepost.core.errors import ActionError
from gatepost.core.units import DAY
from gatepost.runtime.desk import Desk
from gatepost.runtime.letters import Letters
from gatepost.store import letters

LETTER = """
[letter]
from = "postmaster@example.org"
at = 5
bulk = "https://www.example.org/bulk"
"""

QUIET = '[[detector]]\nkind = "volume"\nenabled = false\n'


class Office:
    """A machine, and the letters that would leave it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, mode: str = "enforce", more: str = "") -> None:
        self.sent: list[EmailMessage] = []
        self.refuses = False
        monkeypatch.setattr(Post, "send", self._taker())
        self.machine = Machine(configured(folder, mode, more=LETTER + more), Fixed(), [])
        self.machine.read(habits((ANN, BEN)))

    def _taker(self) -> Callable[..., object]:
        async def send(post: Post, message: EmailMessage, to: tuple[str, ...]) -> str:
            if self.refuses:
                raise ActionError("no mail server", retry=True)
            post.budget.spend()
            self.sent.append(message)
            return "told"

        return send

    def dirty(self, at: float, number: int = 6, first: int = 0) -> None:
        """ann writes from home to an old list."""
        self.machine.clock.at = max(at, self.machine.clock.at)
        to = [f"gone{n}@example.net" for n in range(first, first + number)]
        to += [f"fine{n}@example.net" for n in range(60)]
        self.machine.read(list(mail(at, ANN, HOME[ANN], to, bad=number)))

    def at(self, days: float) -> list[str]:
        """What goes out so many days later; subjects."""
        self.machine.clock.at = NIGHT + days * DAY
        self.machine.house.settle(self.machine.house.pipeline.advance(self.machine.clock.at))
        before = len(self.sent)
        asyncio.run(Letters(self.machine.house, Desk(self.machine.house), lambda: True).turn())
        return [str(message["Subject"]) for message in self.sent[before:]]


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An operator who lets letters be sent."""
    return Office(tmp_path, monkeypatch)


def test_a_list_that_stays_old_gets_two_letters_and_no_third(office: Office) -> None:
    """The first when refusals are a day old and nothing stands; the second when it goes on a week later."""
    office.dirty(NIGHT)
    assert office.at(0.5) == []
    assert office.at(2) == ["6 addresses you write to do not exist"]
    assert office.at(2.1) == []
    office.dirty(NIGHT + 4 * DAY)
    assert office.at(6) == []
    office.dirty(NIGHT + 10 * DAY)
    assert office.at(12) == ["Still: 6 addresses you write to do not exist"]
    office.dirty(NIGHT + 20 * DAY)
    assert office.at(23) == []


def test_a_list_that_became_clean_gets_thanks(office: Office) -> None:
    """Once, after enough mail; then a new letter needs new refusals."""
    office.dirty(NIGHT)
    assert len(office.at(2)) == 1
    office.dirty(NIGHT + 11 * DAY, number=0)
    assert office.at(13) == ["Your list is clean now"]
    assert office.at(14) == []
    office.dirty(NIGHT + 20 * DAY, first=50)
    assert office.at(22) == ["6 addresses you write to do not exist"]


def test_nobody_under_suspicion_is_written_to(office: Office) -> None:
    """A thief would read it: not while the account is stopped, whatever its list."""
    office.dirty(NIGHT - DAY)
    office.machine.read(theft())
    assert office.at(3) == []
    office.machine.say("release", ANN, how="password-changed")
    assert office.at(3.1) == ["6 addresses you write to do not exist"]


def test_a_letter_never_goes_to_a_stopped_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ann's letters go to ben, whose account is stolen."""
    office = Office(tmp_path, monkeypatch, more=f'[account."{ANN}"]\nmail = "Ben@example.org"\n')
    office.dirty(NIGHT - DAY)
    office.machine.read(theft(NIGHT, BEN))
    assert office.at(2) == []
    office.machine.say("release", BEN, how="password-changed")
    assert len(office.at(2.1)) == 1
    assert office.sent[0]["To"] == "Ben@example.org"


def test_in_observe_mode_nothing_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is due."""
    office = Office(tmp_path, monkeypatch, "observe")
    office.dirty(NIGHT)
    assert office.at(2) == []


def test_a_letter_that_is_not_taken_is_tried_again(office: Office) -> None:
    """An hour later, and it is not written down before."""
    office.dirty(NIGHT)
    office.refuses = True
    assert office.at(2) == []
    assert letters.of(office.machine.store, ANN) == []
    office.refuses = False
    assert len(office.at(2.1)) == 1


def test_ten_messages_an_hour_are_left_to_notices(office: Office) -> None:
    """Letters wait for another hour."""
    office.dirty(NIGHT)
    office.machine.clock.at = NIGHT + 2 * DAY
    for _ in range(10):
        office.machine.house.budget.spend()
    assert office.at(2) == []
    assert len(office.at(2.1)) == 1


def test_much_mail_gets_advice_once_a_week(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Near the daily quota, with the operator's own page, when so much mail is not strange for the account."""
    office = Office(tmp_path, monkeypatch, more=f'[account."{ANN}"]\nquota = {{ hour = 130, day = 140 }}\n{QUIET}')
    office.dirty(NIGHT, number=0)
    office.dirty(NIGHT + 30, number=0)
    assert office.at(0.01) == ["Mail to many recipients"]
    assert "https://www.example.org/bulk" in office.sent[0].as_string()
    assert office.at(0.02) == []
