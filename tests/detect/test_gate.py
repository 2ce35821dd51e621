"""A detector that is not asked would not have answered."""

import pytest
from tests.build import ANN, START, House, habits, login, submission, theft

from gatepost.core.evidence import Answer, Evidence
from gatepost.core.facts import Observation
from gatepost.core.units import DAY
from gatepost.detect import BUILT_IN
from gatepost.detect.base import Detector
from gatepost.detect.gate import Gate
from gatepost.detect.quota import Limits, Quota
from gatepost.detect.rule import Rule
from gatepost.detect.spread import Spread
from gatepost.ledger.measures import YOUNG_DAYS
from gatepost.ledger.recorder import Fresh
from gatepost.ledger.view import View

THEN = START + 10 * DAY


def lives() -> list[list[Observation]]:
    """Quiet, robbed, guessed at, and busy."""
    guessed = [*habits(10), *(login(THEN + number, "203.0.113.5", ok=False) for number in range(40))]
    return [
        habits(10),
        [*habits(10), *theft(THEN)],
        [*guessed, submission(THEN + 100, "203.0.113.5")],
        [submission(START + 60 * number, recipients=30, sender=f"x@d{number}.example.com") for number in range(90)],
    ]


@pytest.mark.parametrize("kind", BUILT_IN)
def test_a_closed_gate_hides_no_evidence(kind: type[Detector]) -> None:
    """Whenever the gate is closed, the detector would have found nothing."""
    detector = kind()
    gate, young, silent = Gate((detector,)), Gate((detector,), young=True), 0
    for life in lives():
        house = House([detector])
        for seen in life:
            page = house.page()
            site_before = house.site
            strangeness = house.engine._accounts.strangeness(page, seen, site_before)
            house.see(seen)
            opened = (young if page.days < YOUNG_DAYS else gate).opens(page, strangeness)
            silent += not opened
            if not opened and not page.standing:
                view = View(page, None, house.site, seen.event.at, Fresh(strangeness))
                assert not isinstance(detector.inspect(seen, view), Evidence)
    assert silent > 50


def test_a_gate_takes_the_smallest_limit_anybody_has() -> None:
    """A limit of one account wakes the detector for all; it then compares with each one's own."""
    gate = Gate((Quota(accounts={ANN: Limits(hour=100, day=20)}),))
    house = House([Quota()])
    house.see(submission(START, recipients=15))
    assert not gate.opens(house.page(), 0)
    house.see(submission(START + 1, recipients=1))
    assert gate.opens(house.page(), 0)
    assert not Gate((Quota(),)).opens(house.page(), 0)


def test_what_left_its_window_opens_no_gate() -> None:
    """Old counts stay in the slot until it is written again; they wake nobody."""
    gate = Gate((Rule(label="busy", count="message.accepted", at_least=3, points=30),))
    house = House([Rule(label="busy", count="message.accepted", at_least=3, points=30)])
    house.see(*(submission(START + number) for number in range(3)))
    assert gate.opens(house.page(), 0)
    house.page().clock = START + DAY
    assert not gate.opens(house.page(), 0)


def test_strange_access_opens_the_gate_of_an_account_with_habits() -> None:
    """A place without habit is asked about at once; before there are habits, only network and program together."""
    gate, young, house = Gate((Spread(),)), Gate((Spread(),), young=True), House([Spread()])
    house.see(*habits(1))
    assert not young.opens(house.page(), 1)
    assert young.opens(house.page(), 2)
    house.see(*habits(10, START + DAY))
    assert gate.opens(house.page(), 1)
    house.page().hostile["net:198.18.0.0/16"] = THEN + DAY
    assert gate.opens(house.page(), 0)


def test_a_young_account_needs_more_to_wake_a_detector() -> None:
    """Blocks that are new to an account with habits wake `spread`; without habits only more than one person has."""
    gate, young, house = Gate((Spread(),)), Gate((Spread(),), young=True), House([Spread()])
    for number in range(5):
        house.see(submission(START + number, f"198.{18 + number}.7.9"))
        assert gate.opens(house.page(), 0) == (number >= 1)
        assert young.opens(house.page(), 0) == (number >= 4)


def test_a_detector_with_nothing_to_say_is_not_asked_for_another_ones_evidence() -> None:
    """While one detector's evidence stands, those below their own limits are left in peace."""
    asked = list[str]()

    class Watched(Quota, frozen=True, kw_only=True):
        """Notes that it was asked."""

        def inspect(self, seen: Observation, ledger: View) -> Answer:
            """As its parent."""
            asked.append("quota")
            return super().inspect(seen, ledger)

    house = House([Rule(label="any", count="message.accepted", at_least=1, points=30), Watched()])
    house.see(submission(START), submission(START + 1))
    assert set(house.page().standing) == {"any"}
    assert asked == []
