"""Lines that cannot be asked for again: kept once, given once, within bounds."""

import asyncio
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.core.ports import Position
from gatepost.source import spool as module
from gatepost.source.given import Lines
from gatepost.source.spool import Spool


class State:
    """How far the state has come."""

    def __init__(self) -> None:
        self.position: Position | None = None

    def durable(self) -> Position | None:
        """What is written down."""
        return self.position


def spool(folder: Path, state: State, most: int = 1 << 30) -> Spool:
    """One that goes on where the state is."""
    return Spool(folder, state.position, state.durable, most)


def drain(kept: Spool) -> list[Lines]:
    """Everything that is there."""
    return list(iter(kept._next, None))


def texts(found: list[Lines]) -> list[str]:
    """Their lines."""
    return [line for lines in found for line in lines.lines]


def test_what_comes_is_given_once_and_in_order(tmp_path: Path) -> None:
    """Waits at the end, and goes on with what comes then."""

    async def run() -> list[str]:
        kept, found = spool(tmp_path, State()), list[str]()
        kept.add([b"one", b"two"])
        async with asyncio.timeout(10):
            async for lines in kept.lines():
                found += lines.lines
                if len(found) == 2:
                    asyncio.get_running_loop().call_soon(kept.add, [b"three"])
                if len(found) == 3:
                    break
        kept.close()
        return found

    assert asyncio.run(run()) == ["one", "two", "three"]


@given(
    st.lists(
        st.lists(st.binary(max_size=9).filter(lambda line: b"\n" not in line), min_size=1, max_size=4), max_size=9
    ),
    st.sets(st.integers(0, 9)),
    st.integers(1, 30),
)
def test_kill_9_between_any_two_receptions_loses_and_doubles_nothing(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[bytes]], kills: set[int], segment: int
) -> None:
    """The position is durable or not; cursors ascend, and each line has one cursor, whatever is read again."""
    folder, state = tmp_path_factory.mktemp("spool"), State()
    seen: dict[tuple[int, int], str] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SEGMENT", segment)
        kept = spool(folder, state)
        for number, part in enumerate(parts):
            assert kept.add(part)
            for lines in drain(kept) if number % 2 else []:
                for one in lines.singly():
                    assert seen.setdefault((one.generation, one.offset), one.lines[0]) == one.lines[0]
            if number % 3 == 0:
                state.position = kept.position
            kept.clean()
            if number in kills:
                kept.close()
                kept = spool(folder, state)
        for lines in drain(kept):
            for one in lines.singly():
                assert seen.setdefault((one.generation, one.offset), one.lines[0]) == one.lines[0]
        kept.close()
    wanted = [line.decode("utf-8", "surrogateescape") for part in parts for line in part]
    assert [seen[cursor] for cursor in sorted(seen)] == wanted


def test_half_a_line_of_a_crash_is_never_continued(tmp_path: Path) -> None:
    """The next start writes into a new segment; what was whole is given."""
    kept = spool(tmp_path, State())
    kept.add([b"one"])
    with (tmp_path / "00000002").open("ab") as file:
        file.write(b"tw")
    kept.close()
    again = spool(tmp_path, State())
    again.add([b"three"])
    assert texts(drain(again)) == ["one", "three"]
    again.close()


def test_what_the_state_has_is_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not before: until then a crash reads it again."""
    monkeypatch.setattr(module, "SEGMENT", 4)
    state = State()
    kept = spool(tmp_path, state)
    for line in (b"one", b"two", b"six"):
        kept.add([line])
    assert len(texts(drain(kept))) == 3
    kept.clean()
    assert len(list(tmp_path.iterdir())) == 3
    state.position = kept.position
    kept.clean()
    assert list(tmp_path.iterdir()) == []
    kept.add([b"ten"])
    kept.close()
    again = spool(tmp_path, state)
    assert (again.gaps, texts(drain(again))) == (0, ["ten"])
    again.close()


def test_no_more_is_kept_than_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Full is full, and said; room comes back when the state has caught up."""
    monkeypatch.setattr(module, "SEGMENT", 4)
    state = State()
    kept = spool(tmp_path, state, most=8)
    assert kept.add([b"one"]) and kept.add([b"two"])
    assert kept.full and not kept.add([b"six"])
    assert "backlog" in kept.trouble
    drain(kept)
    state.position = kept.position
    kept.clean()
    assert kept.add([b"six"]) and not kept.trouble
    assert texts(drain(kept)) == ["six"]
    kept.close()


def test_a_full_disk_keeps_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All lines of a call or none; the file is as before, and what comes later is whole."""
    kept = spool(tmp_path, State())
    kept.add([b"one"])
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:3]))
    assert not kept.add([b"second"])
    assert "disk is full" in kept.trouble
    monkeypatch.undo()
    assert kept.add([b"three"])
    assert texts(drain(kept)) == ["one", "three"]
    kept.close()


def test_what_a_power_cut_took_is_a_gap(tmp_path: Path) -> None:
    """The state was written to the disk, the spool was not: new lines are not taken for old ones."""
    state = State()
    kept = spool(tmp_path, state)
    kept.add([b"one", b"two"])
    drain(kept)
    state.position = kept.position
    kept.close()
    os.truncate(tmp_path / f"{state.position.generation:08}", 4)
    again = spool(tmp_path, state)
    again.add([b"three"])
    found = drain(again)
    assert (again.gaps, texts(found)) == (1, ["three"])
    assert found[0].generation > state.position.generation
    again.close()
