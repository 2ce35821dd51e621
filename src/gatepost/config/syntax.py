"""A text to TOML values, going on after a line that is none.

Owns how syntax mistakes are told; what the values mean is `shape.py`'s and `checks.py`'s work.
"""

import re
import tomllib
from typing import Any

from gatepost.config.mistakes import ConfigErrors, Mistake

_WHERE = re.compile(r"^(.*) \(at (?:line (\d+), column (\d+)|end of document)\)$", re.DOTALL)
_SYNTAX_MOST = 5
"""Syntax mistakes after which no further ones are looked for."""


def parse(text: str, file: str) -> tuple[dict[str, Any], str, list[Mistake]]:
    """The values, the text they were read from, and what is no TOML: such lines are left out and reading goes on.

    Args:
        text: TOML, lines ended by "\\n".
        file: how mistakes call the file.

    Raises:
        ConfigErrors: so much is wrong that the rest cannot be read.
    """
    mistakes: list[Mistake] = []
    lines = text.split("\n")
    while True:
        try:
            return tomllib.loads("\n".join(lines)), "\n".join(lines), mistakes
        except tomllib.TOMLDecodeError as error:
            mistake = _syntax(error, lines, file)
            near = mistakes and mistake.line - mistakes[-1].line in (0, 1)
            if near or len(mistakes) == _SYNTAX_MOST or not lines[mistake.line - 1].strip():
                raise ConfigErrors(mistakes[:1] or [mistake]) from error
            mistakes.append(mistake)
            _leave_out(lines, mistake.line)


def _syntax(error: ValueError, lines: list[str], file: str) -> Mistake:
    found = _WHERE.match(str(error))
    message = found[1] if found else str(error)
    line, column = (int(found[2]), int(found[3])) if found and found[2] else (len(lines), len(lines[-1]) + 1)
    message = f"this is no TOML: {message[:1].lower()}{message[1:]} (column {column})"
    return Mistake(file, line, "", message, "write name = value; texts stand in quotes, lists in [ ]; see toml.io")


def _leave_out(lines: list[str], line: int) -> None:
    """Blank a line, or the whole section when it is a header: its keys would fall into another one."""
    header = lines[line - 1].lstrip().startswith("[")
    lines[line - 1] = ""
    while header and line < len(lines) and not lines[line].lstrip().startswith("["):
        lines[line] = ""
        line += 1
