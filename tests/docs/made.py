"""The parts of the pages that are made from the program: `python -m tests.docs.made` writes them anew.

A part stands between `<!-- made: WHAT -->` and `<!-- end -->`. docs/settings.md has a command of its own.
"""

import atexit
import re
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path

import click
from tests.docs.desk import furnish, inside, run
from tests.docs.pages import DOCS, pages

from gatepost.config.reference import table
from gatepost.detect import KINDS
from gatepost.detect.base import Detector
from gatepost.ledger.signals import SIGNALS, Signal
from gatepost.surface.cli import COMMANDS, cli

_PART = re.compile(r"(<!-- made: ([^>]*?) -->\n)(.*?)(<!-- end -->)", re.DOTALL)

_CITED = re.compile(r" {2,3}learn:\S+ \d+/\d+")

LEFT_OUT = ("shadow",)
"""Settings that every detector has: docs/settings.md tells of them."""


def detector(kind: str) -> str:
    """A detector's settings, and its curves in words."""
    found = KINDS[kind]
    return "\n".join([table(found, skip=LEFT_OUT), *curves(found), ""]).rstrip("\n") + "\n"


def curves(kind: type[Detector]) -> Iterator[str]:
    """Every curve of a detector: "5: 20 points, 8: 45, 15: 85"."""
    for name, anchors in anchored(kind).items():
        (first, points), *rest = anchors
        words = ", ".join([f"{first:g}: {points:g} points", *(f"{x:g}: {y:g}" for x, y in rest)])
        yield f"- `{name}`: {words}"


def anchored(kind: type[Detector]) -> dict[str, tuple[tuple[float, float], ...]]:
    """The curves among a detector's settings."""
    needed = {"label": "x", "at_least": 1, "points": 1.0, "count": "login.ok"} if kind.kind() == "rule" else {}
    settings = kind(**needed).settings()  # type: ignore[arg-type]
    return {name: value for name, value in settings.items() if _curve(value)}  # type: ignore[misc]


def _curve(value: object) -> bool:
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], tuple)


def signals() -> str:
    """One row a signal."""
    rows = [f"| `{name}` | {signal.means} | {_kept(signal)} |" for name, signal in SIGNALS.items()]
    return "\n".join(["| signal | what it is | use |", "|---|---|---|", *rows]) + "\n"


def _kept(signal: Signal) -> str:
    return "`count`" if signal.amount is not None else "`distinct`"


def commands() -> str:
    """One row a command."""
    rows = [f"| [`{name}`](commands/{name}.md) | {words} |" for name, words in COMMANDS.items()]
    return "\n".join(["| command | what for |", "|---|---|", *rows]) + "\n"


def detectors() -> str:
    """One row a detector."""
    rows = [f"| [`{kind}`](detectors/{kind}.md) | {_first(found)} |" for kind, found in KINDS.items()]
    return "\n".join(["| detector | what it sees |", "|---|---|", *rows]) + "\n"


def _first(kind: type) -> str:
    return (kind.__doc__ or "").strip().partition("\n")[0]


def options(name: str) -> str:
    """A command's usage and its options; what stands there is kept while there is no such command."""
    found = command(name)
    if found is None:
        return ""
    return "\n".join(_options(one, f"gatepost {' '.join(path)}") for path, one in _leaves(found, (name,)))


def _leaves(found: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """A command, or those inside a group."""
    if not isinstance(found, click.Group):
        yield path, found
        return
    for name, inner in sorted(found.commands.items()):
        yield from _leaves(inner, (*path, name))


def _options(found: click.Command, called: str) -> str:
    context = click.Context(found, info_name=called)
    usage = f"    {' '.join([called, *found.collect_usage_pieces(context)])}\n"
    records = (option.get_help_record(context) for option in found.params if isinstance(option, click.Option))
    rows = [_escaped(*record) for record in records if record]
    return "\n".join([usage, "| option | meaning |", "|---|---|", *rows] if rows else [usage]) + "\n"


def command(name: str) -> click.Command | None:
    """One command, None when its file is not there."""
    if find_spec(f"gatepost.surface.commands.{name}") is None:
        return None
    return cli.get_command(click.Context(cli), name)


def _escaped(spelt: str, words: str) -> str:
    """A row; a bar inside a cell would end it."""
    return f"| `{spelt.replace('|', chr(92) + '|')}` | {words.replace('|', chr(92) + '|')} |"


@cache
def _desk() -> Path:
    """The folder in which commands are run, gone when the process ends."""
    folder = tempfile.TemporaryDirectory(prefix="gatepost-docs-")
    atexit.register(folder.cleanup)
    return furnish(Path(folder.name) / "desk")


def ran(*words: str) -> str:
    """What a command prints up to the first empty line, without the places of the state's own log."""
    command = " ".join(("gatepost", *words))
    with inside(_desk()):
        lines = takewhile(str.strip, run(command).out.splitlines())
        shown = [_CITED.sub("", line).rstrip() for line in lines]
    return "\n".join(["```console", f"$ {command}", *shown, "```"]) + "\n"


MAKERS: dict[str, Callable[..., str]] = {
    "detector": detector,
    "signals": signals,
    "commands": commands,
    "detectors": detectors,
    "options": options,
    "run": ran,
}


def renewed(text: str) -> str:
    """A page with its made parts as the program has them now."""

    def part(found: re.Match[str]) -> str:
        kind, *words = found[2].split()
        made = MAKERS[kind](*words)
        return f"{found[1]}{made}{found[4]}" if made else found[0]

    return _PART.sub(part, text)


def made() -> dict[Path, list[str]]:
    """Which parts each page has."""
    found = {page: [match[2] for match in _PART.finditer(page.read_text())] for page in pages()}
    return {page: parts for page, parts in found.items() if parts}


if __name__ == "__main__":
    for page in pages():
        before = page.read_text()
        after = renewed(before)
        if after != before:
            page.write_text(after)
            print(f"docs: {page.relative_to(DOCS.parent)}")
