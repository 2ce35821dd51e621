"""gatepost bounce: one text explained, many in a table or as objects."""

import json
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from gatepost.core.errors import ConfigError, SourceError
from gatepost.surface.commands.bounce import LONGEST, command

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schemas" / "bounce.json").read_text())
TEXTS = ["550 5.1.1 <bob@example.net>: user unknown", "", "554 5.7.1 we think this is spam \x1b[31m", "550 nil"]


def bounce(*arguments: object, text: str | bytes | None = None) -> Result:
    """Run the command."""
    return CliRunner().invoke(command, [str(one) for one in arguments], input=text, standalone_mode=False)


def file(folder: Path, texts: list[str] = TEXTS) -> Path:
    """One text a line."""
    path = folder / "texts"
    path.write_text("\n".join(texts), "utf-8")
    return path


def test_one_text_is_explained() -> None:
    """Cause, confidence, rule and why, from the argument or from standard input."""
    done = bounce(TEXTS[0])
    assert done.stdout == bounce(text=TEXTS[0] + "\n").stdout and done.return_value == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["cause", "confidence", "rule", "why"]
    assert "invalid_recipient" in done.stdout and "recipients.unknown" in done.stdout


def test_many_are_one_object_each_in_order(tmp_path: Path) -> None:
    """`jsonl` has a line for each text, empty ones too; `json` holds the same."""
    lines = bounce("--file", file(tmp_path), "--format", "jsonl").stdout.splitlines()
    found = [json.loads(line) for line in lines]
    for one in found:
        jsonschema.validate(one, SCHEMA)
    assert [one["cause"] for one in found] == ["invalid_recipient", "unknown", "spam_content", "unknown"]
    assert json.loads(bounce("--file", file(tmp_path), "--format", "json").stdout) == found
    assert json.loads(bounce("--file", file(tmp_path, []), "--format", "json").stdout) == []


def test_the_table_ends_with_totals(tmp_path: Path) -> None:
    """A row for each text, control characters as escapes, and how many of each cause."""
    done = bounce("--file", file(tmp_path))
    rows = done.stdout.splitlines()
    assert "\x1b" not in done.stdout and r"\u001b[31m" in rows[2]
    assert rows[4] == "4 texts" and rows[5].split() == ["unknown", "2", "50%"]


def test_a_line_without_end_is_one_text(tmp_path: Path) -> None:
    """A text of megabytes is one row, and what is no UTF-8 does no harm."""
    path = tmp_path / "texts"
    path.write_bytes(b"550 user unknown " + b"\xff" * 3 * LONGEST + b"\n550 mailbox full\n")
    found = [json.loads(line)["cause"] for line in bounce("--file", path, "--format", "jsonl").stdout.splitlines()]
    assert found == ["invalid_recipient", "mailbox_full"]


def test_own_rules_go_first(tmp_path: Path) -> None:
    """--rules names a file of one's own, else the configuration does; its mistakes are told."""
    rules = tmp_path / "own.toml"
    rules.write_text('[[rule]]\nname = "x"\ncause = "loop"\nwhy = "Ours."\nsays = ["user unknown"]\n')
    assert json.loads(bounce(TEXTS[0], "--rules", rules, "--format", "json").stdout)["rule"] == "own.x"
    (tmp_path / "gatepost.toml").write_text('[bounces]\nrules = "own.toml"\n')
    assert (
        json.loads(bounce(TEXTS[0], "--config", tmp_path / "gatepost.toml", "--format", "json").stdout)["rule"]
        == "own.x"
    )
    rules.write_text("[[rule]]\n")
    assert isinstance(bounce(TEXTS[0], "--rules", rules).exception, ConfigError)
    assert isinstance(bounce(TEXTS[0], "--rules", tmp_path / "none").exception, ConfigError)


@pytest.mark.parametrize("arguments", [("--file", "no/such/file"), ("--file", "/")])
def test_a_file_that_cannot_be_read_is_told(arguments: tuple[str, ...]) -> None:
    """The message names the file; nothing is printed."""
    done = bounce(*arguments)
    assert isinstance(done.exception, SourceError) and arguments[1] in str(done.exception) and not done.stdout


def test_a_text_and_a_file_are_too_much(tmp_path: Path) -> None:
    """One or the other."""
    assert "not both" in str(bounce("x", "--file", file(tmp_path)).exception)


def test_a_list_is_told_without_teeth() -> None:
    """Name and link of a blocklist are told in both forms, and neither can be clicked or hides a control character."""
    text = "554 5.7.1 listed at bl.example.org, see https://bl.example.org/?ip=192.0.2.25"
    done, found = bounce(text).stdout, json.loads(bounce(text, "--format", "json").stdout)
    jsonschema.validate(found, SCHEMA)
    assert found["listed"] == {"list": "bl[.]example[.]org", "link": "hxxps[:]//bl[.]example[.]org/?ip=192.0.2.25"}
    assert "listed at   bl[.]example[.]org" in done and "visit hxxps" in done and "https:" not in done
