"""gatepost parse: what each line of a log was read as.

Shows the dialects at work, line by line, with nothing remembered, joined or judged. Fields of a line are what strangers
wrote into it: control characters are shown as escapes, and bytes that are no UTF-8 as the replacement character.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import tzinfo
from itertools import chain, islice
from typing import BinaryIO

import click
import msgspec

from gatepost.act.foreign import visible
from gatepost.config.zones import load_zone
from gatepost.core.errors import SourceError
from gatepost.core.units import iso
from gatepost.mta import DIALECTS, UNKNOWN, detect
from gatepost.mta.base import TAMPERED, Record
from gatepost.source.lines import read_lines
from gatepost.source.sample import written

SAMPLE = 1000
"""Lines looked at before `--dialect auto` decides."""

WIDEST = 2000
"""Characters of one value in a row of text; JSON has all of them."""

DONE, UNREADABLE = 0, 3
"""Exit codes: all was read; an input could not be read, the rest was."""

_STATED = ("account", "ok", "envelope_sender", "size")
"""Fields that are None when the line does not state them."""

_WORDS = (
    "mechanism", "client", "helo", "protocol", "queue_id", "address", "result", "status", "reply", "message_id", "host",
    "part", "parent", "child", "session", "user",
)  # fmt: skip
"""Fields that are empty when the line does not state them."""

_SHORT = (
    "account", "user", "client", "helo", "envelope_sender", "recipients", "address", "result", "status", "part", "why",
)  # fmt: skip
"""What the table shows of a line, in this order."""


@click.command()
@click.argument("logs", metavar="LOG...", nargs=-1, required=True)
@click.option("--format", "form", type=click.Choice(["text", "json", "jsonl"]), default="text", show_default=True)
@click.option("--dialect", type=click.Choice(["auto", *DIALECTS]), default="auto", show_default=True)
@click.option("--zone", default="local", show_default=True, help='Zone of times without an offset: "Europe/Berlin".')
def command(logs: tuple[str, ...], form: str, dialect: str, zone: str) -> int:
    """Show what each line of a log is read as.

    Reads plain files, .gz, .xz, .bz2 and .zst, and "-" for standard input. Exits with 3 when one of them could not be
    read; the others were.
    """
    place = load_zone(zone)
    failures: list[SourceError] = []
    objects = _numbered(logs, dialect, place, failures)
    {"text": _text, "json": _json, "jsonl": _jsonl}[form](objects, sys.stdout.buffer)
    sys.stdout.buffer.flush()
    for failure in failures:
        click.echo(f"gatepost: {failure}", err=True)
    return UNREADABLE if failures else DONE


def _numbered(
    logs: Iterable[str], dialect: str, zone: tzinfo, failures: list[SourceError]
) -> Iterator[dict[str, object]]:
    """One object for every line of every input; inputs that break are remembered."""
    number = 0
    for log in logs:
        try:
            for name, record in _records(log, dialect, zone):
                number += 1
                yield {"n": number, "dialect": name, **stated(record)}
        except SourceError as error:
            failures.append(error)


def _records(log: str, dialect: str, zone: tzinfo) -> Iterator[tuple[str, Record]]:
    lines: Iterator[str] = (line for _, line in read_lines(log))
    name = dialect
    if dialect == "auto":
        sample = _sample(lines)
        name = detect(sample.lines)
        lines = chain(sample.lines, sample.rest(lines))
    read = DIALECTS["exim" if name == UNKNOWN else name](zone=zone, reference=written(log)).read
    for line in lines:
        yield name, read(line)


class _Sample:
    """The first lines of an input, and what went wrong after them."""

    def __init__(self, lines: list[str], error: SourceError | None) -> None:
        self.lines, self.error = lines, error

    def rest(self, lines: Iterator[str]) -> Iterator[str]:
        """What follows the sample; raises what ended it."""
        if self.error is not None:
            raise self.error
        yield from lines


def _sample(lines: Iterator[str]) -> _Sample:
    found: list[str] = []
    try:
        found.extend(islice(lines, SAMPLE))
    except SourceError as error:
        return _Sample(found, error)
    return _Sample(found, None)


def stated(record: Record) -> dict[str, object]:
    """What a record states, as the machine contract of docs/commands/parse.md names it.

    A tampered line is unread, also where all its readings name one account, which is then charged.
    """
    tampered = record.why == TAMPERED
    found: dict[str, object] = {"kind": "unread" if tampered else record.kind, "why": record.why}
    if record.time is not None:
        found["time"] = iso(record.time)
    for field in _STATED:
        value = getattr(record, field)
        if value is not None:
            found[field] = value
    for field in _WORDS:
        value = getattr(record, field)
        if value:
            found[field] = value
    if record.recipients is not None:
        found["recipients"] = len(record.recipients)
        found["recipient_addresses"] = record.recipients
    elif record.recipient_count is not None:
        found["recipients"] = record.recipient_count
    if record.count > 1:
        found["count"] = record.count
    if record.tls:
        found["tls"] = True
    if record.candidates or record.clients or tampered:
        found["candidates"] = record.candidates
        found["clients"] = record.clients
    if record.also is not None:
        found["also"] = stated(record.also)
    return found


_encoder = msgspec.json.Encoder()


def _encoded(found: dict[str, object]) -> bytes:
    try:
        return _encoder.encode(found)
    except UnicodeEncodeError:
        return _encoder.encode(_readable(found))


def _readable(value: object) -> object:
    """A value whose texts are UTF-8: bytes that were none become the replacement character."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if isinstance(value, dict):
        return {name: _readable(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return tuple(_readable(item) for item in value)
    return value


def _jsonl(objects: Iterable[dict[str, object]], out: BinaryIO) -> None:
    for found in objects:
        out.write(_encoded(found) + b"\n")


def _json(objects: Iterable[dict[str, object]], out: BinaryIO) -> None:
    between = b"[\n"
    for found in objects:
        out.write(between + _encoded(found))
        between = b",\n"
    out.write(b"\n]\n" if between != b"[\n" else b"[]\n")


def _text(objects: Iterable[dict[str, object]], out: BinaryIO) -> None:
    kinds: Counter[str] = Counter()
    local = 0
    for found in objects:
        kinds[str(found["kind"])] += 1
        local += "user" in found and bool(found.get("envelope_sender"))
        out.write(f"{_row(found)}\n".encode("utf-8", "replace"))
    told = f"; of them {local} messages of local users" if local else ""
    out.write(f"{_totals(kinds)}{told}\n".encode())


def _row(found: dict[str, object]) -> str:
    words = [f"{name}={_shown(found[name])}" for name in _SHORT if found.get(name) not in {None, ""}]
    for name in ("candidates", "clients"):
        words += [f"{name}={_shown(value)}" for value in _texts(found.get(name))]
    return f"{found['n']:>7}  {found.get('time', '-'):20}  {found['kind']:10}  {' '.join(words)}".rstrip()


def _texts(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _shown(value: object) -> str:
    """A value in one row: what cannot be printed is shown as an escape."""
    text = visible(str(value), WIDEST)
    return f'"{text}"' if " " in text or not text else text


def _totals(kinds: Counter[str]) -> str:
    lines = sum(kinds.values())
    each = ", ".join(f"{kind} {number}" for kind, number in kinds.most_common())
    return f"{lines} line{'' if lines == 1 else 's'}{': ' if each else ''}{each}"
