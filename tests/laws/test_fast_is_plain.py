"""Every short cut of the fast path leads where the plain path leads: equal changes, equal pages (contracts 24)."""

from collections.abc import Iterable
from io import StringIO
from typing import Any

import pytest
from bench import traffic
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import to_builtins
from tests.build import HOME, START, House, delivered, failure, login, own, submission, theft, tick, told
from tests.reference.engine import Engine as PlainEngine
from tests.reference.engine import Pages as PlainPages
from tests.reference.path import Path

from gatepost.core.facts import BounceClass, Observation
from gatepost.core.units import DAY, Account, Subject, account_subject
from gatepost.detect import BUILT_IN
from gatepost.detect.base import Detector
from gatepost.detect.rule import Rule
from gatepost.engine import Engine
from gatepost.enrich.network import Networks
from gatepost.enrich.observe import Observer
from gatepost.enrich.senders import Senders
from gatepost.judge.docket import Change
from gatepost.ledger.page import Page
from gatepost.ledger.page import plain as saved
from gatepost.ledger.site import Site
from gatepost.mta.exim import Exim
from gatepost.mta.thread import Thread
from gatepost.runtime.pipeline import Feed, Pipeline
from gatepost.store.memory import Shelf

RULES = (
    Rule(label="busy", count="delivery.delivered", at_least=30, points=45),
    Rule(label="few", count="message.accepted", at_least=6, points=30, group="identity", when="half"),
    Rule(label="wide", distinct="recipient.domain", at_least=5, points=25, ratio_of="recipient.accepted", ratio=0.3),
)


def detectors() -> list[Detector]:
    """All that ship, and rules that wake on what the others do not."""
    return [*(kind() for kind in BUILT_IN), *RULES]


def told_by(page: Page) -> Any:
    """What a page says, whatever the order of its slots; empty slots say nothing."""
    shown = to_builtins(page, enc_hook=saved)
    for kind in ("rings", "seen", "known", "diaries", "familiar"):
        shown[kind] = {key: slot for key, slot in shown[kind].items() if slot and (kind != "rings" or slot[1])}
    return shown


def by_account(changes: Iterable[Change]) -> dict[str, list[Change]]:
    """The changes of each account in their order."""
    found: dict[str, list[Change]] = {}
    for change in changes:
        found.setdefault(change.account, []).append(change)
    return found


def observer() -> Observer:
    """Look-ups without tables."""
    return Observer(Networks(), Senders(("example.org",)))


def fast(lines: list[str], size: int) -> tuple[Pipeline, list[Change]]:
    """Lines through the product, in blocks."""
    pipeline = Pipeline(Engine(detectors()), observer(), Shelf())
    feed = Feed("log", Exim(), Thread("mx1"))
    offset, changes = 0, list[Change]()
    for first in range(0, len(lines), size):
        block = lines[first : first + size]
        changes += pipeline.read(feed, 0, offset, block)
        offset += len("\n".join(block).encode("utf-8", "surrogateescape")) + 1
    return pipeline, changes


@pytest.mark.parametrize("seed", [3, 4])
def test_a_log_of_twenty_thousand_lines(seed: int) -> None:
    """A log of honest people and thieves gives equal changes and equal pages on both paths, whatever the blocks."""
    out = StringIO()
    attacks = ("blast", "botnet", "slow", "washed")
    traffic.write(out, seed=seed, accounts=60, days=6, lines=20_000, lists=2, attacks=attacks)
    lines = out.getvalue().splitlines()
    plain = Path(observer(), detectors())
    plain.read(lines)
    quick, changes = fast(lines, 700)
    assert len(plain.changes) > 10
    assert by_account(changes) == by_account(plain.changes)
    for subject, page in plain.pages.items():
        mine = quick.shelf.peek(subject)
        assert mine is not None
        assert told_by(mine) == told_by(page)
    assert to_builtins(quick.site) == to_builtins(plain.site)


CLIENTS = (HOME, "192.0.2.77", "198.51.100.9", "203.0.113.5", "198.18.7.9", "198.19.8.1")
SENDERS = (
    "ann@example.org",
    "ann@club.example.net",
    "x@bank1.example.com",
    "y@bank2.example.com",
    "z@b3.example.com",
    "",
)
PRINTS = ("fqdn/tls/plain", "bare/plain/login", "")
FRIENDS = tuple(f"{name}@firm{number}.example.net" for name in ("ann", "ben") for number in range(6))
steps = st.sampled_from((0.0, 1.0, 20.0, 20.0, 400.0, 3000.0, 3600.0, 40_000.0, 86_400.0, -100.0))


@st.composite
def observations(draw: st.DrawFn) -> list[Observation]:
    """A life of one account: bursts of what can happen, some of it late."""
    at, found = START, list[Observation]()
    for _ in range(draw(st.integers(1, 25))):
        at = max(START, at + draw(steps))
        kind = draw(st.integers(0, 11))
        client, number = draw(st.sampled_from(CLIENTS)), draw(st.integers(1, 40))
        repeat = draw(st.sampled_from((1, 1, 1, 3, 9)))
        for turn in range(repeat):
            found.append(_one(draw, kind, at + turn, client, number))
    return found


def _one(draw: st.DrawFn, kind: int, at: float, client: str, number: int) -> Observation:
    if kind < 5:
        named = tuple(draw(st.lists(st.sampled_from(FRIENDS), max_size=5, unique=True)))
        sender, print_ = draw(st.sampled_from(SENDERS)), draw(st.sampled_from(PRINTS))
        return submission(
            at, client, number, sender=sender, print_=print_, addresses=named, more=kind == 4, helo=draw(st.just(""))
        )
    if kind < 7:
        return failure(at, draw(st.sampled_from(list(BounceClass))), client)
    if kind == 7:
        return delivered(at, number)
    if kind == 8:
        return login(at, client, ok=draw(st.booleans()))
    if kind == 9:
        return own(at)
    if kind == 10:
        return tick(at)
    verb = draw(st.sampled_from(("block", "release", "release", "confirm", "exempt")))
    how = draw(st.sampled_from(("honest", "password-changed"))) if verb == "release" else ""
    return told(at, verb, how=how)


def both(life: list[Observation]) -> None:
    """Observe on both paths, comparing every outcome and the page after it."""
    quick, site, page = House(detectors()), Site(), Page(subject=account_subject(Account("ann@example.org")))
    plain, places = PlainEngine(detectors()), dict[Subject, Page]()
    for seen in life:
        mine = quick.see(seen)
        pages = PlainPages(site, page, lambda name: places.setdefault(name, Page(subject=name)), places.get)
        other = plain.observe(seen, pages)
        assert mine.changes == other.changes
        assert mine.verdict == other.verdict
    assert told_by(quick.page()) == told_by(page)
    assert {name: told_by(place) for name, place in quick.places.items()} == {
        name: told_by(place) for name, place in places.items()
    }
    assert to_builtins(quick.site) == to_builtins(site)


@settings(max_examples=150)
@given(observations())
def test_any_life_of_an_account(life: list[Observation]) -> None:
    """Whatever happens to an account, in whatever order, both engines say and remember the same."""
    both(life)


@pytest.mark.parametrize("bad", [0.0, 0.3])
def test_a_theft_after_an_honest_life(bad: float) -> None:
    """The evidence of a theft and its slow end are the same on both paths."""
    life = [submission(START + day * DAY + hour * 3600, recipients=2) for day in range(12) for hour in range(8, 14)]
    life += theft(START + 12 * DAY, messages=30, bad=bad)
    life += [tick(START + 12 * DAY + hour * 3600) for hour in range(1, 60)]
    both(life)
