"""block, release, confirm and exempt: with and without a running gatepost."""

import getpass
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.act.receiver import Receiver, listening
from tests.live.ports import until
from tests.runtime.process import Process
from tests.runtime.scene import configured
from tests.surface.desk import Desk, run

ANN, BEN = "ann@example.org", "ben@example.org"
ME = getpass.getuser()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A gatepost that enforces and does not run."""
    return Desk(tmp_path)


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    """A gatepost that enforces and runs."""
    configured(tmp_path)
    process = Process(tmp_path)
    process.learn(days=2)
    process.start()
    yield process
    process.kill(signal.SIGTERM)
    assert "Traceback" not in process.said


def test_a_block_and_both_releases_without_a_running_gatepost(desk: Desk) -> None:
    """The command does the work itself; the table says so."""
    for number, how in ((1, "--honest"), (2, "--password-changed")):
        blocked = desk.run("block", ANN, "--reason", "phone call", "--format", "json")
        assert (blocked.code, blocked.json["complete"], desk.denied) == (0, True, [ANN])
        assert blocked.json["incident"]["incident"] == f"{ANN}#{number}"
        released = desk.run("release", f"{ANN}#{number}", how, "--format", "json")
        assert (released.code, released.json["complete"], desk.denied) == (0, True, [])
        assert {row["state"] for row in released.json["orders"]} == {"undone"}


def test_the_same_with_a_running_gatepost(process: Process) -> None:
    """It takes the order, does it, and answers with each measure's result."""
    for how in ("--honest", "--password-changed"):
        blocked = process.run("block", ANN, "--reason", "phone call")
        assert blocked.returncode == 0, blocked.stdout + blocked.stderr
        assert "done     blocked" in blocked.stdout
        assert process.denied == [ANN]
        released = process.run("release", ANN, how)
        assert released.returncode == 0, released.stdout + released.stderr
        assert "undone   blocked" in released.stdout
        assert process.denied == []
    assert process.run("exempt", BEN, "--for", "2d", "--reason", "migration").returncode == 0
    assert process.run("confirm", BEN).returncode == 1


def test_the_second_gatepost_names_the_first_ones_pid(process: Process) -> None:
    """It refuses; the first one goes on."""
    second = process.run("watch")
    assert second.returncode == 1
    assert process.child is not None
    assert f"pid {process.child.pid}; stop it first" in second.stderr
    assert process.run("block", ANN, "--reason", "x").returncode == 0


def test_what_was_done_without_it_is_known_at_the_next_start(process: Process) -> None:
    """The daemon finds the order done, and can take it back."""
    process.kill()
    assert process.run("block", ANN, "--reason", "x").returncode == 0
    process.start()
    until(lambda: process.denied == [ANN], "the account stays denied")
    assert [found["state"] for found in process.incidents()] == ["contained"]
    assert process.run("release", ANN, "--honest").returncode == 0
    assert process.denied == []


