"""A program of the operator's that locks an account, and one that unlocks it.

Owns what they are told: the account as an argument behind "--", and in the environment. Exit code 0 is success;
everything else is tried again. How programs are run is in program.py.
"""

from collections.abc import Sequence

from gatepost.act import program
from gatepost.act.foreign import shown
from gatepost.act.keys import unclear
from gatepost.core.errors import ActionError
from gatepost.core.incident import Order
from gatepost.core.ports import Target


class Command:
    """An Action that runs programs."""

    def __init__(
        self,
        lock: Sequence[str],
        unlock: Sequence[str],
        *,
        on: frozenset[str] = frozenset({"blocked"}),
        argument: bool = True,
        seconds: float = 30.0,
    ) -> None:
        """Say which; nothing runs yet.

        Args:
            lock: program and arguments; run again after a crash, it must not fail because the account is locked.
            unlock: the same for unlocking.
            on: the orders that lock: "held", "blocked".
            argument: whether "--" and the account follow the arguments; in the environment it always is.
            seconds: deadline.
        """
        self.name, self.ensures = f"command:{' '.join(lock)}", on
        self._lock, self._unlock = tuple(lock), tuple(unlock)
        self._argument, self._seconds = argument, seconds

    def plan(self, order: Order, target: Target) -> str:
        """The undo record: the journal's row is enough.

        Raises:
            ActionError: a name that no argument can hold, or that is not known exactly.
        """
        wrong = unclear(order.account) or ("it has control characters" if not order.account.isprintable() else "")
        if wrong:
            raise ActionError(f"{order.account!r} is given to no program: {wrong}; change this password by hand")
        return ""

    async def ensure(self, order: Order, target: Target) -> str:
        """Run the program that locks."""
        return await self._run(self._lock, order)

    async def undo(self, order: Order, target: Target, record: str) -> str:
        """Run the program that unlocks."""
        return await self._run(self._unlock, order)

    async def _run(self, words: Sequence[str], order: Order) -> str:
        named = ("--", order.account) if self._argument else ()
        said = await program.run(words, *named, about=_about(order), within=self._seconds)
        name, last = shown(words[0], 80), shown(said.last, 200)
        if said.code:
            raise ActionError(f"{name} ended with code {said.code}: {last or 'it said nothing'}", retry=True)
        return f"{name} done{': ' if last else ''}{last}"


def _about(order: Order) -> dict[str, str]:
    return {"GATEPOST_ACCOUNT": order.account, "GATEPOST_INCIDENT": order.incident, "GATEPOST_ORDER": order.ensure}
