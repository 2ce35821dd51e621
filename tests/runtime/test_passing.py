"""Too many questions pass unjudged: the abuse desk and doctor hear of it, once an hour, and mail flows."""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.runtime.scene import ANN
from tests.runtime.test_doors import Answering
from tests.source.test_inline import ask

from gatepost.config.asking import PostfixDoor
from gatepost.core.units import DAY
from gatepost.runtime.passing import MANY, WITHIN, Passing, last
from gatepost.source.inline import Counts
from gatepost.store.sqlite import Sqlite
from gatepost.surface.doctor import passing

ASK = f"request=smtpd_access_policy\nprotocol_state=RCPT\nsasl_username={ANN}\n\n".encode()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Answering]:
    """A door in the folder."""
    made = Answering(tmp_path)
    door = PostfixDoor(name="postfix", listen=f"unix:{tmp_path}/door")
    made.house.settings = made.settings = type(made.settings)(
        **{name: getattr(made.settings, name) for name in made.settings.__struct_fields__} | {"door": (door,)}
    )
    made.doors.turn()
    yield made
    made.close()


def stalled(*_: object) -> None:
    """An engine that takes longer than a turn may."""
    ends = time.monotonic() + 0.06
    while time.monotonic() < ends:
        pass


def broken(*_: object) -> None:
    """An engine that fails."""
    msg = "no such\nthing"
    raise RuntimeError(msg)


def asked(here: Answering, folder: Path, number: int) -> bytes:
    """So many questions at once, and a look afterwards."""

    async def run() -> bytes:
        async with here.doors.open():
            said = await ask(folder / "door", ASK * number)
            here.doors.look()
            return said

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("engine", "reason"), [(stalled, "came while others took too long"), (broken, r"RuntimeError('no such\nthing')")]
)
def test_a_stalled_engine_is_heard_of(
    here: Answering, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: Callable[..., None], reason: str
) -> None:
    """Every question passes, the desk is told once an hour, and doctor says it for a day."""
    monkeypatch.setattr(here.doors.attempts, "add", engine)
    for _ in range(2):
        assert asked(here, tmp_path, MANY + 1) == b"action=DUNNO\n\n" * (MANY + 1)
    ((subject, lines),) = here.desk._letters
    assert subject == "a door lets mail pass unjudged" and reason in " ".join(lines)
    door, state = here.settings.door[0], Path(here.settings.state.path)
    (found,) = passing.look(door, state, here.clock.now())
    assert found.state == "warn" and "questions passed unjudged" in found.says
    here.clock.at += DAY + 1
    assert [check.state for check in passing.look(door, state, here.clock.now())] == ["ok"]
    asked(here, tmp_path, MANY + 1)
    assert len(here.desk._letters) == 2


def test_a_few_are_no_alarm(here: Answering, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One less than too many, at once."""
    monkeypatch.setattr(here.doors.attempts, "add", broken)
    asked(here, tmp_path, MANY - 1)
    assert last(here.store, "postfix") is None


@pytest.mark.parametrize(("seconds", "heard"), [(WITHIN, True), (WITHIN + 0.1, False)])
def test_too_many_is_so_many_within_so_long(here: Answering, store: Sqlite, seconds: float, heard: bool) -> None:
    """Spread over longer they are no alarm."""
    door = Passing("postfix", here.desk, store)
    for number in range(MANY):
        door.passed(type(here.clock.now())(here.clock.at + number * seconds / (MANY - 1)))
    door.look(Counts(overloaded=MANY), "")
    assert (last(store, "postfix") is not None) == heard


@pytest.fixture
def store(here: Answering) -> Sqlite:
    """The state."""
    return here.store
