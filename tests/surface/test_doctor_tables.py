"""gatepost doctor on the tables of Postfix and Dovecot, with stand-ins for their programs."""

from pathlib import Path

import pytest

from gatepost.config.settings import TableSettings
from gatepost.surface.doctor import dovecot, postfix
from gatepost.surface.doctor.check import Check, guarded, worst

ASKS = "check_sasl_access lmdb:/t/deny"
LISTED = "passdb {\n  args = /t/deny.%s\n  deny = yes\n  driver = passwd-file\n}\n"
NEWER = LISTED.replace("args", "passwd_file_path").replace("passdb", "passdb gatepost").replace("%s", "%{protocol}")
"""As Dovecot 2.4 writes it."""

USERS = "passdb {\n  args = /t/users\n  driver = passwd-file\n}\n"


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in front of PATH."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def program(folder: Path, name: str, body: str) -> None:
    """Put a stand-in there."""
    (folder / name).write_text(f"#!/bin/sh\n{body}\n")
    (folder / name).chmod(0o755)


def postconf(folder: Path, sender: str, data: str, services: str = "") -> None:
    """A Postfix with these lists."""
    body = f"case \"$*\" in *-P*) echo '{services}' ;; *sender*) echo '{sender}' ;; *) echo '{data}' ;; esac"
    program(folder, "postconf", body)


@pytest.mark.parametrize(
    ("sender", "data", "services", "state"),
    [
        (ASKS, ASKS, "", "ok"),
        (f"reject_unknown_sender_domain, {ASKS}, permit", ASKS, "", "ok"),
        ("", ASKS, "", "warn"),
        ("", "", "", "fail"),
        (f"permit_sasl_authenticated, {ASKS}", "", "", "fail"),
        (ASKS + "2", ASKS.replace("lmdb", "hash"), "", "fail"),
        (ASKS, ASKS, "587/inet/smtpd_sender_restrictions =", "warn"),
        (ASKS, "", "587/inet/smtpd_sender_restrictions = permit", "fail"),
        (ASKS, ASKS, f"587/inet/smtpd_sender_restrictions = {ASKS}", "ok"),
    ],
)
def test_where_postfix_asks(programs: Path, sender: str, data: str, services: str, state: str) -> None:
    """The table counts only where a list comes to it, in main.cf and in every service with a list of its own."""
    postconf(programs, sender, data, services)
    table = TableSettings(path="/t/deny", format="lmdb")
    assert worst([check for check in look(table) if check.name.endswith("consulted")]) == state


def look(table: TableSettings, *entries: str) -> list[Check]:
    """What is said of a Postfix table."""
    return list(guarded("table", lambda: postfix.look(table, entries)))


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ('[ "$2" = ann ] && echo REJECT', "ok"),
        ("exit 1", "fail"),
        ("echo REJECT", "fail"),
        ("echo 'fatal: permission denied' >&2; exit 1", "unknown"),
    ],
)
def test_what_postfix_finds(programs: Path, body: str, state: str) -> None:
    """An entry must be found and another name not; what cannot be looked up is unknown."""
    postconf(programs, ASKS, ASKS)
    program(programs, "postmap", body)
    (programs / "deny.lmdb").touch()
    found = look(TableSettings(path=str(programs / "deny"), format="lmdb"), "ann")
    assert found[-1].state == state


def test_a_missing_database_fails(programs: Path) -> None:
    """Without its database Postfix answers 451, and doctor says how to build it."""
    postconf(programs, ASKS, ASKS)
    check = look(TableSettings(path=str(programs / "deny"), format="lmdb"))[-1]
    assert (check.state, check.remedy.partition(" ")[0]) == ("fail", "postmap")


@pytest.mark.parametrize(
    ("blocks", "state"),
    [
        (LISTED + USERS, "ok"),
        (USERS + LISTED, "fail"),
        (USERS, "fail"),
        (LISTED.replace("  deny = yes\n", "") + USERS, "fail"),
        (NEWER + USERS, "ok"),
        (LISTED.replace("/t/deny.%s", "/t/deny.smtp"), "fail"),
    ],
)  # fmt: skip
def test_the_order_of_dovecots_databases(programs: Path, blocks: str, state: str) -> None:
    """The deny files count only in front of every password database, per service, with deny = yes."""
    (programs / "conf").write_text(blocks)
    program(programs, "doveconf", f"cat {programs}/conf")
    (check,) = dovecot.look(TableSettings(path="/t/deny", format="passwd-file"), [], offline=False)
    assert check.state == state


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("passdb: ann auth failed\\nextra fields:\\n  code=user_disabled", "ok"),
        ("passdb: ann auth failed\\nextra fields:\\n  user=ann", "fail"),
        ("passdb: ann auth failed\\nextra fields:\\n  code=temp_fail", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_stopped_login_must_be_turned_away(programs: Path, said: str, state: str) -> None:
    """Only Dovecot's own word that the account is disabled is a proof; offline nobody asks."""
    (programs / "conf").write_text(LISTED + USERS)
    program(programs, "doveconf", f"cat {programs}/conf")
    program(programs, "doveadm", f"printf '{said}'; exit 77")
    table = TableSettings(path="/t/deny", format="passwd-file", services=("smtp",))
    assert list(dovecot.look(table, ["ann"], offline=False))[1].state == state
    assert len(list(dovecot.look(table, ["ann"], offline=True))) == 1
