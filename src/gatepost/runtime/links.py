"""The secret in a link: bound to one incident, for two days, worth nothing without gatepost's key (contracts 19).

Nothing of it is stored: it is made anew from the incident and the key of the state whenever it is written or looked
for, so that a letter that is sent twice holds the same link.
"""

import base64
import hmac
from hashlib import sha256

from gatepost.core.evidence import Level
from gatepost.core.incident import Incident
from gatepost.core.ports import Clock
from gatepost.core.units import DAY
from gatepost.store import links
from gatepost.store.links import Link
from gatepost.store.sqlite import Sqlite

LASTS = 2 * DAY
"""Seconds that a link works."""

LENGTH = 43
"""Characters of a secret: 256 bits in base64, for URLs (RFC 4648 section 5)."""


class Links:
    """Makes links, and finds whose they are."""

    def __init__(self, store: Sqlite, clock: Clock, key: bytes, url: str) -> None:
        """Say where the page is; "" is nowhere, and no link is made."""
        self._store, self._clock, self._key, self._url = store, clock, key, url.rstrip("/")

    def make(self, incident: Incident) -> str:
        """The address for the letter about an incident; "" when there is no page.

        Raises:
            StoreError: it could not be written down.
        """
        if not self._url:
            return ""
        if links.get(self._store, incident.key) is None:
            links.put(self._store, Link(incident.key, self._clock.now()))
        return f"{self._url}/{self._secret(incident)}"

    def find(self, secret: str) -> tuple[Incident, Link] | None:
        """Whose link it is; None when it is nobody's, too old, used, or its incident does not stop anybody any more."""
        whose: Incident | None = None
        for incident in self._store.find(standing=True):
            if hmac.compare_digest(self._secret(incident).encode(), secret.encode("utf-8", "replace")):
                whose = incident
        link = links.get(self._store, whose.key) if whose is not None else None
        if whose is None or link is None or link.used or whose.peak < Level.HOLD:
            return None
        return (whose, link) if self._clock.now() < link.made + LASTS else None

    def _secret(self, incident: Incident) -> str:
        said = f"self-service\n{incident.key}\n{incident.opened!r}".encode("utf-8", "surrogatepass")
        return base64.urlsafe_b64encode(hmac.digest(self._key, said, sha256)).decode().rstrip("=")
