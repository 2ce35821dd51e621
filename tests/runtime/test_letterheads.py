"""A From line that a door told of counts with the log's message, and only with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.runtime.scene import ANN, BEN, HOME, NIGHT, Machine, configured, habits, mail

from gatepost.core.asked import Question
from gatepost.core.evidence import Level
from gatepost.core.units import Account, Instant, account_subject
from gatepost.ledger.page import Page, encode
from gatepost.runtime.desk import Desk
from gatepost.runtime.doors import Doors
from gatepost.runtime.letterheads import KEPT, MOST, Letterheads

DOOR = '[[door]]\nkind = "milter"\nlisten = "unix:/run/gatepost/milter"\n'


class Telling(Machine):
    """A machine with a milter door."""

    def __init__(self, folder: Path, door: str = DOOR) -> None:
        super().__init__(configured(folder, "enforce", more=door))
        self.doors = Doors(self.house, Desk(self.house), lambda: True)
        self.read(habits())

    def sends(self, number: int, author: str, *, logged: Account = ANN, login: Account = ANN) -> None:
        """One message: told at its end by the door, then by the log."""
        lines = list(mail(NIGHT + 60 * number, logged, HOME[logged], [f"v{number}@example.net"]))
        if author:
            said = question(lines[0].split()[2], author, login)
            assert self.doors.answer(self.settings.door[0], said).act == "pass"
        self.read(lines)

    def page(self, account: Account = ANN) -> Page:
        """What is known of an account."""
        return self.house.pipeline.shelf.page(account_subject(account))


def question(queue_id: str, author: str, login: Account = ANN) -> Question:
    """What a milter door asks at the end of a message."""
    return Question(stage="end", login=login, client=HOME[login], sender=login, queue_id=queue_id, author=author)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Telling]:
    """A gatepost that knows ann's and ben's habits."""
    made = Telling(tmp_path)
    yield made
    made.close()


def test_letters_in_a_banks_name_are_a_warning(here: Telling) -> None:
    """Told at the door, joined with the log by queue id; it stands on the page, and no message was stopped."""
    for number in range(32):
        here.sends(number, "help@bank.example.com")
    assert here.page().standing["letterhead"].values == ("bank.example.com",)
    assert here.page().level == Level.WATCH and "letterhead" not in here.page(BEN).standing


def test_the_owners_letters_change_nothing(here: Telling, tmp_path: Path) -> None:
    """A page after letters in the owner's name is the page of a gatepost that no door told anything."""
    (tmp_path / "other").mkdir()
    silent = Telling(tmp_path / "other")
    for number in range(5):
        here.sends(number, ANN)
        silent.sends(number, "")
    assert here.page().standing == silent.page().standing and here.page().seen == silent.page().seen
    silent.close()


def test_what_is_told_counts_no_message(here: Telling, tmp_path: Path) -> None:
    """Whatever a door tells, the log alone counts messages and recipients."""
    (tmp_path / "other").mkdir()
    silent = Telling(tmp_path / "other")
    for number in range(8):
        here.doors.answer(here.settings.door[0], question(f"nowhere{number}", "help@bank.example.com"))
        here.sends(number, "help@bank.example.com" if number % 2 else "")
        silent.sends(number, "")
    mine, other = here.page().rings, silent.page().rings
    slots = [slot for slot in other.places if "letterhead" not in slot]
    assert slots and all(_count(here.page(), slot) == _count(silent.page(), slot) for slot in slots)
    assert mine.places.keys() >= other.places.keys()
    silent.close()


def _count(page: Page, slot: str) -> int:
    return page.rings.numbers[page.rings.places[slot] + 1]


def test_nobody_is_charged_with_what_is_told_under_another_login(here: Telling) -> None:
    """A queue id that is somebody else's in the log accuses neither of the two."""
    before = encode(here.page(BEN))
    for number in range(32):
        here.sends(number, "help@bank.example.com", login=BEN)
    assert "letterhead" not in here.page().standing and encode(here.page(BEN)) == before


def test_without_a_milter_door_nothing_is_asked(tmp_path: Path) -> None:
    """The pipeline asks nobody."""
    made = Telling(tmp_path, DOOR.replace("milter", "postfix"))
    assert made.house.pipeline.completed is None
    made.close()


def test_what_the_log_never_mentions_is_forgotten() -> None:
    """After ten minutes, and beyond ten thousand messages."""
    told = Letterheads()
    for number in range(MOST + 5):
        told.note(ANN, question(f"q{number}", "help@bank.example.com"), Instant(NIGHT + number / 100))
    assert len(told) == MOST
    told.note(ANN, replace(question("", "help@bank.example.com"), queue_id=""), Instant(NIGHT))
    told.note(ANN, question("q", ""), Instant(NIGHT))
    assert len(told) == MOST
    told.forget(NIGHT + 200 + KEPT)
    assert len(told) == 0
