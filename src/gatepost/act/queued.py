"""A message in a mail server's queue, and a queue as an action sees it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from gatepost.core.units import Instant

SLICE = 200
"""Messages that one call of a program is given: it ends within seconds, and a command line has room for their ids."""

Mine = Callable[[str], bool]
"""Whether a login is one of the account in question."""


class Queued(Struct, frozen=True):
    """One message that waits."""

    id: str
    at: Instant
    """When the mail server took it in."""
    client: str
    """Address it came from; "" when the mail server does not say."""
    sender: str
    recipients: int
    kept: bool
    """Whether it is frozen (Exim) or on hold (Postfix): no timer of the queue sends it."""
    login: str = ""
    """Who handed it in."""


class Queue(Protocol):
    """One mail server's queue. What a call did is seen by looking again, not by what a program said."""

    def name(self) -> str:
        """What people call it: "exim:/var/spool/exim4"."""
        ...

    async def of(self, mine: Mine) -> list[Queued]:
        """Every message of an account, oldest first.

        Raises:
            ActionError: the queue cannot be read; so too below.
        """
        ...

    async def again(self, mail: Sequence[Queued]) -> list[Queued]:
        """The same messages as they are now; those that have left are left out."""
        ...

    async def keep(self, mail: Sequence[Queued]) -> None:
        """Freeze, or put on hold; one slice."""
        ...

    async def free(self, mail: Sequence[Queued]) -> None:
        """Thaw, or take off hold: the mail server delivers them in its own time; one slice."""
        ...

    async def send(self, mail: Sequence[Queued]) -> None:
        """Deliver them now, as far as that is done within a few seconds."""
        ...

    async def delete(self, mail: Sequence[Queued]) -> None:
        """Remove what is kept, without a bounce; one slice."""
        ...


def slices(mail: Sequence[Queued]) -> Iterator[Sequence[Queued]]:
    """At most so many at a time as one call is given."""
    for start in range(0, len(mail), SLICE):
        yield mail[start : start + SLICE]


def missing(mail: Sequence[Queued], now: Sequence[Queued], *, kept: bool) -> list[Queued]:
    """Those that are still there and not yet as they were to be."""
    there: Mapping[str, Queued] = {one.id: one for one in now}
    return [one for one in mail if one.id in there and there[one.id].kept is not kept]
