"""gatepost bounce: why mail was refused.

Explains one reply, or many, one a line. Texts are what strangers wrote: nothing of them is printed but what can be
shown safely.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import click
import msgspec

from gatepost.act.foreign import defanged, visible
from gatepost.config.refusals import refusal_rules
from gatepost.core.errors import SourceError
from gatepost.enrich.bounces import Answer, Classifier
from gatepost.enrich.bounces.listing import listing
from gatepost.surface import options

SHOWN = 60
"""Characters of a text in one row of the table."""
LONGEST = 65536
"""Octets of a line that are read; the rest of it is passed over."""


@click.command()
@click.argument("text", required=False)
@click.option("--file", metavar="FILE", help='Classify many, one text a line; "-" is standard input.')
@click.option("--rules", metavar="FILE", help="Rules of your own; default: those of the configuration.")
@options.config
@click.option("--format", "form", type=click.Choice(["text", "json", "jsonl"]), default="text", show_default=True)
def command(text: str | None, file: str | None, rules: str | None, config: str | None, form: str) -> int:
    """Say why mail was refused, from the words of the reply.

    TEXT is a reply as the log or the bounce has it, with its codes; without TEXT and --file it is read from standard
    input.
    """
    if text is not None and file is not None:
        raise click.UsageError("give one TEXT or --file FILE, not both")
    rule_book = refusal_rules(rules if rules is not None else options.settings(config).bounces.rules)
    out = sys.stdout.buffer
    if file is None:
        said = text if text is not None else _line(sys.stdin.buffer.read(LONGEST))
        _one(said, rule_book.explain(said), form, out)
    else:
        _many(rule_book, _lines(file), form, out)
    out.flush()
    return 0


def _lines(path: str) -> Iterator[str]:
    """The texts of a file, in order; an empty line is a text too."""
    try:
        with Path("/dev/stdin" if path == "-" else path).open("rb") as file:
            while line := file.readline(LONGEST):
                yield _line(line)
                while not line.endswith(b"\n") and (line := file.readline(LONGEST)):
                    pass
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror}; name a file with one text a line"
        raise SourceError(msg) from error


def _line(line: bytes) -> str:
    return line.decode("utf-8", "replace").rstrip("\r\n")


def _one(text: str, found: Answer, form: str, out: BinaryIO) -> None:
    if form != "text":
        out.write(_encoded(text, found) + b"\n")
        return
    rows = [("cause", found.cause.value), ("confidence", f"{found.confidence:.2f}")]
    rows += [("rule", found.rule), ("why", found.why)] if found.rule else [("why", found.why)]
    on = listing(text, found.cause)
    rows += [("listed at", defanged(on.name))] if on and on.name else []
    rows += [("it says", f"visit {defanged(on.link)}")] if on and on.link else []
    out.write("".join(f"{name:<11} {value}\n" for name, value in rows).encode())


def _many(rule_book: Classifier, texts: Iterable[str], form: str, out: BinaryIO) -> None:
    if form == "text":
        _table(rule_book, texts, out)
        return
    between = b"[\n" if form == "json" else b""
    for text in texts:
        out.write(between + _encoded(text, rule_book.explain(text)) + (b"\n" if form == "jsonl" else b""))
        between = b",\n" if form == "json" else b""
    if form == "json":
        out.write(b"\n]\n" if between == b",\n" else b"[]\n")


def _encoded(text: str, found: Answer) -> bytes:
    said: dict[str, object] = {"cause": found.cause.value, "confidence": found.confidence}
    said |= {"rule": found.rule, "why": found.why}
    on = listing(text, found.cause)
    if on is not None:
        said["listed"] = {"list": defanged(on.name), "link": defanged(on.link)}
    return msgspec.json.encode(said)


def _table(rule_book: Classifier, texts: Iterable[str], out: BinaryIO) -> None:
    causes: Counter[str] = Counter()
    for text in texts:
        found = rule_book.explain(text)
        causes[found.cause.value] += 1
        row = f"{found.cause.value:<20} {found.confidence:4.2f}  {found.rule or '-':<26} {visible(text, SHOWN)}"
        out.write(f"{row.rstrip()}\n".encode("utf-8", "replace"))
    total = causes.total()
    out.write(f"{total} text{'' if total == 1 else 's'}\n".encode())
    for cause, number in causes.most_common():
        out.write(f"  {cause:<20} {number:>7}  {number / total:4.0%}\n".encode())
