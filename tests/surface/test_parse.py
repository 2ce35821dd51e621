"""gatepost parse: one object for every line."""

import gzip
import json
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result
from tests.mta.corpus import CORPUS, lines

from gatepost.surface.commands.parse import command

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schemas" / "parse.json").read_text())
LINES = [
    "2026-03-02 10:00:00 1wAAAA-0001aB-2c <= a@example.org H=(laptop) [192.0.2.7] P=esmtpa A=plain:ann S=9 for b@x c@x",
    "2026-03-02 10:00:01 1wAAAA-0001aB-2c => b@x R=r T=t",
    "2026-03-02 10:00:02 1wAAAA-0001aB-2c Completed",
    "hello",
]


def parse(*arguments: object, text: str | bytes | None = None) -> Result:
    """Run the command."""
    done = CliRunner().invoke(command, [str(one) for one in arguments], input=text, standalone_mode=False)
    assert done.exception is None
    return done


def log(folder: Path, name: str = "mainlog", text: str = "\n".join(LINES) + "\n") -> Path:
    """A log in a folder."""
    path = folder / name
    data = text.encode("utf-8", "surrogateescape")
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def test_every_line_is_one_object_in_order(tmp_path: Path) -> None:
    """Numbers run over all inputs, and fields stand only where the line states them."""
    done = parse(log(tmp_path), log(tmp_path, "mainlog.1.gz"), "--format", "jsonl", "--zone", "UTC")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["n"] for one in found] == list(range(1, 9)) and done.return_value == 0
    assert found[0] == {
        "n": 1, "dialect": "exim", "kind": "submission", "why": "", "time": "2026-03-02T10:00:00Z", "account": "ann",
        "envelope_sender": "a@example.org", "size": 9, "mechanism": "plain", "client": "192.0.2.7", "helo": "laptop",
        "protocol": "esmtpa", "queue_id": "1wAAAA-0001aB-2c", "recipients": 2, "recipient_addresses": ["b@x", "c@x"],
    }  # fmt: skip
    assert [one["kind"] for one in found[4:]] == ["submission", "delivery", "part", "unread"]


def test_the_corpus_is_what_the_schema_says() -> None:
    """Every object of every kind is valid, and `json` is the same objects in one array."""
    logs = sorted((CORPUS / "exim").glob("*.log"))
    done = parse(*logs, "--format", "json", "--zone", "UTC", "--dialect", "exim")
    found = json.loads(done.stdout)
    checker = jsonschema.Draft202012Validator(SCHEMA)
    for one in found:
        checker.validate(one)
    assert {one["kind"] for one in found} == {"login", "submission", "delivery", "own", "part", "ignored", "unread"}
    rows = parse(*logs, "--format", "jsonl", "--zone", "UTC", "--dialect", "exim").stdout.splitlines()
    assert [json.loads(row) for row in rows] == found and len(found) > len(lines("exim"))


def test_the_table_ends_with_totals(tmp_path: Path) -> None:
    """A row a line, then how many of each kind."""
    rows = parse(log(tmp_path)).stdout.splitlines()
    assert len(rows) == 5 and "account=ann" in rows[0] and "recipients=2" in rows[0]
    assert rows[-1] == "4 lines: submission 1, delivery 1, part 1, unread 1"


def test_what_strangers_wrote_cannot_reach_the_terminal(tmp_path: Path) -> None:
    """Control characters are escapes in the table; broken UTF-8 is valid JSON."""
    line = LINES[0].replace("(laptop)", "(la\x1b[31m\udcffptop)")
    assert "\\u001b[31m" in parse(log(tmp_path, text=line)).stdout
    done = parse(log(tmp_path, text=line), "--format", "jsonl")
    assert json.loads(done.stdout)["helo"] == "la\x1b[31m\ufffdptop"


def test_an_input_that_cannot_be_read_is_said_and_the_rest_is_read(tmp_path: Path) -> None:
    """Exit 3, the reason on standard error, and every line of the others."""
    broken = tmp_path / "broken.gz"
    broken.write_bytes(gzip.compress(("\n".join(LINES) * 1000).encode())[:-20])
    done = parse(tmp_path / "missing", broken, log(tmp_path), "--format", "jsonl")
    assert done.return_value == 3 and "missing" in done.stderr and "broken.gz" in done.stderr
    assert json.loads(done.stdout.splitlines()[-4])["kind"] == "submission"


def test_standard_input_is_a_log() -> None:
    """ "-" is read like a file."""
    done = parse("-", "--format", "jsonl", text="\n".join(LINES))
    assert [json.loads(row)["kind"] for row in done.stdout.splitlines()] == ["submission", "delivery", "part", "unread"]


@pytest.mark.parametrize(("text", "said"), [("hello\nworld\n", "unknown"), ("", None)])
def test_a_log_nobody_knows_is_said_to_be_unknown(tmp_path: Path, text: str, said: str | None) -> None:
    """No dialect is guessed where no line tells one; an empty log has no lines and no mistakes."""
    done = parse(log(tmp_path, text=text), "--format", "jsonl")
    dialects = {json.loads(row)["dialect"] for row in done.stdout.splitlines()}
    assert dialects == ({said} if said else set()) and done.return_value == 0


def test_an_empty_array_is_an_array(tmp_path: Path) -> None:
    """JSON without a line is still JSON."""
    assert json.loads(parse(log(tmp_path, text=""), "--format", "json").stdout) == []
