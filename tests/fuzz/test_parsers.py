"""Fuzzing of every parser of log lines: never an exception, never slow.

The time for all of them together is FUZZ seconds (60 by default); the seed is printed, and fixed unless FUZZ_SEED says
another, so that a failure can be had again.
"""

import os
import random
import time
from collections.abc import Callable, Sequence

import pytest
from tests.laws import postfix_writes
from tests.laws.exim_writes import PIECES
from tests.mta.corpus import WRITTEN, lines
from tests.mta.dovecot import writes as dovecot_writes

from gatepost.core.events import Cursor
from gatepost.mta import DIALECTS, SELF_STAMPED
from gatepost.mta.exim import Exim
from gatepost.mta.thread import Thread
from gatepost.wire.syslog import read_header

SEED = int(os.environ.get("FUZZ_SEED", "20260302"))
BUDGET = float(os.environ.get("FUZZ", "60"))
SLOW = 2.0
"""Seconds a single line may take at the very most: far above what any does, far below what hangs a tail."""

CORPUS = lines("exim")
BYTES = ("\0", "\r", "\x0b", "\x85", "\u2028", "\udcff", "\U0001f600", "\x1b[31m", "é", "٣", " ", '"', "\\", "\t")


def mutated(chance: random.Random, corpus: Sequence[str], pieces: Sequence[str]) -> str:
    """A line of the corpus, damaged in a few places, sometimes crossed with another or made very long."""
    line = chance.choice(corpus)
    for _ in range(chance.randint(1, 6)):
        at, end = sorted((chance.randint(0, len(line)), chance.randint(0, len(line))))
        kind = chance.randrange(7)
        if kind == 0:
            line = line[:at] + chance.choice(pieces) + line[at:]
        elif kind == 1:
            line = line[:at] + chance.choice(BYTES) * chance.randint(1, 3) + line[at:]
        elif kind == 2:
            line = line[:at] + line[end:]
        elif kind == 3:
            line = line[:at] + line[at:end] * chance.randint(2, 4) + line[end:]
        elif kind == 4:
            line = line[:at] + chance.choice(corpus)[end:]
        elif kind == 5:
            line = line[:at] + chance.choice(pieces) + line[end:]
        else:
            line = line[:at] + "".join(chr(chance.randrange(1, 0x250)) for _ in range(chance.randint(1, 8))) + line[at:]
    line = line[:20_000]
    return line * chance.randint(2, 60) if chance.random() < 0.002 else line


def _exim() -> Callable[[str], None]:
    dialect = Exim(reference=WRITTEN)

    def read(line: str) -> None:
        skimmed = dialect.skim(line)
        record = dialect.read(line)
        assert record.kind not in {"ignored", "unread"} or record.why
        assert len(record.reply) <= 300 and len(record.candidates) <= 10
        if skimmed is not None:
            assert (record.kind, record.result, record.queue_id, record.address) == ("delivery", "delivered", *skimmed)

    return read


def _postfix() -> Callable[[str], None]:
    """Postfix, and the joining of what its lines say."""
    dialect, thread = DIALECTS["postfix"](reference=WRITTEN), Thread("mx1")

    def read(line: str) -> None:
        skimmed = dialect.skim(line)
        record = dialect.read(line)
        assert record.kind not in {"ignored", "unread"} or record.why
        assert len(record.reply) <= 300 and len(record.candidates) <= 10
        if skimmed is not None:
            assert (record.kind, record.result, record.queue_id, record.address) == ("delivery", "delivered", *skimmed)
        if record.count < 100:
            thread.feed(record, Cursor("fuzz", 0, 0))

    return read


def _syslog() -> Callable[[str], None]:
    def read(line: str) -> None:
        header = read_header(line)
        assert header is None or 0 < header.end <= len(line)

    return read


def _logins(name: str) -> Callable[[], Callable[[str], None]]:
    """A server whose lines may hold passwords: one that does is never a sample of what could not be read."""

    def make() -> Callable[[str], None]:
        dialect = DIALECTS[name](reference=WRITTEN)

        def read(line: str) -> None:
            record = dialect.read(line)
            assert record.kind not in {"ignored", "unread"} or record.why
            assert len(record.reply) <= 300 and len(record.candidates) <= 10
            if record.kind == "unread" and "given password" in line.lower():
                header = read_header(line)
                text = line[header.end :] if header is not None and header.program.startswith("dovecot") else ""
                assert not text.startswith("auth"), "a line with a password is unread"

        return read

    return make


PIECES_OF = {"dovecot": dovecot_writes.PIECES}
PARSERS = {
    "exim": (_exim, 0.49, CORPUS, PIECES),
    "postfix": (_postfix, 0.15, lines("postfix"), postfix_writes.PIECES),
    "syslog": (_syslog, 0.1, CORPUS, PIECES),
    **{
        name: (_logins(name), share, lines(name), PIECES_OF.get(name, PIECES))
        for name, share in (
            ("dovecot", 0.08),
            ("cyrus", 0.04),
            ("courier", 0.04),
            ("sendmail", 0.03),
            ("opensmtpd", 0.01),
        )
    },
    **{name: (_logins(name), 0.02, lines(name), PIECES) for name in SELF_STAMPED},
}
"""What is fuzzed, its share of the time, the lines to damage and what to put into them."""


@pytest.mark.parametrize("name", PARSERS)
def test_no_line_raises_or_takes_long(name: str) -> None:
    """Damaged lines are read as something, skim and read agree, and none takes longer than a blink."""
    make, share, corpus, pieces = PARSERS[name]
    read, chance = make(), random.Random(f"{SEED}/{name}")
    print(f"FUZZ_SEED={SEED} FUZZ={BUDGET:g}")
    end, count = time.monotonic() + BUDGET * share, 0
    while time.monotonic() < end:
        line = mutated(chance, corpus, pieces)
        start = time.monotonic()
        try:
            read(line)
        except Exception as error:
            msg = f"line {count} of FUZZ_SEED={SEED}: {line!r}"
            raise AssertionError(msg) from error
        assert time.monotonic() - start < SLOW, f"line {count} of FUZZ_SEED={SEED} is slow: {line[:500]!r}"
        count += 1
    assert count > 0
