"""Settings about locking passwords."""

from pathlib import Path
from typing import get_args

import pytest
from msgspec.structs import replace
from tests.act.book import Book, Fixed, incident, order

from gatepost.act.lockedsql import RECIPES
from gatepost.config import assemble
from gatepost.config.load import load
from gatepost.config.locks import Recipe
from gatepost.config.mistakes import ConfigErrors
from gatepost.runtime.beyond import carriers

GOOD = """
[[action]]
kind = "sql"
database = "postgresql://gatepost@127.0.0.1/mail"
password = "db-password"
recipe = "postfixadmin"
on = ["hold", "block"]

[[action]]
kind = "sql"
name = "ours"
database = "sqlite:///var/lib/mail.db"
count = "SELECT count(*) FROM u WHERE login = :login"
locked = "SELECT count(*) FROM u WHERE login = :login AND flag = :mark"
lock = "UPDATE u SET flag = :mark WHERE login = :login AND flag IS NULL"
unlock = "UPDATE u SET flag = NULL WHERE login = :login AND flag = :mark"

[[action]]
kind = "ldap"
server = "ldaps://ldap.example.org"
bind = "cn=gatepost,dc=example,dc=org"
password = "credential:ldap"
base = "dc=example,dc=org"

[[action]]
kind = "passwd"
path = "users"

[[action]]
kind = "command"
lock = ["/usr/local/sbin/lock"]
unlock = ["/usr/local/sbin/unlock", "-v"]
"""


def test_actions_are_made_as_configured(tmp_path: Path) -> None:
    """Each kind becomes an action with a name of its own and its levels; none can hold in the place of a block."""
    (tmp_path / "gatepost.toml").write_text(GOOD)
    made = list(assemble.actions(load(tmp_path / "gatepost.toml"), Book(), Fixed()))
    assert [action.name for action in made] == [
        "sql:postgresql://127.0.0.1:5432/mail",
        "sql:ours",
        "ldap:ldaps://ldap.example.org",
        f"passwd:{tmp_path}/users",
        "command:/usr/local/sbin/lock",
    ]
    assert made[0].ensures == {"held", "blocked"} and made[1].ensures == {"blocked"}
    assert not any(getattr(action, "lossless", False) for action in made)


def test_beyond_the_breaker_no_password_is_locked(tmp_path: Path) -> None:
    """A hold in the place of a block is carried out by the deny table, and by nothing that locks blocked accounts."""
    (tmp_path / "gatepost.toml").write_text(GOOD + '[[action]]\nkind = "table"\npath = "deny"\n')
    made = list(assemble.actions(load(tmp_path / "gatepost.toml"), Book(), Fixed()))
    block = order(incident())
    assert len(carriers(block, made)) == 6
    held = replace(block, ensure="held", instead="blocked")
    assert carriers(held, made) == ["sql:postgresql://127.0.0.1:5432/mail", f"table:{tmp_path}/deny"]
    assert carriers(held, made[1:]) == [f"table:{tmp_path}/deny"]


def test_every_recipe_can_be_named() -> None:
    """The setting names the recipes there are, no more and no fewer."""
    assert set(filter(None, get_args(Recipe))) == set(RECIPES)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("gatepost@127", "gatepost:hunter2@127", "a password stands in the address"),
        ("postgresql:", "oracle:", "a database is"),
        ('recipe = "postfixadmin"', "", "count, locked, lock, unlock are missing"),
        ('recipe = "postfixadmin"', 'recipe = "postfixadmin"\ncount = "x"', "the recipe has this statement"),
        ('recipe = "postfixadmin"', 'recipe = "postfix"', "postfixadmin"),
        ('SELECT count(*) FROM u WHERE login = :login"\nlocked', 'SELECT 1"\nlocked', "it does not ask for :login"),
        ("SET flag = :mark WHERE", "SET flag = :marc WHERE", "there is no :marc here"),
        ('name = "ours"', 'name = "ours"\npassword = "x"', "SQLite has no password"),
        ("ldaps://ldap", "http://ldap", "is no address"),
        ('base = "dc', 'filter = "mail=x"\nbase = "dc', "finds no login"),
        ('base = "dc', 'mark = "userPassword"\nbase = "dc', "cannot hold a mark"),
        ('["/usr/local/sbin/lock"]', '["lock"]', "it names no program"),
        ('["/usr/local/sbin/unlock", "-v"]', "[]", "it names no program"),
        ('lock = ["/usr', 'within = "5m"\nlock = ["/usr', "out of range"),
        ('on = ["hold", "block"]', 'on = ["throttle"]', "throttle"),
        ('on = ["hold", "block"]', "on = []", "an empty list"),
        ('path = "users"', 'path = "users"\n[[action]]\nkind = "passwd"\npath = "users"', "same place"),
    ],
)
def test_a_mistake_is_named(old: str, new: str, says: str, tmp_path: Path) -> None:
    """With its line, what is wrong and the remedy; a password that stands there is not repeated."""
    assert GOOD.count(old) >= 1
    (tmp_path / "gatepost.toml").write_text(GOOD.replace(old, new, 1))
    with pytest.raises(ConfigErrors) as caught:
        load(tmp_path / "gatepost.toml")
    assert says in str(caught.value) and "hunter2" not in str(caught.value)


def test_relative_files_start_from_the_configuration(tmp_path: Path) -> None:
    """As all paths do; credentials keep their names."""
    (tmp_path / "gatepost.toml").write_text(GOOD)
    sql, _, ldap, _, _ = load(tmp_path / "gatepost.toml").action
    assert getattr(sql, "password", "") == str(tmp_path / "db-password")
    assert getattr(ldap, "password", "") == "credential:ldap"
