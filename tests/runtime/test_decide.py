"""A tampered line, and the spool that knows better (contracts 13)."""

import shutil
from pathlib import Path

import pytest
from msgspec import msgpack
from tests.runtime.scene import ANN, BEN, BOTNET, NIGHT, Fixed, Machine, habits

from gatepost.config.load import load
from gatepost.config.settings import Settings
from gatepost.core.evidence import Level
from gatepost.core.units import account_subject, iso
from gatepost.mta.decision import Decision, record_of
from gatepost.store import forget
from gatepost.store.sqlite import Sqlite

GREETING = f"desk) [192.0.2.20] P=esmtpa A=plain:{BEN}:"
CONFIG = """\
mode = "enforce"
start = { observe_for = "0s" }
domains = { local = ["example.org"] }
[[source]]
kind = "tail"
name = "mx1"
path = "mainlog"
zone = "UTC"
spool = "spool"
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A source with a spool."""
    (tmp_path / "gatepost.toml").write_text(CONFIG)
    (tmp_path / "mainlog").write_text("")
    return load(tmp_path / "gatepost.toml")


def forged(number: int) -> list[str]:
    """The thief's message, ANN's login, behind a greeting that names BEN: accepted, three of ten do not exist."""
    at, queue_id = f"{iso(NIGHT + number)[:10]} {iso(NIGHT + number)[11:19]}", f"1zzzzy-{number:06d}-00"
    to = [f"v{number}x{n}@prey{n}.example.net" for n in range(10)]
    first = f"{at} {queue_id} <= {ANN} H=({GREETING}) [{BOTNET[number]}] P=esmtpa A=plain:{ANN} S=400"
    bad = [f"{at} {queue_id} ** {one} R=r T=t: 550 5.1.1 no such user" for one in to[:3]]
    return [f"{first} for {' '.join(to)}", *bad, *(f"{at} {queue_id} => {one} R=r T=t" for one in to[3:])]


def queued(folder: Path, number: int) -> None:
    """Its header file."""
    queue_id = f"1zzzzy-{number:06d}-00"
    (folder / "input").mkdir(parents=True, exist_ok=True)
    (folder / "input" / f"{queue_id}-H").write_text(
        f"{queue_id}-H\nDebian-exim 999 995\n<{ANN}>\n1 0\n--helo_name {GREETING}\n"
        f"-host_address [{BOTNET[number]}]:5\n-host_auth plain\n-received_protocol esmtpa\n--auth_id {ANN}\nXX\n10\n"
        + "".join(f"v{number}x{n}@prey{n}.example.net\n" for n in range(10))
    )


def played(settings: Settings, *, spool: bool) -> Machine:
    """Habits, then twelve forged messages, with or without their files."""
    machine = Machine(settings, Fixed())
    machine.read(habits())
    for number in range(12):
        if spool:
            queued(Path(settings.state.path).with_name("spool"), number)
        machine.read(forged(number))
    return machine


def test_the_spool_names_the_thief_and_spares_the_victim(settings: Settings) -> None:
    """What he does behind a forged greeting is charged to the account he used, and to nobody else."""
    machine = played(settings, spool=True)
    assert [incident.account for incident in machine.incidents()] == [ANN]
    assert {alarm.who for alarm in machine.house.pipeline.alarms} == {f"{ANN} from {BOTNET[n]}" for n in range(12)}
    machine.close()


def test_without_the_spool_nobody_is_charged(settings: Settings) -> None:
    """Once the message has left the queue nobody can say who it was."""
    machine = played(settings, spool=False)
    assert machine.incidents() == [] and {alarm.who for alarm in machine.house.pipeline.alarms} == {""}
    machine.close()


@pytest.mark.parametrize("spool", [True, False])
def test_an_account_that_is_certain_is_charged_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, spool: bool
) -> None:
    """A greeting that hides the client alone stops nothing: the thief is found with the spool and without."""
    monkeypatch.setattr("tests.runtime.test_decide.GREETING", "desk) [192.0.2.20] U=desk")
    machine = played(settings, spool=spool)
    (incident,) = machine.incidents()
    assert incident.account == ANN and incident.peak is Level.BLOCK
    page = machine.house.pipeline.shelf.page(account_subject(ANN))
    assert page.incident is not None and page.incident.out_before + page.incident.out_after == 120
    assert {alarm.who for alarm in machine.house.pipeline.alarms} == ({""} if not spool else asked())
    machine.close()


def asked() -> set[str]:
    """What the spool says of each message."""
    return {f"{ANN} from {BOTNET[number]}" for number in range(12)}


def test_a_decision_is_the_same_when_the_message_is_gone(settings: Settings, tmp_path: Path) -> None:
    """The log read again by a new process, the spool empty: the same events under the same cursors, counted once."""
    first = played(settings, spool=True)
    page = msgpack.encode(first.house.pipeline.shelf.page(account_subject(ANN)).applied)
    opened = [(each.key, each.out_before, each.peak) for each in first.incidents()]
    first.close()
    shutil.rmtree(Path(settings.state.path).with_name("spool"))
    again = Machine(settings, Fixed())
    again.store.run("DELETE FROM pages")
    again.store.run("DELETE FROM incidents")
    again.store.run("DELETE FROM sources")
    again.store.run("DELETE FROM messages")
    again.close()
    second = played(settings, spool=False)
    assert [(each.key, each.out_before, each.peak) for each in second.incidents()] == opened
    assert msgpack.encode(second.house.pipeline.shelf.page(account_subject(ANN)).applied) == page
    number = second.store.run("SELECT count(*) FROM decisions").fetchone()[0]
    second.house.positions.clear()
    assert number == 12
    second.close()


def test_decisions_age_and_are_forgotten_with_their_account(tmp_path: Path) -> None:
    """`forget` and the limit for addresses leave nothing of them."""
    with Sqlite.open(tmp_path / "state.db") as store:
        for number, at in enumerate((10.0, 20.0, 30.0)):
            store.decide("mx1", ANN if number else BEN, Decision(f"q{number}", account=ANN, at=at))  # type: ignore[arg-type]
        assert store.decision("mx1", "q1") is not None and store.decision("mx2", "q1") is None
        assert forget.decisions(store, 25.0) == 2 and len(store.decisions(ANN)) == 1
        assert forget.account(store, ANN) == 1 and store.decisions(ANN) == []
        assert store.decide("mx1", ANN, Decision("q9")) == 4
        assert record_of(Decision("q9")).part == "local"
