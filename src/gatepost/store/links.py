"""Links that customers got, and what they asked for with them (contracts 19)."""

from collections.abc import Sequence

from msgspec import Struct

from gatepost.core.units import Instant
from gatepost.store.file import StateFile
from gatepost.store.schema import IN_FORCE


class Link(Struct, frozen=True):
    """One incident's link."""

    incident: str
    made: Instant
    """When the letter with it was written first."""
    used: Instant = Instant(0.0)
    """When it was used; 0 while it was not. It works once."""
    client: str = ""
    """Whence."""
    why: str = ""
    """Why an operator has to decide; "" when it was decided, or nothing was asked."""


def put(store: StateFile, link: Link) -> None:
    """Write it, in the place of the one that was."""
    values = (link.incident, link.made, link.used, link.client, link.why)
    store.run("REPLACE INTO links VALUES (?, ?, ?, ?, ?)", values)


def get(store: StateFile, incident: str) -> Link | None:
    """The link of an incident."""
    row = store.run("SELECT * FROM links WHERE incident = ?", (incident,)).fetchone()
    return None if row is None else Link(*row)


def asked(store: StateFile) -> Sequence[Link]:
    """What customers ask for and nobody has decided, oldest first."""
    standing = f"SELECT key FROM incidents WHERE state IN ({IN_FORCE})"
    found = store.run(f"SELECT * FROM links WHERE why != '' AND incident IN ({standing}) ORDER BY used")
    return [Link(*row) for row in found]


def old(store: StateFile, before: float) -> int:
    """Forget links from before an instant; returns their number."""
    return store.run("DELETE FROM links WHERE made < ?", (before,)).rowcount
