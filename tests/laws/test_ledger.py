"""Time and order: what the ledger and the engine promise about both (contracts 4), on the logs of all detectors."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from struct import iter_unpack
from typing import Any

import pytest
from bench.plain import Plain
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import msgpack, to_builtins
from msgspec.structs import replace
from tests.build import ANN, START, House, habits, submission, theft, tick

from gatepost.core.events import Cursor
from gatepost.core.evidence import Level
from gatepost.core.facts import Observation
from gatepost.core.units import DAY, Account, Instant, account_subject
from gatepost.detect.quota import Quota
from gatepost.detect.spread import Spread
from gatepost.detect.volume import Volume
from gatepost.engine import Pages
from gatepost.ledger.measures import NETWORKS, Count, Distinct
from gatepost.ledger.page import Page, decode, encode, plain
from gatepost.ledger.recorder import Fresh
from gatepost.ledger.site import Site
from gatepost.ledger.view import View, merge

SCENARIOS = sorted((Path(__file__).parent.parent / "scenarios").glob("*/*/input.log"))
LATENESS = 120.0
HOURLY, DAILY = Quota().measures()
BLOCKS = Distinct("block", Spread().measures()[0].window)  # type: ignore[union-attr]


def life(log: Path) -> list[Observation]:
    """What a scenario's log says, event by event."""
    plain = Plain(("example.org",))
    return [plain.observer.observe(event) for event in plain.events(log.read_text().splitlines()) if event.account]


def placed(seen: Iterable[Observation]) -> list[Observation]:
    """Observations with the cursors of the order they now have."""
    return [
        replace(one, event=replace(one.event, cursor=Cursor("mx1:mainlog", 0, number)))
        for number, one in enumerate(seen, 1)
    ]


def shuffled(seen: Sequence[Observation], seed: int) -> list[Observation]:
    """The same observations, each up to two minutes late."""
    chance = Random(seed)
    return sorted(seen, key=lambda one: one.event.at + chance.uniform(0, LATENESS))


def remembered(page: Page) -> dict[str, Any]:
    """What the measures of a page hold, in no order."""
    shown = to_builtins(page, enc_hook=plain)
    return {
        "rings": {key: ring for key, ring in shown["rings"].items() if ring[1]},
        **{kind: shown[kind] for kind in ("seen", "known", "diaries", "days", "day", "clock", "late")},
        "familiar": {key: sorted(iter_unpack("<I", sets.exact)) for key, sets in page.familiar.items()},
    }


def again(page: Page) -> Any:
    """What a page says after it was saved."""
    return to_builtins(decode(encode(page)), enc_hook=plain)


def peaks(house: House) -> dict[Account, Level]:
    """The highest level of each account that ever reached hold."""
    highest: dict[Account, Level] = {}
    for change in house.changes:
        highest[change.account] = max(change.level, highest.get(change.account, Level.CLEAR))
    return {account: level for account, level in highest.items() if level >= Level.HOLD}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("log", SCENARIOS, ids=lambda log: f"{log.parent.parent.name}/{log.parent.name}")
def test_two_minutes_of_disorder_change_nothing_that_matters(log: Path, seed: int) -> None:
    """Shuffled within the lateness: equal measures, equal accounts at hold or above, equal peak levels."""
    seen = life(log)
    straight, mixed = House(), House()
    straight.see(*placed(seen))
    mixed.see(*placed(shuffled(seen, seed)))
    assert peaks(mixed) == peaks(straight)
    for account, page in straight.pages.items():
        assert remembered(mixed.page(account)) == remembered(page)


def test_the_logs_can_break_the_laws() -> None:
    """Some of them reach hold, and shuffling them changes their order."""
    reached = changed = 0
    for log in SCENARIOS:
        seen, house = life(log), House()
        house.see(*placed(seen))
        reached += bool(peaks(house))
        changed += shuffled(seen, 0) != seen
    assert reached >= 3
    assert changed >= 10


