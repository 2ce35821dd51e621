"""Each detector has a log that raises it and one that must not."""

import runpy
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from bench.plain import Plain
from msgspec import Struct

from gatepost.config.settings import Adjusted, Settings
from gatepost.core.evidence import Level
from gatepost.core.units import Seconds
from gatepost.detect import BUILT_IN, KINDS
from gatepost.detect.base import Detector
from gatepost.judge.docket import Change
from gatepost.runtime.replay import Replay

FOLDER = Path(__file__).parent
SCENARIOS = sorted(str(path.parent.relative_to(FOLDER)) for path in FOLDER.glob("*/*/expect.toml"))
NOT_IN_LOGS = ("complaints", "letterhead")
"""What only reports and doors tell: tests/detect/test_complaints.py and test_letterhead.py have their two cases."""
MAKE = runpy.run_path(str(FOLDER / "make.py"))


class Expected(Struct, frozen=True, forbid_unknown_fields=True):
    """What must become of one account."""

    at_least: Literal["clear", "watch", "throttle", "hold", "block"] = "clear"
    at_most: Literal["clear", "watch", "throttle", "hold", "block"] = "block"
    evidence: tuple[str, ...] = ()
    """Detectors that must have had a part in the highest level."""


class Scenario(Struct, frozen=True, forbid_unknown_fields=True):
    """One expect.toml: accounts, and detectors besides those that are always on."""

    account: dict[str, Expected]
    detector: tuple[dict[str, Any], ...] = ()


def read(name: str) -> Scenario:
    """The expectations of one scenario."""
    return msgspec.convert(tomllib.loads((FOLDER / name / "expect.toml").read_text()), Scenario)


def added(scenario: Scenario) -> list[Adjusted]:
    """The detectors a scenario adds."""
    return [Adjusted(block["kind"], _built(block)) for block in scenario.detector]


def _built(block: Mapping[str, Any]) -> Detector:
    settings = {key: value for key, value in block.items() if key != "kind"}
    return msgspec.convert(settings, KINDS[block["kind"]], dec_hook=_seconds)


def _seconds(kind: type, value: str) -> Seconds:
    assert kind is Seconds
    return Seconds.parse(value)


def replayed(name: str) -> list[Change]:
    """What the log of a scenario leads to, by the way every log is replayed."""
    settings = Settings(detector=tuple(added(read(name))))
    return list(Replay([str(FOLDER / name / "input.log")], settings, zone="UTC").changes())


def plainly(name: str) -> list[Change]:
    """The same by the reference: every line read whole, no short cut, nothing stored."""
    detectors = [*(kind() for kind in BUILT_IN), *(one.detector for one in added(read(name)))]
    lines = (FOLDER / name / "input.log").read_text().splitlines()
    return Plain(("example.org",), detectors).changes(lines)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_ends_as_its_page_says(name: str) -> None:
    """The account reaches the level it must, not more than it may, and for the reason that is meant."""
    found = replayed(name)
    for account, expected in read(name).account.items():
        own = [change for change in found if change.account == account]
        highest = max(own, key=lambda change: change.level, default=None)
        level = highest.level if highest else Level.CLEAR
        assert Level[expected.at_least.upper()] <= level <= Level[expected.at_most.upper()]
        because = highest.verdict.because if highest else ()
        spoke = {proof.detector for proof in because if proof.points or proof.demands}
        assert set(expected.evidence) <= spoke


@pytest.mark.parametrize("name", SCENARIOS)
def test_nobody_else_is_touched(name: str) -> None:
    """A scenario names every account whose level changes."""
    assert {change.account for change in replayed(name)} <= set(read(name).account)


@pytest.mark.parametrize("name", SCENARIOS)
def test_fast_is_plain(name: str) -> None:
    """Every short cut of the fast path gives the changes, scores and words of the plain one."""
    assert [_told(change) for change in replayed(name)] == [_told(change) for change in plainly(name)]


def _told(change: Change) -> tuple[object, ...]:
    says = [proof.says for proof in change.verdict.because]
    return change.at, change.account, change.level, change.verdict.score, says


def test_every_detector_has_a_case_that_fires_and_one_that_stays_silent() -> None:
    """No detector ships without its two scenarios, and no log without its expectation."""
    wanted = {f"{kind}/{case}" for kind in KINDS if kind not in NOT_IN_LOGS for case in ("fires", "stays-silent")}
    assert wanted <= set(SCENARIOS)
    assert set(SCENARIOS) == set(MAKE["STORIES"])


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_logs_are_what_the_stories_tell(name: str) -> None:
    """Nobody edited a log by hand: it is what its story writes, and short enough to read."""
    written: Callable[[str], str] = MAKE["written"]
    kept = (FOLDER / name / "input.log").read_text()
    assert written(name) == kept
    assert 10 <= len(kept.splitlines()) <= 200
