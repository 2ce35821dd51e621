"""queue.py and eximqueue.py: an account's mail is kept, nobody else's, and the honest part alone goes by itself."""

import asyncio
import os
import time
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.act.book import NOON, Book, Fixed, incident, order, target
from tests.act.carrier import Carrier
from tests.act.spool import MadeSpool, made_spool, numbered

from gatepost.act import program
from gatepost.act.queue import Keep, deleted, let_go
from gatepost.act.queued import SLICE, Queue
from gatepost.core.errors import ActionError
from gatepost.core.ports import Target
from gatepost.core.units import fold_account

ANN = "ann@example.org"
MANY = (3_000, 100_000) if os.environ.get("SOAK") else (3_000,)
"""Messages of a full queue; SOAK=1 has the large one too, which needs minutes for making it."""

HOME, STRANGE = "192.0.2.7", "198.51.100.9"
ORDER = order(incident())
TARGET = replace(target(incident(), ANN), habits=("home",))


def keep(queue: Queue, book: Book) -> Keep:
    """The action; 192.0.2.0/24 is Ann's home."""
    places = {HOME: "home"}
    return Keep(
        book, Fixed(), queue, on=frozenset({"held", "blocked"}), fold=lambda login: fold_account(login, "example.org"),
        place=lambda client: places.get(client, "elsewhere"),
    )  # fmt: skip


def carrier(spool: MadeSpool, book: Book | None = None) -> Carrier:
    """The action and its journal."""
    book = book or Book()
    return Carrier(keep(spool.queue, book), book)


def stop(spool: MadeSpool, book: Book | None = None) -> Carrier:
    """Keep Ann's mail."""
    made = carrier(spool, book)
    asyncio.run(made.ensure(ORDER, TARGET))
    return made


@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize("long", [False, True])
def test_the_accounts_mail_is_kept_and_nobody_elses(tmp_path: Path, split: bool, long: bool) -> None:
    """Every spelling of the account, in plain and split spools, with ids of both lengths; whatever others wrote."""
    spool = made_spool(tmp_path / "spool", split=split)
    ids = [numbered(number, long=long) for number in range(8)]
    mine = {spool.put(ids[0]), spool.put(ids[1], "ANN@Example.org"), spool.put(ids[2], "ann")}
    spool.put(ids[3], "ben@example.org", sender=ANN)
    spool.put(ids[4], "ben@example.org", helo="x -auth_id ann@example.org", variable="y\n--auth_id ann@example.org")
    spool.put(ids[5], "", sender=ANN)
    spool.put(ids[6], "joann@example.org")
    spool.put(ids[7], "ann@example.org.example.test")
    (tmp_path / "spool/input" / f"{numbered(9)}-H").mkdir()
    stop(spool)
    assert spool.frozen() == mine and spool.there() == set(ids)


CASES = {
    "before, from a habit": (HOME, NOON - 60, False, True),
    "before, from nowhere known": (STRANGE, NOON - 60, False, False),
    "after, from a habit": (HOME, NOON + 1, False, False),
    "kept by somebody else before": (HOME, NOON - 60, True, False),
}


@pytest.mark.parametrize("case", CASES)
def test_a_release_sends_the_honest_part_and_nothing_else(tmp_path: Path, case: str) -> None:
    """Taken in before the incident, from a habit of then, and kept by us: that goes; the rest waits and is told."""
    client, at, frozen, goes = CASES[case]
    spool = made_spool(tmp_path / "spool")
    name = spool.put(numbered(1), client=client, at=at, frozen=frozen)
    rest = spool.put(numbered(2), client=STRANGE)
    made = stop(spool)
    assert spool.frozen() == {name, rest}
    (note,) = asyncio.run(made.release(ANN))
    assert (name not in spool.there()) is goes and rest in spool.frozen()
    assert f"{1 if goes else 0} message" in note and "gatepost queue ann@example.org --list" in note
    assert asyncio.run(made.action.undo(ORDER, TARGET, made.book.rows("ann@example.org#1")[0].undo))
    assert rest in spool.frozen()


