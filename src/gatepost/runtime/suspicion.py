"""Alarms about lines that somebody tampered with: one for each client network, at most once an hour (contracts 13)."""

import structlog

from gatepost.runtime.house import House

HOUR = 3600.0
MAX_NETWORKS = 10_000

log = structlog.get_logger("gatepost.alarm")


class Suspicion:
    """Turns the pipeline's alarms into words."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._told: dict[str, float] = {}

    def look(self) -> None:
        """Say what came in since the last look."""
        alarms, self._house.pipeline.alarms = self._house.pipeline.alarms, []
        for alarm in alarms:
            origin = self._house.pipeline.observer.networks.origin(alarm.client)
            network = origin.network if origin is not None else "unknown"
            if alarm.at < self._told.get(network, float("-inf")) + HOUR:
                continue
            if len(self._told) >= MAX_NETWORKS:
                self._told.clear()
            self._told[network] = alarm.at
            log.warning(
                "somebody writes log syntax into a greeting or a sender; nobody is charged for such lines;"
                " set helo_accept_junk_hosts back",
                host=alarm.host,
                network=network,
                client=alarm.client,
                candidates=",".join(alarm.candidates),
            )
