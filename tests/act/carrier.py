"""Carries orders out as the daemon does: plan, claim, ensure, close; a release walks the rows that are done."""

from tests.act.book import NOON, Book, incident, order, target

from gatepost.core.incident import Ensure, Order
from gatepost.core.ports import Action, Target


class Carrier:
    """One action and its journal."""

    def __init__(self, action: Action, book: Book) -> None:
        self.action, self.book = action, book

    async def ensure(self, wanted: Order, about: Target) -> str:
        """Carry one order out, whatever the journal says of it."""
        record = self.action.plan(wanted, about)
        self.book.claim(wanted, self.action.name, record, NOON)
        note = await self.action.ensure(wanted, about)
        self.book.close_row(wanted.key, self.action.name, "done", note, NOON)
        return note

    async def stop(self, account: str, *spellings: str, number: int = 1, ensure: Ensure = "blocked") -> str:
        """Block an account that has logged in under these spellings."""
        about = incident(account, number)
        return await self.ensure(order(about, ensure), target(about, *(spellings or (account,))))

    async def release(self, account: str, number: int = 1) -> list[str]:
        """Undo every row of an incident that is done, newest first."""
        about = incident(account, number)
        notes = []
        for row in reversed(self.book.rows(about.key)):
            if row.state == "done":
                note = await self.action.undo(order(about, "released"), target(about, account), row.undo)
                self.book.close_row(row.order.key, self.action.name, "undone", note, NOON)
                notes.append(note)
        return notes
