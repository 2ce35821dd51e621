"""gatepost check: what operators and programs are told about a configuration."""

import json
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from gatepost.core.errors import ConfigError
from gatepost.surface.commands.check import command

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schemas" / "check.json").read_text())
GOOD = '[[source]]\nkind = "tail"\nname = "mx1"\npath = "mainlog"\n'
BAD = 'mode = "observed"\n\n[levels]\nwatch = 50\n'


def check(folder: Path, text: str, *options: str) -> tuple[int, str]:
    """Exit code and output for a configuration."""
    file = folder / "gatepost.toml"
    file.write_text(text)
    done = CliRunner().invoke(command, ["--config", str(file), *options], standalone_mode=False)
    assert done.exception is None
    return done.return_value, done.stdout


def test_a_good_configuration_is_summed_up(tmp_path: Path) -> None:
    """Exit 0, and one line says what would run."""
    code, said = check(tmp_path, GOOD)
    assert code == 0 and "the configuration is good: 1 source, 14 detectors, 0 actions, mode observe" in said


def test_every_mistake_is_said_with_its_place_and_remedy(tmp_path: Path) -> None:
    """Exit 1, and every mistake has a line with its place and one with its remedy."""
    code, said = check(tmp_path, BAD)
    lines = said.splitlines()
    assert code == 1 and len(lines) == 5 and lines[-1].endswith("2 mistakes")
    assert "gatepost.toml:1: mode: " in lines[0] and "did you mean" in lines[1]
    assert "gatepost.toml:4: levels." in lines[2] and "watch < throttle < hold < block" in lines[3]


@pytest.mark.parametrize("text", [GOOD, BAD, "", "[[["])
def test_json_keeps_to_its_schema(tmp_path: Path, text: str) -> None:
    """What programs read is valid by docs/schemas/check.json, for good and bad files."""
    code, said = check(tmp_path, text, "--format", "json")
    answer = json.loads(said)
    jsonschema.validate(answer, SCHEMA)
    assert answer["good"] == (code == 0) == (not answer["mistakes"])


def test_a_list_of_domains_that_cannot_be_read_is_a_mistake(tmp_path: Path) -> None:
    """The file of domains belongs to the configuration: a missing one, or a line that is none, is found here."""
    code, said = check(tmp_path, '[domains]\nfile = "domains"\n')
    assert code == 1 and "domains.file" in said and "cannot be read" in said
    (tmp_path / "domains").write_text("# ours\nexample.org: x\n@@@\n")
    code, said = check(tmp_path, '[domains]\nfile = "domains"\n')
    assert code == 1 and "domains:3" in said
    (tmp_path / "domains").write_text("# ours\nexample.org: x\n\n")
    assert check(tmp_path, '[domains]\nfile = "domains"\n')[0] == 0


def test_an_unreadable_file_is_wrong_usage(tmp_path: Path) -> None:
    """A file that is not there raises ConfigError, which the command line turns into exit 2."""
    done = CliRunner().invoke(command, ["--config", str(tmp_path / "no.toml")], standalone_mode=False)
    assert isinstance(done.exception, ConfigError) and "cannot be read" in str(done.exception)


def test_without_a_source_it_says_what_still_works(tmp_path: Path) -> None:
    """An empty configuration is valid, but there is nothing to watch."""
    code, said = check(tmp_path, "")
    assert code == 0 and "nothing to watch" in said


def test_enforce_says_that_it_starts_by_observing(tmp_path: Path) -> None:
    """Whoever sets enforce is told that the first days only observe."""
    assert "only observes" in check(tmp_path, 'mode = "enforce"')[1]
    assert "only observes" not in check(tmp_path, 'mode = "enforce"\n[start]\nobserve_for = "0s"')[1]
