"""Whether the aliases of accounts can be looked up, and what they say."""

from collections.abc import Iterator

from gatepost.act.foreign import visible
from gatepost.config.naming import Naming, pairs_of
from gatepost.core.accounts import settled
from gatepost.core.errors import SourceError
from gatepost.surface.doctor.check import Check

NAME = "accounts: aliases"

SHOWN = 3


def look(naming: Naming, *, offline: bool = False) -> Iterator[Check]:
    """One look-up, as the running gatepost makes it; no answer when none is configured."""
    if naming.aliases is None:
        return
    if offline and naming.asked is not None:
        yield Check(NAME, "unknown", "their server was not asked", "run doctor without --offline")
        return
    try:
        found = settled(pairs_of(naming.aliases), naming.default_domain)
    except SourceError as error:
        yield Check(NAME, "fail", visible(str(error), 300), "mend it; a running gatepost goes by what it knew last")
        return
    yield Check(NAME, "ok", f"{len(found.aliases):,} aliases")
    if found.dropped:
        names = ", ".join(visible(name, 80) for name in found.dropped[:SHOWN])
        says = f"{len(found.dropped):,} names are no alias of one account and stay accounts of their own: {names}"
        yield Check(f"{NAME}: dropped", "warn", says, "give each one account that is no alias itself, or leave it out")
