"""Which failed logins tried a password again: a stale phone is one guess, and no report hides another."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.runtime.scene import ANN, BEN, BOTNET, HOME, NIGHT, Machine, configured, habits, mail

from gatepost.core.asked import Tried
from gatepost.core.events import Cursor, Login
from gatepost.core.evidence import Evidence
from gatepost.core.units import DAY, Account, Instant, account_subject, iso
from gatepost.runtime import retries
from gatepost.runtime.desk import Desk
from gatepost.runtime.doors import Doors
from gatepost.runtime.retries import MAX_ACCOUNTS, MAX_PASSWORDS, MAX_WAITING, Retries

PHONE, THIEF = HOME[ANN], BOTNET[0]


def told(found: Retries, proof: str, client: str = PHONE, at: float = NIGHT, account: Account = ANN) -> None:
    """A report comes."""
    found.tell(account, Tried(login=account, client=client, proof=proof), Instant(at))


def logged(found: Retries, client: str = PHONE, at: float = NIGHT, account: Account = ANN) -> None:
    """The log tells of a failed login."""
    found.saw(Login(at=Instant(at), account=account, host="", cursor=Cursor("log", 1, 1), client=client, ok=False))


def again(found: Retries, account: Account = ANN) -> int:
    """How many failures tried a password again."""
    return sum(number for _, number in found.of(account))


def test_a_phone_with_an_old_password_is_one_guess() -> None:
    """Every quarter of an hour for a day: all but the first tried it again; nobody else's did."""
    found = Retries()
    for turn in range(96):
        told(found, "01f0", at=NIGHT + turn * 900)
        logged(found, at=NIGHT + turn * 900 + 2)
        found.forget(NIGHT + turn * 900)
    assert again(found) >= 94 and again(found, BEN) == 0


def test_every_guess_of_another_password_stays_one() -> None:
    """Also when they come by turns with a phone's, from its own address."""
    found, guesses = Retries(), 200
    for number in range(guesses):
        told(found, "01f0")
        told(found, f"{number:04x}aa")
        logged(found)
        logged(found)
    assert again(found) == guesses - 1


def test_what_only_the_log_or_only_the_door_tells_counts_nothing() -> None:
    """Another client, another time, another account; reports without a line in the log."""
    found = Retries()
    for _ in range(9):
        told(found, "01f0")
    logged(found, client=THIEF)
    logged(found, at=NIGHT + 700)
    logged(found, account=BEN)
    logged(found, at=NIGHT - 60)
    assert again(found) == 0


def test_a_report_that_tells_no_password_is_a_guess() -> None:
    """And takes its line from reports of a password tried before."""
    found = Retries()
    told(found, "01f0")
    told(found, "01f0")
    told(found, "")
    logged(found)
    logged(found)
    assert again(found) == 0
    logged(found)
    assert again(found) == 1


def test_more_guesses_than_can_wait_hide_none() -> None:
    """Reports that the log never tells push out no report of a guess in favour of an old password."""
    found = Retries()
    told(found, "01f0", THIEF)
    logged(found, THIEF)
    told(found, "aaaa", THIEF)
    for number in range(MAX_WAITING):
        told(found, f"{number:04x}bb", PHONE)
    told(found, "01f0", THIEF)
    logged(found, THIEF)
    assert again(found) == 0


def test_a_day_later_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither hash nor count; a password is a new guess again; and everything is bounded meanwhile."""
    found = Retries()
    told(found, "01f0")
    told(found, "01f0")
    logged(found)
    logged(found)
    assert again(found) == 1
    found.forget(NIGHT + DAY + 1)
    assert len(found) == 0
    told(found, "01f0")
    told(found, "01f0", at=NIGHT + DAY + 1)
    logged(found)
    logged(found, at=NIGHT + DAY + 1)
    assert again(found) == 0
    for number in range(MAX_PASSWORDS + 1):
        told(found, f"{number:04x}cc")
    told(found, "01f0")
    assert again(found) == 0
    monkeypatch.setattr(retries, "MAX_ACCOUNTS", 3)
    for number in range(9):
        told(found, "01f0", account=Account(f"{number}@example.org"))
    assert len(found) == 3 < MAX_ACCOUNTS


def test_no_hash_is_kept_as_it_came() -> None:
    """What the mail server sent stands nowhere in memory, and is another one in another process."""
    one, other = Retries(), Retries()
    told(one, "01f0")
    told(other, "01f0")
    kept = [next(iter(found._accounts[ANN].passwords)) for found in (one, other)]
    assert kept[0] != kept[1] and all(b"01f0" not in each and len(each) == 16 for each in kept)


_LOGGED = st.lists(st.tuples(st.sampled_from([PHONE, THIEF]), st.sampled_from(["01f0", "02f0", "03f0", ""])))


@given(_LOGGED, st.lists(st.sampled_from(["01f0", "02f0"])))
def test_never_more_than_the_log_has_and_no_guess_less(tries: list[tuple[str, str]], elsewhere: list[str]) -> None:
    """Whatever is reported of logins that this log does not tell: different passwords tried here stay counted."""
    found = Retries()
    for proof in elsewhere:
        told(found, proof, THIEF)
    for client, proof in tries:
        told(found, proof, client)
    for client, _ in tries:
        logged(found, client)
    here = {proof for _, proof in tries if proof} - set(elsewhere)
    unnamed = sum(not proof for _, proof in tries)
    assert len(tries) - again(found) >= len(here) + min(unnamed, MAX_WAITING)


DOOR = '[[door]]\nkind = "dovecot"\nlisten = "inet:127.0.0.1:4001"\nsecret = "secret"\n'


def failed(at: float, client: str) -> str:
    """Exim's line of a wrong password."""
    return (
        f"{iso(at)[:10]} {iso(at)[11:19]} plain authenticator failed for (phone) [{client}]:"
        f" 535 Incorrect authentication data (set_id={ANN})"
    )


