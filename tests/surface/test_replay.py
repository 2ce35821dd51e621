"""gatepost replay: stolen accounts in logs one already has."""

import bz2
import gzip
import io
import lzma
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import zstandard
from tests.runtime.scene import ANN, BEN, CLEO, NIGHT, habits, theft
from tests.surface.desk import Said, run

PACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".xz": lzma.compress,
    ".bz2": bz2.compress,
    ".zst": zstandard.ZstdCompressor().compress,
}


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """Three accounts' habits, two of them robbed in the same night."""
    return [
        *habits((ANN, BEN, CLEO)),
        *sorted([*theft(NIGHT, ANN), *theft(NIGHT + 5, BEN)], key=lambda line: line[:19]),
    ]


def text(lines: list[str]) -> bytes:
    """Lines as a file holds them."""
    return "".join(f"{line}\n" for line in lines).encode()


def replay(*words: object) -> Said:
    """Without any configuration."""
    return run("replay", "--zone", "UTC", *(str(word) for word in words))


def changes(*words: object) -> str:
    """Every change of level, without the cites, which name the file."""
    said = replay("--format", "jsonl", *words)
    assert said.code == 0, said.err
    found = said.lines
    for change in found:
        for proof in change["evidence"]:
            del proof["cites"]
    return "\n".join(map(str, found))


@pytest.fixture
def whole(tmp_path: Path, lines: list[str]) -> Path:
    """The log in one piece."""
    path = tmp_path / "mainlog"
    path.write_bytes(text(lines))
    return path


@pytest.mark.parametrize("ending", PACK)
def test_a_packed_log_is_the_log(whole: Path, ending: str) -> None:
    """Byte for byte the same answer."""
    packed = whole.with_name(f"mainlog{ending}")
    packed.write_bytes(PACK[ending](whole.read_bytes()))
    assert changes(packed) == changes(whole) != ""


