"""Aliases that somebody else's server knows: what may be configured, and what is remembered for a day without it."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.runtime.scene import ANN, Counter, Fixed, Machine, Post, World, configured

from gatepost.config.load import load, read
from gatepost.config.mistakes import ConfigErrors
from gatepost.core.errors import ConfigError
from gatepost.runtime import remembered
from gatepost.runtime.aliases import Aliases
from gatepost.runtime.desk import Desk
from gatepost.store.sqlite import Sqlite
from gatepost.surface.cli import cli
from gatepost.surface.doctor.aliases import look

SQL = """
[accounts]
default_domain = "example.org"
[accounts.aliases]
kind = "sql"
database = "sqlite://{folder}/mail.db"
statement = "{statement}"
"""
SELECT = "SELECT alias, login FROM aliases"


def database(folder: Path, *pairs: tuple[str | None, str]) -> Path:
    """A database with these aliases."""
    path = folder / "mail.db"
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE IF EXISTS aliases")
        connection.execute("CREATE TABLE aliases (alias TEXT, login TEXT)")
        connection.executemany("INSERT INTO aliases VALUES (?, ?)", pairs)
    connection.close()
    return path


def more(folder: Path, statement: str = SELECT) -> str:
    """The block that names it."""
    return SQL.format(folder=folder, statement=statement)


def refreshed(machine: Machine) -> list[str]:
    """One look-up of a running gatepost; the subjects the abuse desk was told."""
    desk = Desk(machine.house)
    asyncio.run(Aliases(machine.house, desk).refresh())
    return [subject for subject, _ in desk._letters]


def started(folder: Path) -> Machine:
    """A gatepost that asks it, as a new process."""
    return Machine(configured(folder, more=more(folder)), Fixed(), [Counter(World()), Post()])


def forgotten(machine: Machine) -> None:
    """The process ends: what it knew is gone but for the state."""
    from gatepost.config import naming

    machine.close()
    naming._known.clear()


def test_the_aliases_of_a_database_hold(tmp_path: Path) -> None:
    """From the start on, and anew at each look; a row without a name is none."""
    database(tmp_path, ("Anna@example.org", "ann"), (None, "ben"), ("", "ben"))
    machine = started(tmp_path)
    assert machine.house.accounts.fold("anna@example.org") == ANN
    database(tmp_path, ("anne@example.org", "ann"))
    assert refreshed(machine) == []
    assert machine.house.accounts.fold("anne@example.org") == ANN
    assert machine.house.accounts.fold("anna@example.org") == "anna@example.org"
    forgotten(machine)


def test_a_start_without_the_server_goes_by_what_it_said_last(tmp_path: Path) -> None:
    """The state has it; the abuse desk is told at the first look, and nobody becomes two people."""
    path = database(tmp_path, ("anna@example.org", "ann"))
    machine = started(tmp_path)
    refreshed(machine)
    forgotten(machine)
    path.unlink()
    machine = started(tmp_path)
    assert machine.house.accounts.fold("anna@example.org") == ANN
    assert refreshed(machine) == ["the aliases of accounts cannot be looked up"]
    assert machine.house.accounts.fold("anna@example.org") == ANN
    forgotten(machine)


def test_the_very_first_start_needs_the_server(tmp_path: Path) -> None:
    """Without aliases people would get pages under names that are none; the message names the database."""
    with pytest.raises(ConfigError, match=r"mail\.db.*cannot be|mail\.db.*unable"):
        started(tmp_path)


def test_another_look_up_is_not_answered_by_the_old_one(tmp_path: Path) -> None:
    """What was kept of one statement is not what another one would give."""
    path = database(tmp_path, ("anna@example.org", "ann"))
    machine = started(tmp_path)
    refreshed(machine)
    forgotten(machine)
    path.unlink()
    settings = configured(tmp_path, more=more(tmp_path, f"{SELECT} WHERE login <> ''"))
    with Sqlite.open(Path(settings.state.path)) as store, pytest.raises(ConfigError):
        remembered.named(settings.accounts, store)


def test_a_command_needs_no_server(tmp_path: Path) -> None:
    """While the database is away the operator can name an account by an alias all the same: the state knows it."""
    path = database(tmp_path, ("anna@example.org", "ann"))
    machine = started(tmp_path)
    refreshed(machine)
    forgotten(machine)
    path.unlink()
    said = CliRunner().invoke(
        cli, ["block", "anna@example.org", "--reason", "theft", "--config", str(tmp_path / "gatepost.toml")]
    )
    assert f"{ANN}#1" in said.output, said.output


def test_check_asks_nobody_and_doctor_does(tmp_path: Path) -> None:
    """check reads files alone; doctor says what the server has or why it does not answer, and --offline asks nobody."""
    config = ["--config", str(tmp_path / "gatepost.toml")]
    settings = configured(tmp_path, more=more(tmp_path))
    assert CliRunner().invoke(cli, ["check", *config]).exit_code == 0
    assert [check.state for check in look(settings.accounts)] == ["fail"]
    assert [check.state for check in look(settings.accounts, offline=True)] == ["unknown"]
    database(tmp_path, ("anna@example.org", "ann"))
    assert [check.says for check in look(settings.accounts)] == ["1 aliases"]


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("SELECT alias FROM aliases", "gives 1 columns"),
        ("SELECT alias, login, 1 FROM aliases", "gives 3 columns"),
        ("SELECT 1, login FROM aliases", "no name"),
        ("SELECT hex(zeroblob(200)), login FROM aliases", "no name"),
        ("SELECT x'ff', login FROM aliases", "no name"),
        ("DELETE FROM aliases", "readonly"),
    ],
)
def test_what_is_no_list_of_aliases_is_told(tmp_path: Path, statement: str, says: str) -> None:
    """Two columns of names, and nothing that changes the database."""
    database(tmp_path, ("anna@example.org", "ann"))
    settings = configured(tmp_path, more=more(tmp_path, statement))
    (check,) = look(settings.accounts)
    assert check.state == "fail" and says in check.says
    with sqlite3.connect(tmp_path / "mail.db") as connection:
        assert connection.execute("SELECT count(*) FROM aliases").fetchone() == (1,)
    connection.close()


LDAP = """
[accounts.aliases]
kind = "ldap"
server = "ldaps://ldap.example.org"
base = "dc=example,dc=org"
filter = "(mailAlternateAddress=*)"
alias = "mailAlternateAddress"
"""
POSTGRESQL = """
[accounts.aliases]
kind = "sql"
database = "postgresql://gatepost@db.example.org/mail"
statement = "SELECT alias, login FROM aliases"
"""


@pytest.mark.parametrize(
    ("block", "change", "place"),
    [
        (POSTGRESQL, ("gatepost@", "gatepost:secret@"), "database"),
        (POSTGRESQL, ("postgresql", "oracle"), "database"),
        (POSTGRESQL, ("FROM aliases", "FROM aliases WHERE login = :login"), "statement"),
        (POSTGRESQL, ("SELECT alias, login FROM aliases", " "), "statement"),
        (POSTGRESQL, ("statement", 'refresh = "10s"\nstatement'), "refresh"),
        (POSTGRESQL, ("postgresql://gatepost@db.example.org/mail", 'sqlite:///x"\npassword = "x'), "password"),
        (LDAP, ("ldaps://ldap", "ldaps://a:b@ldap"), "server"),
        (LDAP, ("(mailAlternateAddress=*)", "mailAlternateAddress=*"), "filter"),
        (LDAP, ("(mailAlternateAddress=*)", "(mail={login})"), "filter"),
        (LDAP, ('alias = "mailAlternateAddress"', 'alias = "userPassword"'), "alias"),
        (LDAP, ('alias = "mailAlternateAddress"', 'alias = "a b"'), "alias"),
        (LDAP, ("base", 'password = "secret"\nbase'), "password"),
    ],
)
def test_mistakes_are_found_before_anybody_is_asked(
    block: str, change: tuple[str, str], place: str, tmp_path: Path
) -> None:
    """A password in an address, a parameter nobody fills in, a filter that is none: each with its place."""
    assert read(block, "gatepost.toml", tmp_path).accounts.asked is not None
    with pytest.raises(ConfigErrors) as found:
        read(block.replace(*change), "gatepost.toml", tmp_path)
    assert [mistake.key for mistake in found.value.mistakes] == [f"accounts.aliases.{place}"]


def test_files_are_named_from_the_configuration(tmp_path: Path) -> None:
    """Passwords and certificates of authorities; a credential is no file."""
    (tmp_path / "gatepost.toml").write_text(LDAP + 'bind = "cn=x"\npassword = "secret"\nca = "ca.pem"\n')
    found = load(tmp_path / "gatepost.toml").accounts.asked
    assert (found.password, found.ca) == (str(tmp_path / "secret"), str(tmp_path / "ca.pem"))  # type: ignore[union-attr]
    (tmp_path / "gatepost.toml").write_text(POSTGRESQL + 'password = "credential:db"\n')
    assert load(tmp_path / "gatepost.toml").accounts.asked.password == "credential:db"  # type: ignore[union-attr]
