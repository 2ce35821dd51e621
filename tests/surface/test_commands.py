"""incidents, explain, enforce, export, forget, learn: what they print and how they end."""

from pathlib import Path

import pytest
from tests.runtime.process import now
from tests.runtime.scene import ANN, BEN, habits, theft
from tests.surface.desk import Desk, run

from gatepost.store.sqlite import Sqlite
from gatepost.surface.cli import COMMANDS


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A state that knows ann and ben; ann was robbed."""
    desk = Desk(tmp_path)
    desk.learn()
    return desk


def test_incidents_lists_what_happened(desk: Desk) -> None:
    """As a table, as one array, and one object a line; throttled ones on demand."""
    (found,) = desk.run("incidents", "--format", "json").json
    assert (found["incident"], found["level"], found["state"]) == (f"{ANN}#1", "block", "open")
    assert desk.run("incidents", "--format", "jsonl").lines == [found]
    assert ANN in desk.run("incidents").out
    assert desk.run("incidents", BEN, "--format", "json").json == []
    assert desk.run("incidents", f"{ANN}#1", "--standing", "--format", "json").json == [found]


def test_explain_says_every_point_in_words(desk: Desk) -> None:
    """From the state: the incident, its evidence, and what would be without the strongest."""
    said = desk.run("explain", ANN)
    assert said.code == 0
    assert "BLOCK" in said.out and "+" in said.out and "would be" in said.out and "clean days known" in said.out
    found = desk.run("explain", ANN, "--format", "json").json
    assert (found["account"], found["level"]) == (ANN, "block")
    assert sum(proof["points"] for proof in found["incidents"][0]["evidence"]) > 80


def test_explain_reads_logs_again_with_other_settings(desk: Desk) -> None:
    """What if: the same log, another answer; nothing is changed by it."""
    log = str(desk.folder / "old.log")
    strict = desk.run("explain", ANN, log, "--zone", "UTC", "--format", "json").json
    loose = ("--with", "spread.per_network=99", "--with", "volume.least=100000")
    eased = desk.run("explain", ANN, log, "--zone", "UTC", "--format", "json", *loose).json
    assert [change["level"] for change in strict["changes"]][-1] == "block"
    assert len(eased["changes"]) <= len(strict["changes"])
    assert "2026-03-15" in strict["days"]


@pytest.mark.parametrize("log", [False, True])
def test_explain_of_nobody_is_exit_one(desk: Desk, log: bool) -> None:
    """From the state as from logs."""
    words = [str(desk.folder / "old.log")] if log else []
    said = desk.run("explain", "nobody@example.org", *words)
    assert said.code == 1 and "nothing" in said.out


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ("sprad.per_network=8", 'did you mean "spread"'),
        ("spread.per_netwrk=8", 'did you mean "per_network"'),
        ("spread.per_network=many", "spread.per_network=many"),
        ("spread", "write detector.setting=value"),
    ],
)
def test_a_wish_that_cannot_be_is_exit_two(desk: Desk, wish: str, says: str) -> None:
    """With what is near."""
    said = desk.run("explain", ANN, str(desk.folder / "old.log"), "--with", wish)
    assert said.code == 2 and says in said.err


def test_enforce_prints_exactly_whom_it_would_act_on(tmp_path: Path) -> None:
    """Fresh ones, not old ones; and it is what the next start does."""
    desk = Desk(tmp_path, "observe")
    at = now()
    lines = [*habits((ANN, BEN), until=at), *theft(at - 3 * 86400, BEN), *theft(at - 3600, ANN)]
    desk.learn(sorted(lines, key=lambda line: line[:19]))
    found = desk.run("enforce", "--dry-run", "--format", "json").json
    assert [one["incident"] for one in found] == [f"{ANN}#1"]
    said = desk.run("enforce", "--dry-run")
    assert said.code == 0 and ANN in said.out and BEN not in said.out
    desk.configure("enforce")
    desk.run("enforce", "--dry-run")
    assert desk.denied == []


def test_export_prints_everything_stored_of_one_account(desk: Desk) -> None:
    """And nothing of another; exit 1 when nothing is."""
    desk.run("confirm", ANN, "--reason", "she rang")
    found = desk.run("export", ANN).json
    assert found["page"]["number"] == 1
    assert [one["incident"] for one in found["incidents"]] == [f"{ANN}#1"]
    assert [one["instruction"]["verb"] for one in found["instructions"]] == ["confirm"]
    assert BEN not in desk.run("export", ANN).out
    assert desk.run("export", "nobody@example.org").code == 1


def test_forget_deletes_it_and_is_refused_while_an_incident_stands(desk: Desk) -> None:
    """Its measures could not be undone."""
    refused = desk.run("forget", ANN)
    assert refused.code == 2 and "release it first" in refused.err
    desk.run("release", ANN, "--honest")
    assert desk.run("forget", ANN).code == 0
    assert desk.run("export", ANN).code == 1
    assert desk.run("export", BEN).code == 0


def test_learn_says_what_it_read_and_what_it_could_not(desk: Desk) -> None:
    """Exit 3 when a log is missing; the others are learnt."""
    said = desk.run("learn", desk.log(habits((BEN,)), "other.log"), str(desk.folder / "none"), "--zone", "UTC")
    assert said.code == 3
    assert "lines read" in said.out and str(desk.folder / "none") in said.err


def test_learn_refuses_the_log_that_watch_follows(desk: Desk) -> None:
    """It would be counted for two."""
    said = desk.run("learn", str(desk.folder / "mainlog"))
    assert said.code == 2 and "mainlog" in said.err


READERS = (("incidents",), ("explain", ANN), ("export", ANN), ("enforce", "--dry-run"))


@pytest.mark.parametrize("words", READERS, ids=lambda words: words[0])
@pytest.mark.parametrize("trouble", ["garbage", "newer", "folder"])
def test_a_state_that_cannot_be_used_is_exit_one_with_a_remedy(
    desk: Desk, words: tuple[str, ...], trouble: str
) -> None:
    """Which file, and what to do; never a traceback."""
    if trouble == "newer":
        with Sqlite.open(desk.state) as store:
            store.put_meta("version", b"99")
    else:
        desk.state.unlink()
        if trouble == "garbage":
            desk.state.write_bytes(b"no database" * 1000)
        else:
            desk.state.mkdir()
    said = desk.run(*words)
    assert said.code == 1 and str(desk.state) in said.err
    assert len(said.err.splitlines()) == 1 and "Traceback" not in said.err


@pytest.mark.parametrize(
    "words", [("incidents",), ("export", ANN), ("enforce", "--dry-run")], ids=lambda words: words[0]
)
def test_before_the_first_start_the_remedy_is_to_start(tmp_path: Path, words: tuple[str, ...]) -> None:
    """And no state is made by looking."""
    desk = Desk(tmp_path)
    said = desk.run(*words)
    assert said.code == 1 and "start gatepost watch first" in said.err
    assert not desk.state.exists()


def test_help_of_every_command_is_quick_and_whole() -> None:
    """Each is listed, and each explains itself."""
    said = run("--help")
    assert said.code == 0
    for name in COMMANDS:
        assert name in said.out
        assert run(name, "--help").code == 0


def test_an_unknown_command_is_exit_two() -> None:
    """In one line."""
    assert run("relaese").code == 2


def test_the_bundled_tables_are_named_with_their_licences() -> None:
    """gatepost data show."""
    said = run("data", "show")
    assert said.code == 0 and "ip2asn" in said.out


def test_a_table_that_is_not_used_is_shown_as_such(tmp_path: Path) -> None:
    """gatepost data show, with the setting that says so."""
    said = Desk(tmp_path, more='[data]\ncountry = "none"\n').run("data", "show")
    (line,) = (line for line in said.out.splitlines() if line.startswith("ip2country.bin.gz "))
    assert said.code == 0 and "not used: [data] country = none" in line


def test_newer_tables_are_taken_or_left(tmp_path: Path) -> None:
    """gatepost data update: exit 0 when all were taken, 3 when one was left; data show says which is used."""
    desk = Desk(tmp_path, more='[data]\nfolder = "tables"\n')
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "mobile.txt").write_text(
        "".join(f"{64496 + place % 16 + place * 100}\n" for place in range(99))
    )
    said = desk.run("data", "update", "--from", str(tmp_path / "new"))
    assert said.code == 0 and "mobile.txt: 99 entries, before 145" in said.out and "gatepost reload" in said.out
    shown = next(line for line in desk.run("data", "show").out.splitlines() if line.startswith("mobile.txt"))
    assert "99 entries" in shown and "with gatepost" not in shown
    (tmp_path / "new" / "mobile.txt").write_text("")
    said = desk.run("data", "update", "--from", str(tmp_path / "new"))
    assert (
        said.code == 3 and "the present one stays" in said.err and (tmp_path / "tables" / "mobile.txt").stat().st_size
    )
