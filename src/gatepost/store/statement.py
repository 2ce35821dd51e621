"""SQL from the configuration: where its parameters stand, in the way each driver wants it.

Owns the one spelling operators use, `:login`; texts in quotes, comments and PostgreSQL's `::type` are left alone. A
value never becomes part of a statement.
"""

import re

from gatepost.store.place import Engine

_PLAIN = r"'(?:[^']|'')*'"
_ESCAPED = r"'(?:[^'\\]|\\.|'')*'"
_REST = r'|"[^"]*"|`[^`]*`|--[^\n]*|/\*(?:(?!\*/).)*\*/|::|:([A-Za-z_]\w*)|%'

_TOKENS: dict[Engine, re.Pattern[str]] = {
    "postgresql": re.compile(_PLAIN + _REST, re.DOTALL),
    "sqlite": re.compile(_PLAIN + _REST, re.DOTALL),
    "mysql": re.compile(_ESCAPED + _REST, re.DOTALL),
}


def names(statement: str, engine: Engine) -> frozenset[str]:
    """The parameters of a statement: "login" for `:login`."""
    return frozenset(filter(None, (found[1] for found in _TOKENS[engine].finditer(statement))))


def prepared(statement: str, engine: Engine) -> str:
    """The statement as the driver wants it: `%(login)s` for psycopg and PyMySQL, `:login` for sqlite3 (PEP 249)."""
    if engine == "sqlite":
        return statement

    def token(found: re.Match[str]) -> str:
        return f"%({found[1]})s" if found[1] else found[0].replace("%", "%%")

    return _TOKENS[engine].sub(token, statement)
