"""A question to the running gatepost, and what to say when it cannot be asked."""

from pathlib import Path

from gatepost.core.errors import StoreError
from gatepost.runtime import control
from gatepost.runtime.control import Reply, Request


async def ask(state: Path, request: Request, wait: float, *, may: str, late: str) -> Reply | None:
    """What the running gatepost answers; None when there is none.

    Args:
        state: path of the state file, beside which it listens.
        request: what is asked.
        wait: seconds.
        may: what this user would need to be allowed: "give orders".
        late: what to do when no answer came in time.

    Raises:
        StoreError: this user may not ask, or no answer came.
    """
    try:
        return await control.ask(state, request, wait)
    except PermissionError as error:
        msg = f"{control.socket_path(state)}: this user may not {may}; see [state] group"
        raise StoreError(msg) from error
    except TimeoutError as error:
        msg = f"the running gatepost did not answer within {wait:.0f} s; {late}"
        raise StoreError(msg) from error
