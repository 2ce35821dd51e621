"""The sample log is what its generator writes."""

import gzip
from pathlib import Path

from bench import sample, traffic

from gatepost.core.evidence import Level
from gatepost.core.units import iso
from gatepost.runtime.replay import Replay

FOLDER = Path(__file__).parents[2] / "examples" / "sample"


def test_the_sample_is_what_its_generator_writes() -> None:
    """Nobody edited the sample by hand: unpacked, it is the generator's output, byte for byte."""
    made = sample.files()
    kept = (FOLDER / "mainlog.gz").read_bytes()
    assert gzip.decompress(made["mainlog.gz"]) == gzip.decompress(kept)
    assert made["truth.json"] == (FOLDER / "truth.json").read_bytes()


def test_the_sample_stays_small() -> None:
    """At most 400 kB, without a time stamp in it."""
    kept = (FOLDER / "mainlog.gz").read_bytes()
    assert len(kept) <= 400_000
    assert kept[4:8] == bytes(4)


def test_the_sample_holds_what_its_page_promises() -> None:
    """Forty honest accounts, five thefts, and the profiles the page lists."""
    truth = traffic.load((FOLDER / "truth.json").read_bytes())
    assert len(truth.accounts) - len(truth.stolen) == 40
    assert [theft.shape for theft in truth.thefts] == ["botnet", "slow", "washed", "blast", "guessed"]
    page = (FOLDER / "README.md").read_text()
    assert all(profile in page for profile in (*truth.accounts.values(), *(theft.shape for theft in truth.thefts)))


def test_a_replay_of_the_sample_finds_the_thieves_and_nobody_else() -> None:
    """Every stolen account is at hold or above after the theft began, no honest account ever is, no line is unread."""
    truth = traffic.load((FOLDER / "truth.json").read_bytes())
    run = Replay([str(FOLDER / "mainlog.gz")], zone="UTC")
    stopped = [change for change in run.changes() if change.level >= Level.HOLD]
    assert {change.account for change in stopped} == truth.stolen
    begun = {theft.account: iso(theft.start) for theft in truth.thefts}
    assert all(iso(change.at) >= begun[change.account] for change in stopped)
    assert run.pipeline.totals.lines == truth.lines
    assert not run.pipeline.totals.unread
