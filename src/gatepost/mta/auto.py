"""A log whose language is still to be found out.

Owns the moment of decision: the first line that a dialect would claim as its own. Until then lines are read as Exim's,
so that what nobody wrote is counted as unread, with a reason.
"""

from datetime import UTC, tzinfo

from gatepost.core.units import Instant
from gatepost.mta import DIALECTS, UNKNOWN, detect
from gatepost.mta.base import Dialect, Record


class Auto:
    """A dialect that becomes another one.

    Args:
        zone: where stamps without a zone were written; None is the machine's own.
        tag: what gatepost's own refusals start with.
        reference: an instant near the newest line, for stamps without a year.
    """

    def __init__(self, zone: tzinfo | None = UTC, tag: str = "[gatepost]", reference: Instant | None = None) -> None:
        self.name = UNKNOWN
        self._made = (zone, tag, reference)
        self._dialect: Dialect = DIALECTS["exim"](*self._made)
        self.vague = self._dialect.vague

    def read(self, line: str) -> Record:
        """Read one line without its newline. Never raises, whatever the line holds."""
        if self.name == UNKNOWN:
            self._decide(line)
        return self._dialect.read(line)

    def skim(self, line: str) -> tuple[str, str] | None:
        """Queue id and original recipient of an unmistakable line of delivered mail; None: read it whole."""
        return self._dialect.skim(line) if self.name != UNKNOWN else None

    def _decide(self, line: str) -> None:
        name = detect([line])
        if name != UNKNOWN:
            self.name, self._dialect = name, DIALECTS[name](*self._made)
            self.vague = self._dialect.vague
