"""The newest records of a journal, looked at once: which are the mail server's own, and whose the others are."""

import json
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from gatepost.core.errors import SourceError
from gatepost.source.journal import FIELDS, RECORD, TRANSPORTS, Chosen

MOST = 2000
"""Records that are looked at."""

PATIENCE = 30.0
"""Seconds `journalctl` may take."""

_HIDDEN = b"Hint: You are currently not seeing messages"
"""What journalctl tells somebody who sees his own records only (journalctl(1), "Access to the journal")."""


class Sample(Struct, frozen=True):
    """What the newest records of some units are."""

    lines: Sequence[str]
    """Those of the mail server, as they are read."""
    others: Mapping[str, int]
    """Users of the other ones, by number, and how many; "stdout" for what was printed."""
    hidden: bool
    """This user sees his own records only."""


def newest(chosen: Chosen, place: str = "") -> Sample:
    """Look at a journal.

    Args:
        chosen: whose records.
        place: a journal file, or a folder of them; "" is this host's journal.

    Raises:
        SourceError: it cannot be read.
    """
    kind = "--directory" if Path(place).is_dir() else "--file"
    where = [f"{kind}={place}"] if place else []
    matches = [f"_SYSTEMD_UNIT={unit}" for unit in sorted(chosen.units)]
    fixed = ["journalctl", "--all", "--output=json", f"--output-fields={FIELDS}", f"--lines={MOST}", "--no-pager"]
    command = [*fixed, *where, *matches]
    try:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = getattr(error, "strerror", None) or f"no answer within {PATIENCE:.0f} s"
        raise SourceError(f"journalctl cannot be run: {reason}") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2][:200]
        raise SourceError(f"journalctl ended with exit code {done.returncode}: {said}")
    return _sample(chosen, done.stdout, hidden=_HIDDEN in done.stderr)


def _sample(chosen: Chosen, data: bytes, *, hidden: bool) -> Sample:
    lines, others = list[str](), Counter[str]()
    for one in data.split(b"\n"):
        record = _record(one)
        line = chosen.line(record) if record is not None else None
        if line is not None:
            lines.append(line)
        elif record is not None and record.get("MESSAGE") is not None:
            printed = str(record.get("_TRANSPORT")) not in TRANSPORTS
            others["stdout" if printed else str(record.get("_UID"))[:20]] += 1
    return Sample(lines, others, hidden)


def _record(data: bytes) -> Mapping[str, Any] | None:
    try:
        found = json.loads(data) if data and len(data) <= RECORD else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