def night(folder: Path, proofs: Sequence[str] = (), more: str = DOOR) -> Evidence | None:
    """What stands after sixty wrong passwords from a network, and a message from there."""
    folder.mkdir()
    (folder / "secret").write_text("0123456789abcdef")
    (folder / "secret").chmod(0o600)
    machine = Machine(configured(folder, more=more))
    doors = Doors(machine.house, Desk(machine.house), lambda: True)
    machine.read(habits())
    fail(machine, doors, proofs)
    machine.read(list(mail(NIGHT + 4 * 3600, ANN, THIEF, ["friend0@partner0.example.net"])))
    found = standing(machine)
    machine.close()
    return found


def fail(machine: Machine, doors: Doors, proofs: Sequence[str], at: float = NIGHT) -> None:
    """Sixty wrong passwords, one a minute, the first of them reported."""
    for turn in range(60):
        machine.clock.at = at + turn * 60
        if turn < len(proofs):
            doors._answer_at("inet:127.0.0.1:4001", Tried(login=ANN.upper(), client=THIEF, proof=proofs[turn]))
        machine.read([failed(at + turn * 60 + 1, THIEF)])


def standing(machine: Machine) -> Evidence | None:
    """The evidence of guessing that stands against the account."""
    page = machine.house.pipeline.shelf.peek(account_subject(ANN))
    assert page is not None
    found = page.standing.get("guessing")
    assert found is None or isinstance(found, Evidence)
    return found


def test_an_old_password_accuses_nobody_and_guesses_do(tmp_path: Path) -> None:
    """One password sixty times: nothing; sixty passwords: as if nothing were reported; half and half: half."""
    silent = night(tmp_path / "a")
    assert silent is not None and silent.measured == 60
    assert night(tmp_path / "b", ["01f0"] * 60) is None
    guessed = night(tmp_path / "c", [f"{number:04x}" for number in range(60)])
    assert guessed is not None and (guessed.measured, guessed.says) == (60, silent.says)
    mixed = night(tmp_path / "d", [f"{number:04x}" if number % 2 else "ffff" for number in range(60)])
    assert mixed is not None and 31 <= mixed.measured <= 45 and mixed.points < silent.points
    assert "with a password tried before" in mixed.says


def test_without_reports_nothing_changes(tmp_path: Path) -> None:
    """With the door, with another door, with none, and with reports that name no password."""
    doors = ("", '[[door]]\nkind = "postfix"\nlisten = "unix:/run/gatepost/postfix"\n')
    silent = night(tmp_path / "a")
    assert silent == night(tmp_path / "b", more=doors[0]) == night(tmp_path / "c", more=doors[1])
    assert silent == night(tmp_path / "d", [""] * 60)


@settings(max_examples=5, deadline=None)
@given(st.lists(st.sampled_from(["01f0", "02f0", "03f0", ""]), max_size=60))
def test_reports_never_raise(proofs: list[str]) -> None:
    """Whatever is reported: never more than the log alone says."""
    with tempfile.TemporaryDirectory() as folder:
        silent, found = night(Path(folder) / "a"), night(Path(folder) / "b", proofs)
    assert silent is not None and (found is None or (found.measured, found.points) <= (silent.measured, silent.points))


def test_after_a_release_the_count_begins_anew(tmp_path: Path) -> None:
    """What was tried again before is in no count any more: guesses afterwards are all counted."""
    (tmp_path / "secret").write_text("0123456789abcdef")
    (tmp_path / "secret").chmod(0o600)
    machine = Machine(configured(tmp_path, more=DOOR))
    doors = Doors(machine.house, Desk(machine.house), lambda: True)
    machine.read(habits())
    fail(machine, doors, ["01f0"] * 60)
    machine.say("block", reason="by telephone")
    machine.say("release", how="password-changed")
    fail(machine, doors, [f"{number:04x}" for number in range(60)], machine.clock.at + 60)
    machine.read(list(mail(machine.clock.at + 120, ANN, THIEF, ["friend0@partner0.example.net"])))
    found = standing(machine)
    assert found is not None and found.measured == 60
    machine.close()
