"""Parameters of statements."""

import pytest

from gatepost.store.place import Engine
from gatepost.store.statement import names, prepared


@pytest.mark.parametrize(
    ("engine", "statement", "ready"),
    [
        ("postgresql", "SELECT a::text FROM t WHERE b = :login", "SELECT a::text FROM t WHERE b = %(login)s"),
        ("postgresql", "a = ':no' AND b LIKE '%x' -- :no\n", "a = ':no' AND b LIKE '%%x' -- :no\n"),
        ("postgresql", r"a = '\' AND b = :mark", r"a = '\' AND b = %(mark)s"),
        ("mysql", r"a = '\':no' AND `:b` = :mark /* :no */", r"a = '\':no' AND `:b` = %(mark)s /* :no */"),
        ("mysql", "a = 'it''s :no' AND b = :login", "a = 'it''s :no' AND b = %(login)s"),
        ("sqlite", "a LIKE '%' AND b = :login", "a LIKE '%' AND b = :login"),
    ],
)
def test_only_parameters_are_replaced(engine: Engine, statement: str, ready: str) -> None:
    """Texts in quotes, comments, names and casts are left alone; a percent sign stays one."""
    assert prepared(statement, engine) == ready


def test_the_parameters_are_named() -> None:
    """What a statement wants to know is found out without a database."""
    assert names("UPDATE t SET a = :mark || a WHERE b = :login AND c <> ':no'::text", "postgresql") == {"mark", "login"}