def test_who_said_it_is_the_user_and_not_what_he_claims(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """SUDO_USER counts when it comes from root."""
    monkeypatch.setenv("SUDO_USER", "ada")
    desk.run("block", ANN, "--reason", "spam")
    said = desk.run("explain", ANN).out
    assert f"blocked by {'ada (sudo)' if ME == 'root' else ME}: spam" in said


def test_a_block_in_observe_mode_says_that_nothing_was_done(tmp_path: Path) -> None:
    """Exit 1, why, and an untouched table."""
    desk = Desk(tmp_path, "observe")
    said = desk.run("block", ANN, "--reason", "spam")
    assert said.code == 1
    assert "observe mode: nothing was done" in said.out and 'mode = "enforce"' in said.out
    assert not desk.table.exists()
    assert desk.run("block", BEN, "--reason", "spam", "--format", "json").json["complete"] is False


def test_a_block_without_an_action_says_so(desk: Desk) -> None:
    """Nothing could stop the account: exit 1 and the remedy."""
    text = desk.config.read_text()
    desk.config.write_text(text[: text.index("[[action]]")])
    said = desk.run("block", ANN, "--reason", "spam")
    assert said.code == 1 and 'add an [[action]] kind = "table"' in said.out


def test_a_block_of_what_observe_mode_only_noted_is_done(tmp_path: Path) -> None:
    """The incident stands at block already; the operator's word still stops the account."""
    desk = Desk(tmp_path, "observe")
    desk.run("block", ANN, "--reason", "first")
    desk.configure("enforce")
    assert desk.run("block", ANN, "--reason", "second").code == 0
    assert desk.denied == [ANN]


def test_a_table_that_cannot_be_written_is_exit_one_with_the_reason(desk: Desk) -> None:
    """And the release of it is complete: nothing was done."""
    desk.table.mkdir()
    said = desk.run("block", ANN, "--reason", "spam")
    assert said.code == 1
    assert "failed   blocked" in said.out and "move it away" in said.out
    desk.table.rmdir()
    assert desk.run("block", ANN, "--reason", "spam").code == 0


def test_a_release_that_cannot_be_undone_is_exit_one_with_the_reason(desk: Desk) -> None:
    """The row says why; the next try frees the account."""
    desk.run("block", ANN, "--reason", "spam")
    desk.table.unlink()
    desk.table.mkdir()
    said = desk.run("release", ANN, "--honest")
    assert said.code == 1 and "cannot be taken back" in said.out
    desk.table.rmdir()
    assert desk.run("release", ANN, "--honest").code == 0


def test_a_release_that_nobody_could_be_told_of_is_complete(tmp_path: Path) -> None:
    """A receiver that is down keeps nobody stopped: exit 0, in words that fit; when it is back it is told."""
    (tmp_path / "key").write_text("sesame-sesame-sesame")
    (tmp_path / "key").chmod(0o600)
    hook = '[[action]]\nkind = "hook"\nname = "desk"\nurl = "http://127.0.0.1:{}/"\nsecret = "key"\n'
    receiver, back = Receiver(), Receiver()
    with listening(receiver) as port:
        desk = Desk(tmp_path, "enforce", hook.format(port))
        assert desk.run("block", ANN, "--reason", "spam").code == 0
    said = desk.run("release", ANN, "--honest")
    assert (said.code, desk.denied, len(receiver.posted)) == (0, [], 1)
    assert "the end is not told yet" in said.out and "taken back" not in said.out
    with listening(back) as port:
        desk.configure("enforce", hook.format(port))
        said = desk.run("release", ANN, "--honest", "--format", "json")
    assert said.json["complete"] is True and b"incident.end" in back.posted[0][2]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("release", ANN), "--password-changed"),
        (("release", ANN, "--honest", "--password-changed"), "--honest"),
        (("block", "", "--reason", "x"), "name an account"),
        (("block", ANN), "--reason"),
        (("exempt", ANN, "--reason", "x", "--for", "soon"), "no duration"),
        (("enforce",), "--dry-run"),
    ],
)
def test_wrong_usage_is_exit_two(desk: Desk, words: tuple[str, ...], says: str) -> None:
    """With what is missing, and nothing is written."""
    said = desk.run(*words)
    assert said.code == 2 and says in said.err
    assert not desk.state.exists()


def test_releasing_what_has_no_incident_is_no_mistake(desk: Desk) -> None:
    """Exit 0; confirming it is: exit 1."""
    assert desk.run("release", ANN, "--honest").code == 0
    assert desk.run("confirm", ANN).code == 1


def test_an_exemption_caps_at_watch_until_it_ends(desk: Desk) -> None:
    """Shown with who and why; --end ends it."""
    assert desk.run("exempt", ANN, "--reason", "migration", "--for", "2d").code == 0
    desk.learn()
    assert desk.run("incidents", "--all", "--format", "json").json == []
    assert f"exempt by {ME}" in desk.run("explain", ANN).out
    assert desk.run("exempt", ANN, "--reason", "done", "--end").code == 0


def test_the_spellings_of_a_bare_name_are_one_account(tmp_path: Path) -> None:
    """[accounts] makes them equal, for orders as for lines: bare names, details, aliases."""
    desk = Desk(tmp_path)
    naming = 'default_domain = "example.org", detail_separator = "+", aliases = { kind = "file", path = "aliases" }'
    (tmp_path / "aliases").write_text(f"anna.smith {ANN}\n")
    desk.config.write_text(f"accounts = {{ {naming} }}\n{desk.config.read_text()}")
    assert desk.run("block", " ANN ", "--reason", "x").code == 0
    for name in ("Anna.Smith", "ann+shop@example.org"):
        assert ANN in desk.run("explain", name).out
    assert desk.denied == [ANN]
    assert desk.run("release", "Anna.Smith", "--honest").code == 0
    assert desk.denied == []


def test_without_a_configuration_nothing_is_ordered(tmp_path: Path) -> None:
    """Exit 2, with the file's name."""
    said = run("block", ANN, "--reason", "x", "--config", str(tmp_path / "none.toml"))
    assert said.code == 2 and "none.toml" in said.err