def test_without_habits_nothing_flows_by_itself(tmp_path: Path) -> None:
    """An account that has no habit has no honest part."""
    spool = made_spool(tmp_path / "spool")
    spool.put(numbered(1))
    made = carrier(spool)
    asyncio.run(made.ensure(ORDER, target(incident(), ANN)))
    asyncio.run(made.release(ANN))
    assert spool.frozen() == {numbered(1)}


@pytest.mark.parametrize("at", range(6))
def test_a_death_between_any_two_steps_is_mended_by_the_next_start(tmp_path: Path, at: int) -> None:
    """However many messages were frozen when everything died, the same row done again keeps all, and forgets nobody's.

    Exim's program dies after `at` messages, and gatepost with it: a new action works from the journal alone.
    """
    spool, book = made_spool(tmp_path / "spool"), Book()
    others = spool.put(numbered(9), frozen=True)
    mine = {spool.put(numbered(number)) for number in range(5)}
    spool.tell("die", str(at), "-Mf")
    if at < 5:
        with pytest.raises(ActionError):
            stop(spool, book)
    spool.tell("die")
    again = stop(spool, book)
    assert spool.frozen() == mine | {others}
    spool.tell("die", str(at), "-Mt")
    if at < 5:
        with pytest.raises(ActionError):
            asyncio.run(again.release(ANN))
    spool.tell("die")
    asyncio.run(carrier(spool, book).release(ANN))
    assert spool.frozen() == {others} and not spool.there() & mine


def test_a_second_step_keeps_to_what_the_first_wrote_down(tmp_path: Path) -> None:
    """A block after a hold does not take what the hold kept for somebody else's."""
    spool, book = made_spool(tmp_path / "spool"), Book()
    spool.put(numbered(1))
    made = carrier(spool, book)
    held = order(incident(), "held")
    asyncio.run(made.ensure(held, TARGET))
    asyncio.run(made.ensure(order(incident(), "blocked", 2), replace(TARGET, habits=())))
    asyncio.run(made.release(ANN))
    assert not spool.there()


