"""Pages that wait for the next transaction.

The shelf may let a page go at any moment; it becomes durable only together with the positions and the open messages it
agrees with. Until then it rests here.
"""

from collections.abc import Iterable

from gatepost.core.ports import PageStore
from gatepost.core.units import Subject


class Pending:
    """A PageStore in front of another one."""

    def __init__(self, behind: PageStore) -> None:
        self._behind = behind
        self.pages: dict[Subject, bytes] = {}

    def load(self, subject: Subject) -> bytes | None:
        """One page, None when there is none."""
        data = self.pages.get(subject)
        return data if data is not None else self._behind.load(subject)

    def save(self, pages: Iterable[tuple[Subject, bytes]]) -> None:
        """Keep pages until `drain`."""
        self.pages.update(pages)

    def drain(self) -> None:
        """Hand everything on, inside the caller's transaction; what fails stays here."""
        self._behind.save(self.pages.items())

    def drained(self) -> None:
        """The transaction ended well."""
        self.pages = {}
