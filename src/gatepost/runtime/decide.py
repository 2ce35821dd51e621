"""Decides who submitted a message whose log line somebody tampered with: by what Exim's spool says (contracts 13).

A decision is written down before it counts and read again when its line is: so a crash, or a second reading after the
message is gone, gives the same events with the same cursors.
"""

from pathlib import Path

import structlog
from msgspec.structs import replace

from gatepost.core.errors import SourceError
from gatepost.core.events import Cursor
from gatepost.core.units import NOBODY, Instant
from gatepost.mta.base import Record
from gatepost.mta.decision import Decision, record_of
from gatepost.mta.thread import Thread
from gatepost.runtime.pipeline import Decided
from gatepost.source.eximspool import Spool
from gatepost.store.sqlite import Sqlite

log = structlog.get_logger("gatepost.source")


class Decider:
    """Asks one Exim's spool."""

    def __init__(self, store: Sqlite, folder: str, host: str, thread: Thread) -> None:
        """Say which spool belongs to which mail server."""
        self._store, self._spool = store, Spool(Path(folder))
        self._host, self._thread = host, thread
        self._said = ""

    def __call__(self, tampered: Record) -> Decided | None:
        """Who it was; None when the message has left the queue and nobody asked in time."""
        found = self._store.decision(self._host, tampered.queue_id) or self._ask(tampered)
        if found is None:
            return None
        number, decision = found
        return Decided(record_of(decision), Cursor(f"spool:{self._host}", 0, number))

    def _ask(self, tampered: Record) -> tuple[int, Decision] | None:
        try:
            answer = self._spool.find(tampered.queue_id)
        except SourceError as error:
            if str(error) != self._said:
                log.warning("the spool cannot be read; tampered lines stay undecided", reason=str(error))
            self._said = str(error)
            return None
        if answer is None:
            return None
        decision = replace(answer, at=tampered.time or Instant(0.0))
        account = self._thread.accounts.fold(decision.account) if decision.account else NOBODY
        return self._store.decide(self._host, account, decision), decision