def test_what_is_being_delivered_is_tried_again_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A locked message does not keep the others from being kept; it is named, and the order is worth another try."""
    monkeypatch.setattr("gatepost.act.queue.AGAIN", 0.01)
    spool, book = made_spool(tmp_path / "spool"), Book()
    free, locked = spool.put(numbered(1)), spool.put(numbered(2))
    spool.tell("locked", locked)
    with pytest.raises(ActionError, match=locked) as caught:
        stop(spool, book)
    assert caught.value.retry and spool.frozen() == {free}
    assert spool.calls().count("-Mf 1") == 3
    spool.tell("locked")
    stop(spool, book)
    assert spool.frozen() == {free, locked}


def test_mail_that_comes_meanwhile_is_kept_too(tmp_path: Path) -> None:
    """What was on its way when the queue was read is found by a second look."""
    spool = made_spool(tmp_path / "spool")
    spool.put(numbered(1))
    queue = spool.queue
    real = queue.keep

    async def slow(mail: object) -> None:
        spool.put(numbered(2))
        queue.keep = real  # type: ignore[method-assign]
        await real(mail)  # type: ignore[arg-type]

    queue.keep = slow  # type: ignore[method-assign]
    book = Book()
    asyncio.run(Carrier(keep(queue, book), book).ensure(ORDER, TARGET))
    assert spool.frozen() == {numbered(1), numbered(2)}


def test_trouble_says_what_to_do(tmp_path: Path) -> None:
    """No spool, no program, no permission: an ActionError with place and remedy, worth another try."""
    spool = made_spool(tmp_path / "spool")
    spool.put(numbered(1))
    spool.tell("refuse", "yes")
    with pytest.raises(ActionError, match=r"permission denied.*gpasswd -a gatepost Debian-exim") as refused:
        stop(spool)
    assert refused.value.retry
    with pytest.raises(ActionError, match="is not there; correct spool"):
        stop(MadeSpool(tmp_path / "none"))
    (tmp_path / "spool/exim.py").unlink()
    gone = type(spool.queue)(spool.folder, (str(tmp_path / "no-exim"),))
    book = Book()
    with pytest.raises(ActionError, match="cannot be started"):
        asyncio.run(Carrier(keep(gone, book), book).ensure(ORDER, TARGET))


def test_a_program_that_hangs_is_ended(tmp_path: Path) -> None:
    """A call that takes too long is an ActionError, and its process does not stay."""
    spool = made_spool(tmp_path / "spool")
    spool.tell("hang", "yes")
    begun = time.perf_counter()
    with pytest.raises(ActionError, match="did not end within") as caught:
        asyncio.run(program.run(spool.command, "-Mf", numbered(1), within=0.3))
    assert caught.value.retry and time.perf_counter() - begun < 10


def test_what_a_program_says_is_bounded(tmp_path: Path) -> None:
    """Whatever a program writes is read to its end; so much of it is kept as is worth keeping, and shown harmlessly."""
    talk = tmp_path / "talk.py"
    talk.write_text('import sys; sys.stdout.write("x" * 200000); sys.stderr.write("\\x1b[31mno\\n" + "y" * 200000)')
    said = asyncio.run(program.run(("python3", "-I", str(talk)), within=30))
    assert len(said.out) == program.MOST and len(said.err) == program.MOST
    assert said.complaint == "\\u001b[31mno"


def test_a_program_that_says_much_keeps_nobody_waiting(tmp_path: Path) -> None:
    """Others have their turn every fifty lines, however fast the lines come."""
    talk = tmp_path / "talk.py"
    talk.write_text('import sys; sys.stdout.write("x\\n" * 50000)')
    turns = lines = most = 0

    async def others() -> None:
        nonlocal turns, most
        seen = 0
        while True:
            await asyncio.sleep(0)
            turns, most, seen = turns + 1, max(most, lines - seen), lines

    def take(line: bytes) -> None:
        nonlocal lines
        lines += 1

    async def both() -> None:
        beside = asyncio.ensure_future(others())
        await program.stream(("python3", "-I", str(talk)), take=take, within=30)
        beside.cancel()

    asyncio.run(both())
    assert lines == 50_000 and turns >= lines / program.TURN and most <= 2 * program.TURN


def test_the_operator_sends_and_deletes_what_is_kept(tmp_path: Path) -> None:
    """What could not be done is said, everything else is done."""
    spool = made_spool(tmp_path / "spool")
    ids = [spool.put(numbered(number), frozen=True) for number in range(4)]
    queue = spool.queue

    async def both() -> None:
        mail = await queue.of(lambda login: login == ANN)
        assert [one.id for one in mail] == ids
        spool.tell("locked", ids[0])
        assert [one.id for one in await deleted(queue, mail[:2])] == [ids[0]]
        spool.tell("locked")
        assert not await let_go(queue, mail[2:])

    asyncio.run(both())
    assert spool.there() == {ids[0]}


@pytest.mark.parametrize("many", MANY)
def test_a_full_queue_is_kept_in_slices(tmp_path: Path, many: int) -> None:
    """A full queue is kept slice by slice and try by try, each within its time; nobody else's message is touched."""
    spool, book = made_spool(tmp_path / "spool", split=True), Book()
    for number in range(many):
        spool.put(numbered(number), "ben@example.org" if number % 10 == 0 else ANN)
    made, tries = carrier(spool, book), 0
    for tries in range(1, 40):  # noqa: B007
        try:
            asyncio.run(made.ensure(ORDER, TARGET))
            break
        except ActionError as error:
            assert error.retry
    kept = spool.frozen()
    assert len(kept) == many * 9 // 10 and all(int(name[7:13]) % 10 for name in kept)
    assert all(int(call.split()[1]) <= SLICE for call in spool.calls())
    assert len(spool.calls()) <= many / SLICE + 4 * tries


def test_a_target_tells_its_habits() -> None:
    """Whoever makes a target by hand has none."""
    assert Target((ANN,), incident()).habits == ()
