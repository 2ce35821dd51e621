"""Alarms about lines that somebody tampered with: one for each client network, at most one an hour (contracts 13)."""

from gatepost.act.foreign import quoted
from gatepost.runtime.desk import Desk
from gatepost.runtime.house import House
from gatepost.runtime.pipeline import Alarm

HOUR = 3600.0
"""Seconds of event time between two alarms about one network."""

MAX_NETWORKS = 10_000
SHOWN = 10
"""Candidates named."""

SAYS = "somebody writes log syntax into a greeting or a sender"

REMEDIES = {"exim": "; take helo_accept_junk_hosts out of Exim's configuration"}
"""What closes the way, by dialect."""


class Suspicion:
    """Turns the pipeline's alarms into words."""

    def __init__(self, house: House, desk: Desk) -> None:
        self._house, self._desk = house, desk
        self._told: dict[str, float] = {}

    def look(self, *, live: bool) -> None:
        """Say what came in since the last look.

        Args:
            live: False while a catch-up goes on: old attempts are worth a line in the log, no letter.
        """
        for alarm in self._house.pipeline.take_alarms():
            origin = self._house.pipeline.observer.networks.origin(alarm.client)
            network = origin.network if origin is not None else "unknown"
            if alarm.at < self._told.get(network, float("-inf")) + HOUR:
                continue
            if len(self._told) >= MAX_NETWORKS:
                self._told.clear()
            self._told[network] = alarm.at
            self._desk.tell(f"tampered {network} {alarm.at // HOUR:.0f}", SAYS, _lines(alarm, network), letter=live)


def _lines(alarm: Alarm, network: str) -> list[str]:
    more = f" and {len(alarm.candidates) - SHOWN} more" if len(alarm.candidates) > SHOWN else ""
    return [
        f"host {alarm.host}, client {quoted(alarm.client, 60)}, network {network}",
        f"candidates {', '.join(quoted(name, 80) for name in alarm.candidates[:SHOWN])}{more}",
        *([f"Exim's spool says it was {quoted(alarm.who, 200)}"] if alarm.who else []),
        f"nobody is charged for such lines{REMEDIES.get(alarm.dialect, '; look at this client')}",
    ]
