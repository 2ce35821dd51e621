"""Several configurations in one reading: each as if it were alone."""

from pathlib import Path

import pytest

from gatepost.config.load import load
from gatepost.config.settings import Settings
from gatepost.core.errors import ConfigError
from gatepost.core.incident import Incident
from gatepost.runtime.replay import Replay
from gatepost.runtime.variants import Played, Variant, play

SCENARIOS = Path(__file__).parents[1] / "scenarios"
LATER = '[levels]\nhold = 75\nblock = 95\n[[detector]]\nkind = "spread"\nenabled = false\n'
TAGGED = 'tag = "[elsewhere]"\n'


def settings(folder: Path, text: str) -> Settings:
    """A configuration of these lines."""
    path = folder / f"{abs(hash(text))}.toml"
    path.write_text(text)
    return load(path)


def log(name: str) -> str:
    """The log of a scenario that raises its detector."""
    return str(SCENARIOS / name / "fires" / "input.log")


def alone(path: str, found: Settings) -> list[Incident]:
    """The incidents of a replay of its own."""
    run = Replay([path], found, zone="UTC")
    assert list(run.changes())
    return run.incidents


def readings(played: Played, path: str) -> int:
    """How often the lines were read: the first run's books count each line once a reading."""
    lines = len(Path(path).read_text().splitlines())
    assert played.first.pipeline.totals.lines == lines
    return lines


@pytest.mark.parametrize("name", ["campaign", "crowd", "guessing", "takeover"])
def test_each_is_as_if_it_were_alone(name: str, tmp_path: Path) -> None:
    """Incidents, with times, evidence and counts, are those of a replay of its own; findings stay in their engine."""
    first, later = Settings(), settings(tmp_path, LATER)
    variants = {"a": Variant(first), "b": Variant(later), "c": Variant(first)}
    played = play([log(name)], variants, zone="UTC")
    assert list(played.incidents["a"]) == list(played.incidents["c"]) == alone(log(name), first)
    assert list(played.incidents["b"]) == alone(log(name), later)
    assert list(played.incidents["a"]) != list(played.incidents["b"])


def test_lines_are_read_once_where_they_say_the_same(tmp_path: Path) -> None:
    """Two configurations with one tag share the reading; another tag needs one of its own."""
    path, told = log("spread"), list[int]()
    variants = {"a": Variant(Settings()), "b": Variant(settings(tmp_path, LATER))}
    played = play([path], variants, zone="UTC", progress=told.append)
    assert sum(told) == readings(played, path)
    other = {**variants, "c": Variant(settings(tmp_path, TAGGED))}
    played = play([path], other, zone="UTC", progress=told.append)
    assert sum(told) == 3 * readings(played, path)
    assert list(played.incidents["c"]) == alone(path, other["c"].settings)


def test_standard_input_is_not_read_twice(tmp_path: Path) -> None:
    """The second reading would find nothing."""
    variants = {"a": Variant(Settings()), "b": Variant(settings(tmp_path, TAGGED))}
    with pytest.raises(ConfigError, match="name a file"):
        play(["-"], variants)


def test_what_cannot_be_read_is_named_once(tmp_path: Path) -> None:
    """However many readings there were."""
    variants = {"a": Variant(Settings()), "b": Variant(settings(tmp_path, TAGGED))}
    played = play([str(tmp_path / "none"), log("spread")], variants, zone="UTC")
    assert len(played.broken) == 1 and "none" in played.broken[0]
    assert played.incidents["a"] and played.incidents["b"]
