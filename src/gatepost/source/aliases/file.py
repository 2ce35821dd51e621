"""Aliases from a file: one a line, the alias and the account it is.

"#" begins a comment; a colon behind the alias is allowed. Lists of forwards are no such file: who forwards his mail to
somebody is not him, so a line of more than two names is a mistake.
"""

from collections.abc import Iterator
from pathlib import Path

from gatepost.core.accounts import MAX_ALIASES
from gatepost.core.errors import SourceError

MAX_OCTETS = 100_000_000


def read(path: Path) -> list[tuple[str, str]]:
    """Every alias with its account.

    Raises:
        SourceError: the file cannot be read, is too large, or a line of it is no alias; `retry`, for it can be mended.
    """
    try:
        if path.stat().st_size > MAX_OCTETS:
            msg = f"{path}: larger than {MAX_OCTETS // 1_000_000} MB: list no more than the logins that differ"
            raise SourceError(msg, retry=True)
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path}: the aliases cannot be read: {getattr(error, 'strerror', None) or error}; see accounts.aliases"
        raise SourceError(msg, retry=True) from error
    found = list(_pairs(path, text))
    if len(found) > MAX_ALIASES:
        msg = f"{path}: more than {MAX_ALIASES:,} aliases"
        raise SourceError(msg, retry=True)
    return found


def _pairs(path: Path, text: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        alias = words[0].removesuffix(":")
        if len(words) != 2 or not alias or alias == "@" or words[1] == "@" or "," in words[1]:
            msg = f'{path}:{number}: no alias and its account: write "ann.smith@example.org ann@example.org"'
            raise SourceError(msg, retry=True)
        yield alias, words[1]
