"""What two lines of one log have to do with each other, when they are one line.

Owns two memories, both small and bounded: the pieces into which Exim splits a long line for syslog, and a refusal
written twice, to the main log and to the reject log, within its second. Exim's own main log holds every line once.
Source: src/src/log.c (write_syslog, log_write); options syslog_duplication, log_reject_target.
"""

import re

PIECE = re.compile(r"\[([1-9][0-9]{0,2})([/\\])([1-9][0-9]{0,2})\] ")

FIRST_PIECES = "a piece of a line that is not complete yet"
LOST_PIECES = "a piece of a split line whose other pieces are missing"
DUPLICATE = "the reject log's copy of a line"

MAX_PIECES = 64
"""Lines being put together at a time."""

MAX_LINE = 65536
"""Characters of one line put together: Exim writes at most 8192, the rest is headroom."""

MAX_TEXTS = 1000
"""Refusals of one second whose copy is waited for."""


class Pieces:
    """Puts split lines together, one at a time for each process of a host."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], tuple[int, int, str]] = {}

    def add(self, host: str, pid: str, found: re.Match[str], text: str) -> str | None:
        """Take a piece; the whole line when it was the last, "" while more are missing, None when some are lost.

        A piece ended by a newline is a line of its own already: only its first one is a log line, the rest are headers.

        Args:
            host: the header's host.
            pid: the header's process id; without one pieces of two processes cannot be told apart.
            found: a match of PIECE at the start of the message.
            text: what stands behind it.
        """
        number, total = int(found[1]), int(found[3])
        if not pid or number > total:
            return None
        _, last, whole = self._open.pop((host, pid), (0, 0, "")) if number > 1 else (total, 0, "")
        if last != number - 1:
            return None
        whole += text
        if number == total:
            return whole
        if len(whole) > MAX_LINE:
            return None
        if len(self._open) >= MAX_PIECES:
            del self._open[next(iter(self._open))]
        self._open[host, pid] = (total, number, whole + ("\n" if found[2] == "\\" else ""))
        return ""


class Copies:
    """Knows the second copy of a refusal: the same text of the same process in the same second, every other time.

    The reject log repeats what the main log says: through syslog, and where both are written to one file, each refusal
    comes twice. An event that truly happens twice in a second, to the letter, is then counted once.
    """

    def __init__(self) -> None:
        self.expected = False
        """Whether the log was seen to hold the reject log too: it showed the headers of a refused message."""
        self._second = -1.0
        self._once: set[str] = set()

    def again(self, at: float | None, text: str) -> bool:
        """Whether this text is a copy of one already seen in its second."""
        second = at or 0.0
        if second != self._second:
            self._second = second
            self._once.clear()
        if text in self._once:
            self._once.discard(text)
            return True
        if len(self._once) < MAX_TEXTS:
            self._once.add(text)
        return False
