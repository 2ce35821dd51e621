"""The sample log is what its generator writes."""

import gzip
from pathlib import Path

from bench import sample, traffic

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
