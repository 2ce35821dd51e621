"""What the operator says, done at once: by the running gatepost, or by a command when none runs."""

import asyncio
from collections.abc import Callable

from msgspec.structs import replace

from gatepost.judge.docket import Change
from gatepost.runtime import control
from gatepost.runtime.carry import Carrier
from gatepost.runtime.control import Reply, Request
from gatepost.runtime.house import House


async def obey(
    house: House,
    carrier: Carrier,
    request: Request,
    by: str,
    follow: Callable[[Change], None] = lambda change: None,
    patience: float | None = None,
) -> Reply:
    """Do what the operator says, carry out what follows, and say what became of it.

    Args:
        house: whose state.
        carrier: of that house.
        request: what the operator says.
        by: who says it.
        follow: told of every change of a level.
        patience: seconds to wait for the actions; None is as long as they take.

    Raises:
        StoreError: it could not be written down.
    """
    request = replace(request, account=house.accounts.fold(request.account))
    if wrong := control.wrong(request, house.store):
        return Reply(error=wrong)
    told, changes = house.obey(control.instruction(request, by, house.clock.now()))
    for change in changes:
        follow(change)
    found = max(house.store.find(told.account), key=lambda incident: incident.number, default=None)
    if found is None or request.verb in ("exempt", "confirm"):
        return Reply(incident=found, enforcing=house.enforcing)
    doing = asyncio.ensure_future(carrier.run_incident(found.key))
    done, _ = await asyncio.wait([doing], timeout=patience)
    for task in done:
        task.result()
    rows = tuple(house.store.rows(found.key))
    return Reply(incident=house.store.get(found.key), rows=rows, enforcing=house.enforcing)
