"""What an order of an operator would do, found out without doing it.

The instruction is put to a copy of the account's page in memory; the state is opened for reading alone, and no action
runs. A running gatepost is not asked.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from gatepost.config.settings import Settings
from gatepost.core.errors import StoreError
from gatepost.core.events import Cursor
from gatepost.core.ports import Row
from gatepost.core.units import account_subject
from gatepost.runtime import control
from gatepost.runtime.clock import SystemClock
from gatepost.runtime.control import Reply, Request
from gatepost.runtime.house import House
from gatepost.store.sqlite import Sqlite

LAST = 1 << 62
"""Place of an instruction that is behind every other."""


def rehearse(settings: Settings, request: Request) -> Reply:
    """What would become of a request.

    Raises:
        StoreError: the state cannot be read, or the request could not be obeyed.
    """
    with Sqlite.open(Path(settings.state.path), readonly=True) as store:
        house = House(settings, store, SystemClock())
        request = replace(request, account=house.accounts.fold(request.account))
        if wrong := control.wrong(request, store):
            raise StoreError(wrong)
        told = control.instruction(request, control.speaker(os.getuid(), request.sudo), house.clock.now())
        before = house.pipeline.shelf.page(account_subject(told.account)).incident
        changes = house.pipeline.take(replace(told, cursor=Cursor("operator", 0, LAST)))
        after = house.pipeline.shelf.page(account_subject(told.account)).incident
        orders = [order for change in changes for order in change.orders]
        rows = [
            Row(order, name, "would")
            for order, names in house.giving.concerned(orders, told=True, bounded=False)
            for name in names
        ]
        rows += _taken_back(store, before.key) if request.verb == "release" and before is not None else []
        return Reply(incident=after, rows=tuple(rows), enforcing=house.enforcing)


def _taken_back(store: Sqlite, incident: str) -> Iterator[Row]:
    """What a release would undo, newest first."""
    for row in reversed(store.rows(incident)):
        if row.begun:
            yield replace(row, state="would", note=f"would be taken back; now: {row.state}: {row.note}")