def test_standard_input_is_a_log(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ "-" as elsewhere."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(whole.read_bytes())))
    assert changes("-") == changes(whole)


def test_rotated_pieces_in_any_order_are_the_whole(tmp_path: Path, whole: Path, lines: list[str]) -> None:
    """Messages are joined over the cuts, which fall in the middle of them."""
    third = len(lines) // 3 + 1
    pieces = [tmp_path / f"piece.{n}.gz" for n in range(3)]
    for number, piece in enumerate(pieces):
        piece.write_bytes(gzip.compress(text(lines[number * third : (number + 1) * third])))
    assert changes(*pieces) == changes(*reversed(pieces)) == changes(whole)


def test_logs_of_several_servers_are_one_by_time(tmp_path: Path, whole: Path, lines: list[str]) -> None:
    """Two interleaved logs give what their lines in one log give."""
    robbed = {line.split()[2] for line in lines if "<= ben@" in line}
    first = [line for line in lines if line.split()[2] not in robbed]
    second = [line for line in lines if line.split()[2] in robbed]
    (tmp_path / "mx1").write_bytes(text(first))
    (tmp_path / "mx2").write_bytes(text(second))
    assert sorted(changes(tmp_path / "mx1", tmp_path / "mx2").splitlines()) == sorted(changes(whole).splitlines())


def test_changes_come_in_the_order_of_their_times(whole: Path) -> None:
    """Over all accounts, and nothing else is on standard output."""
    found = replay("--format", "jsonl", whole).lines
    assert [change["time"] for change in found] == sorted(change["time"] for change in found)
    assert {change["account"] for change in found} == {ANN, BEN}
    assert {change["level"] for change in found} >= {"throttle", "hold", "block"}


def test_the_table_names_who_since_when_what_got_out_and_why(whole: Path) -> None:
    """And ends with what was read."""
    said = replay(whole)
    assert said.code == 0
    assert ANN in said.out and BEN in said.out and CLEO not in said.out
    assert "2026-03-15 03:00" in said.out and "without habit" in said.out
    assert f"{len(whole.read_text().splitlines()):,} lines in" in said.out


def test_a_truncated_archive_is_exit_three_and_the_rest_is_read(tmp_path: Path, whole: Path) -> None:
    """What stands before the break, and the other files."""
    cut = tmp_path / "cut.gz"
    cut.write_bytes(gzip.compress(b"2026-03-14 01:00:00 a line of the cut archive\n" * 9000)[:-20])
    said = replay("--format", "json", whole, cut)
    assert said.code == 3
    assert f"{cut}: breaks off" in said.err and "Traceback" not in said.err
    assert {one["account"] for one in said.json["incidents"]} == {ANN, BEN}
    assert said.json["totals"]["lines"] > len(whole.read_text().splitlines())
    assert said.json["totals"]["broken"]


@pytest.mark.parametrize("kind", ["missing", "folder", "no gzip", "empty gzip"])
def test_what_cannot_be_opened_is_exit_three_with_its_name(tmp_path: Path, whole: Path, kind: str) -> None:
    """The others are read."""
    path = tmp_path / "bad.gz"
    if kind == "folder":
        path.mkdir()
    elif kind != "missing":
        path.write_bytes(b"this is no archive" if kind == "no gzip" else b"")
    said = replay("--format", "jsonl", path, whole)
    assert (said.code, bool(said.lines)) == ((0, True) if kind == "empty gzip" else (3, True))
    assert kind == "empty gzip" or str(path) in said.err
    assert "Traceback" not in said.err


def test_garbage_is_counted_and_costs_nothing(tmp_path: Path, whole: Path) -> None:
    """Every byte there is, NULs, broken UTF-8 and lines of five megabytes between the lines of a log."""
    dirty = tmp_path / "dirty"
    noise = bytes(range(256)) * 40 + b"\n" + b"\x00" * 100 + b"\n" + b"x" * (5 << 20) + b"\n" + b"\xff\xfe\xfa\n"
    clean = whole.read_bytes()
    middle = clean.index(b"\n", len(clean) // 2) + 1
    dirty.write_bytes(noise + clean[:middle] + noise + clean[middle:] + noise)
    assert changes(dirty) == changes(whole)
    totals = replay("--format", "json", dirty).json["totals"]
    assert sum(totals["unread"].values()) + sum(totals["ignored"].values()) >= 6
    assert max(len(sample) for samples in totals["unread_samples"].values() for sample in samples) <= 300


def test_an_empty_log_is_no_mistake(tmp_path: Path) -> None:
    """Nothing was stolen."""
    (tmp_path / "empty").write_bytes(b"")
    said = replay(tmp_path / "empty")
    assert said.code == 0 and "No account was at hold or block." in said.out
    assert replay("--format", "jsonl", tmp_path / "empty").out == ""


@pytest.mark.parametrize("memory", ["1k", "2m", "1g"])
def test_little_memory_changes_nothing(whole: Path, memory: str) -> None:
    """Pages go to a temporary file."""
    assert changes("--memory", memory, whole) == changes(whole)


@pytest.mark.parametrize("words", [("--memory", "much"), ("--domains", "none.json"), ("--format", "xml"), ()])
def test_wrong_usage_is_exit_two(whole: Path, words: tuple[str, ...]) -> None:
    """Said in one line."""
    said = run("replay", *words, *([str(whole)] if words else []))
    assert said.code == 2 and said.err and "Traceback" not in said.err


def test_changes_keep_to_the_machine_contract(whole: Path) -> None:
    """The fields that other programs read."""
    schema = {
        "type": "object",
        "required": ["time", "account", "level", "score", "incident", "evidence"],
        "properties": {
            "time": {"pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
            "level": {"enum": ["clear", "watch", "throttle", "hold", "block"]},
            "score": {"type": "number", "minimum": 0, "maximum": 100},
            "incident": {"type": ["string", "null"], "pattern": r"^.+#\d+$"},
            "evidence": {
                "type": "array",
                "items": {"required": ["detector", "family", "points", "says", "measured", "limit", "values", "cites"]},
            },
        },
    }
    for change in replay("--format", "jsonl", whole).lines:
        jsonschema.validate(change, schema)
