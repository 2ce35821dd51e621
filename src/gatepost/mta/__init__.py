"""All knowledge of mail servers: one dialect each, and the thread that joins their lines."""

from collections.abc import Sequence

from gatepost.mta.base import Dialect
from gatepost.mta.exim import Exim

DIALECTS = {"exim": Exim}
"""Every dialect by its name; each is made with `zone`, `tag` and `reference`."""

UNKNOWN = "unknown"


def detect(lines: Sequence[str]) -> str:
    """The dialect most of these lines are written in; UNKNOWN when none of them is any dialect's.

    Args:
        lines: the first lines of a log; a few hundred are enough.
    """
    scores = {name: _score(make(), lines) for name, make in DIALECTS.items()}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] else UNKNOWN


def _score(dialect: Dialect, lines: Sequence[str]) -> int:
    """Lines that only this dialect would have written."""
    records = (dialect.read(line) for line in lines)
    return sum(
        record.why == "tampered" or (record.kind != "unread" and record.why not in dialect.vague) for record in records
    )
