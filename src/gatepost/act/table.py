"""A deny table that the mail server reads: whose login is stopped.

Owns the table as a whole: every order renders it again from the journal, so a lost, old or edited table mends itself.
How the entries are stored is in
formats.py and what it names, which names can be entries in keys.py. Works while gatepost is down: the mail
server reads the file, nobody else is asked.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from gatepost.act.durable import Owner
from gatepost.act.formats import form_of
from gatepost.act.forms import Form
from gatepost.act.keys import Format, keys, unfit
from gatepost.core.errors import ActionError
from gatepost.core.incident import Order
from gatepost.core.ports import Journal, Target


class Table:
    """An Action that keeps a deny table equal to what stands in the journal."""

    lossless = True
    """Undone, everything is as before: the breaker lets it carry out a hold in the place of a block."""

    def __init__(
        self,
        journal: Journal,
        *,
        path: Path,
        format: Format,
        on: frozenset[str] = frozenset({"blocked"}),
        mode: int = 0o640,
        owner: str = "",
        group: str = "",
        domains: frozenset[str] = frozenset(),
        deny: str = "",
        services: Sequence[str] = (),
    ) -> None:
        """Describe a table; nothing is read or written yet.

        Args:
            journal: says what must be in the table.
            path: the file, the folder (dsearch), or the file without its service (passwd-file).
            format: how the mail server reads it.
            on: the orders that put an account into it: "throttled", "held", "blocked".
            mode: permissions of the file, or of the files in the folder.
            owner: user they belong to; "" leaves it.
            group: group they belong to, usually the mail server's; "" leaves it.
            domains: hosted domains, none of which may become a key.
            deny: what Postfix says to who is stopped, tag included (hash, lmdb, cdb).
            services: what Dovecot shuts (passwd-file).
        """
        self.name = f"table:{path}"
        self.ensures = on
        self.path = path
        self._format: Format = format
        self._journal = journal
        self._domains = domains
        self._form: Form = form_of(format, path, Owner(mode, owner, group), deny, services)
        self._one_at_a_time = asyncio.Lock()

    def plan(self, order: Order, target: Target) -> str:
        """The undo record, JSON: {"incident": key, "spellings": [the keys this order denies]}.

        Raises:
            ActionError: a login that the format cannot hold exactly.
        """
        if unfit(order.incident, "lsearch"):
            msg = f"the incident {order.incident!r} cannot be put into a table; change this account's password by hand"
            raise ActionError(msg)
        names = keys(order.account, target.spellings, self._format, self._domains)
        return json.dumps({"incident": order.incident, "spellings": names})

    async def ensure(self, order: Order, target: Target) -> str:
        """Render the table from the journal, in which this order's row is running."""
        names = _names(self.plan(order, target), self.name)
        changed = await self._render(dict.fromkeys(names, order.incident))
        return f"{', '.join(names)} {'added to' if changed else 'already in'} {self.path}"

    async def undo(self, order: Order, target: Target, record: str) -> str:
        """Render the table without this order's incident; a login that another incident denies stays in it."""
        changed = await self._render({}, without=order.incident)
        return f"{order.account} {'taken out of' if changed else 'not in'} {self.path}"

    def kept(self) -> list[str]:
        """Logins in the table of whose incidents the journal knows nothing: somebody lost the state, or added them.

        They stay denied until an operator takes them out of the table by hand.

        Raises:
            ActionError: the table cannot be read.
        """
        return sorted(self._kept().keys() - self._standing().keys())

    async def _render(self, more: Mapping[str, str], without: str = "") -> bool:
        async with self._one_at_a_time:
            ours = self._standing(without) | dict(more)
            kept = {key: incident for key, incident in self._kept().items() if key not in ours}
            return await asyncio.to_thread(self._form.write, ours, kept)

    def _standing(self, without: str = "") -> dict[str, str]:
        """Key to incident, for all that the journal says must be denied; the oldest incident of a key counts."""
        found: dict[str, str] = {}
        for row in self._journal.standing(self.name):
            if row.order.incident != without:
                for name in _names(row.undo, self.name):
                    found.setdefault(name, row.order.incident)
        return found

    def _kept(self) -> dict[str, str]:
        there = self._form.read()
        return {key: incident for key, incident in there.items() if not self._journal.knows(incident)}


def _names(record: str, action: str) -> list[str]:
    """The keys in an undo record."""
    try:
        return [str(name) for name in json.loads(record)["spellings"]]
    except (ValueError, KeyError, TypeError):
        msg = f"{action}: no undo record, but {record[:80]!r}: restore the state from a backup"
        raise ActionError(msg) from None
