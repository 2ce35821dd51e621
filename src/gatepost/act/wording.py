"""Texts of letters to customers: ours in two languages, or the operator's own.

Owns what a text may say and how it is filled in. A text is plain: a first line "Subject: …", then paragraphs with
$placeholders. A paragraph with a placeholder that has no value is left out. HTML is made from the same paragraphs, so
the two never differ; every value is harmless before it comes here (`foreign.py`) and is escaped besides.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from string import Template

from msgspec import Struct

from gatepost.core.errors import ConfigError

LANGUAGES = ("en", "de")
KINDS = ("first", "second", "proof", "bulk")
"""The letters about lists and much mail."""

THEFT = ("stolen", "released")
"""The letters about a theft."""

WORDS = frozenset(
    {"account", "number", "days", "list", "file", "since", "listed", "again", "written", "bulk", "contact"}
)
"""What a text about lists and much mail may name."""

THEFT_WORDS = frozenset({"account", "since", "out", "contact", "link"})
"""What a text about a theft may name."""

LONGEST = 65536
"""Octets of a text."""

SUBJECT = "Subject: "


class Text(Struct, frozen=True):
    """One letter's text."""

    subject: str
    paragraphs: tuple[str, ...]


class Filled(Struct, frozen=True):
    """A letter as it goes out."""

    subject: str
    text: str
    html: str


def texts(language: str, folder: str = "", kinds: Sequence[str] = KINDS) -> dict[str, Text]:
    """Letters of some kinds: the operator's, in a folder of the language or in the folder itself, else ours.

    Raises:
        ConfigError: one of the operator's cannot be read, or says something that means nothing.
    """
    return {kind: _text(language, folder, kind) for kind in kinds}


def _text(language: str, folder: str, kind: str) -> Text:
    places = (Path(folder, language, f"{kind}.txt"), Path(folder, f"{kind}.txt")) if folder else ()
    found = (own for place in places if (own := _own(place, kind)) is not None)
    return next(found, None) or _ours(language, kind)


def _ours(language: str, kind: str) -> Text:
    path = files("gatepost.act").joinpath("letters", "customer", language, f"{kind}.txt")
    return read(path.read_text("utf-8"), kind, _words_of(kind))


def _own(path: Path, kind: str) -> Text | None:
    found = written(path)
    return read(found, str(path), _words_of(kind)) if found is not None else None


def written(path: Path) -> str | None:
    """What the operator wrote into a file; None when there is none.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST + 1)
        if len(content) > LONGEST:
            raise ConfigError(f"the letter is longer than {LONGEST} octets; write less", str(path))
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        return None
    except OSError as error:
        msg = f"the letter cannot be read: {error.strerror or error}; mend it or name another folder in templates"
        raise ConfigError(msg, str(path)) from error
    except UnicodeDecodeError as error:
        raise ConfigError("the letter is not UTF-8; save the file as UTF-8", str(path)) from error


def template(text: str, place: str, known: frozenset[str]) -> Template:
    """A text with placeholders, all of them known.

    Raises:
        ConfigError: it names what there is not.
    """
    whole = Template(text)
    if not whole.is_valid():
        raise ConfigError("a $ stands alone; write $$ for the sign itself", place)
    unknown = sorted(set(whole.get_identifiers()) - known)
    if unknown:
        raise ConfigError(f"${unknown[0]} means nothing; write one of ${', $'.join(sorted(known))}", place)
    return whole


def _words_of(kind: str) -> frozenset[str]:
    return THEFT_WORDS if kind in THEFT else WORDS


def read(text: str, place: str, known: frozenset[str] = WORDS) -> Text:
    """A text from its file.

    Raises:
        ConfigError: it has no subject, or names what there is not.
    """
    first, _, rest = text.replace("\r\n", "\n").strip().partition("\n")
    if not first.startswith(SUBJECT) or not rest.strip():
        raise ConfigError('a letter is a first line "Subject: …", an empty line, and paragraphs; write it so', place)
    template(text, place, known)
    return Text(first.removeprefix(SUBJECT).strip(), tuple(re.split(r"\n[ \t]*\n\s*", rest.strip())))


def fill(text: Text, words: Mapping[str, str], rows: Sequence[Sequence[str]], language: str) -> Filled:
    """A letter.

    Args:
        text: as read.
        words: values by placeholder, harmless; "" leaves the paragraph out. `list` is made from the rows.
        rows: addresses and replies for `$list`.
        language: of the HTML.
    """
    told = {**dict.fromkeys(WORDS | THEFT_WORDS, ""), **words, "list": "\n".join("  " + "  ".join(row) for row in rows)}
    said = [part for part in text.paragraphs if all(told[name] for name in Template(part).get_identifiers())]
    plain = "\n\n".join(Template(part).substitute(told) for part in said)
    subject = " ".join(Template(text.subject).substitute(told).split())
    return Filled(subject, f"{plain}\n", "".join(_page(subject, said, told, rows, language)))


def _page(
    subject: str, said: Sequence[str], told: Mapping[str, str], rows: Sequence[Sequence[str]], language: str
) -> Iterator[str]:
    yield f'<!DOCTYPE html>\n<html lang="{html.escape(language)}">\n<head><meta charset="utf-8">'
    yield f"<title>{html.escape(subject)}</title></head>\n<body>\n"
    escaped = {name: html.escape(value) for name, value in told.items()}
    for part in said:
        if part.strip() in ("$list", "${list}"):
            yield _table(rows)
        else:
            yield f"<p>{Template(html.escape(part, quote=False)).substitute(escaped)}</p>\n"
    yield "</body>\n</html>\n"


def _table(rows: Sequence[Sequence[str]]) -> str:
    cells = ("".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in rows)
    return "<table>\n" + "".join(f"<tr>{row}</tr>\n" for row in cells) + "</table>\n"