@pytest.mark.parametrize("log", SCENARIOS, ids=lambda log: f"{log.parent.parent.name}/{log.parent.name}")
def test_a_crash_and_a_second_reading_are_no_crash(log: Path) -> None:
    """Pages from disk and events read again give the changes and the pages of a life without a crash."""
    seen = placed(life(log))
    whole = House()
    whole.see(*seen)
    chance = Random(len(seen))
    house = House()
    for _ in range(4):
        saved, lost = sorted((chance.randint(0, len(seen)), chance.randint(0, len(seen))))
        house.see(*seen[:saved])
        pages = {account: encode(page) for account, page in house.pages.items()}
        site, known = msgpack.encode(house.site), list(house.changes)
        house.see(*seen[saved:lost])
        house.pages = {account: decode(data) for account, data in pages.items()}
        house.site, house.changes = msgpack.decode(site, type=Site), known
        house.see(*seen[chance.randint(0, saved) :])
        assert house.changes == whole.changes
        assert {
            account: to_builtins(decode(encode(page)), enc_hook=plain) for account, page in house.pages.items()
        } == {account: to_builtins(decode(encode(page)), enc_hook=plain) for account, page in whole.pages.items()}


def ends(life: list[Observation], moments: Sequence[float]) -> list[tuple[float, str]]:
    """Times and levels of all changes, ticks at these moments included, until two days later."""
    house = House()
    last = life[-1].event.at + 2 * DAY
    for one in sorted([*life, *(tick(at) for at in moments), tick(last)], key=lambda one: one.event.at):
        house.see(one)
    return [(change.at, change.level.word) for change in house.changes]


@settings(max_examples=30)
@given(st.lists(st.floats(0, 2 * DAY), max_size=8), st.booleans())
def test_expiry_is_exact_and_lazy(offsets: list[float], blast: bool) -> None:
    """Evidence ends at its own time, whether many ticks come, or none until something else happens."""
    then = START + 10 * DAY
    seen = [*habits(10), *theft(then, 3 if not blast else 20, bad=0.0)]
    moments = [then + 60 + offset for offset in offsets]
    assert ends(seen, moments) == ends(seen, [])


def test_evidence_ends_when_it_says() -> None:
    """The change that ends a warning carries the moment its evidence named, not that of the next event."""
    house = House([Volume()])
    house.see(*habits(10))
    house.see(
        *(submission(START + 10 * DAY + number, "203.0.113.9", 12, print_="bare/plain/login") for number in range(3))
    )
    (proof,) = house.page().standing.values()
    house.see(tick(proof.until + 5000))
    assert house.changes[-1].at == proof.until
    assert house.changes[-1].level == Level.CLEAR


@given(
    st.lists(
        st.tuples(st.floats(0, 2 * DAY), st.sampled_from(["192.0.2.1", "198.51.100.7", "203.0.113.5"]), st.booleans()),
        max_size=30,
    )
)
def test_two_nodes_merged_are_one_node(acts: list[tuple[float, str, bool]]) -> None:
    """What two nodes know of an account, read together, is what one node would know that saw it all."""
    acts = sorted(acts)
    one, here, there = House(), House(), House()
    for offset, client, local in acts:
        seen = submission(START + offset, client, 3)
        one.see(seen)
        (here if local else there).see(seen)
    now = Instant(START + 2 * DAY)
    alone = _view(one.page(), now)
    for merged in (merge(here.page(), [there.page()]), merge(there.page(), [here.page()])):
        both = _view(merged, now)
        for measure in (HOURLY, DAILY):
            assert isinstance(measure, Count)
            assert both.count(measure) == alone.count(measure)
        assert set(both.distinct(BLOCKS)) == set(alone.distinct(BLOCKS))
        for network in one.page().known.get("known network", {}):
            assert both.first_seen(NETWORKS, network) == alone.first_seen(NETWORKS, network)


def _view(page: Page, now: Instant) -> View:
    return View(page, None, Site(), now, Fresh())


def test_an_event_read_twice_is_written_once() -> None:
    """A cursor at or before the page's own is a no-op, whatever it says."""
    house = House()
    seen = submission(START, recipients=400)
    house.see(seen)
    before = encode(house.page())
    house.engine.observe(seen, Pages(house.site, house.page(ANN)))
    assert encode(house.page()) == before
    assert house.page().subject == account_subject(ANN)
