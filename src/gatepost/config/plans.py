"""What a level means for whom: measures by account, by domain, or by the plan a customer pays for.

Owns the order of the four places: the account's own word, its plan's, its domain's, the plan of its domain.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from gatepost.config.blocks import Block, table
from gatepost.config.mistakes import Found, one_of, shown
from gatepost.core.units import Account
from gatepost.detect.quota import Limits

Measure = Literal["watch", "throttle", "hold", "block"]


class Measures(Struct, frozen=True, forbid_unknown_fields=True):
    """What is done at a level, when it is not what the level is called; "watch" does nothing but tell you."""

    throttle: Literal["watch", "throttle"] | None = None  #: "watch": nobody is slowed
    hold: Measure | None = None  #: "block" stops at once, "throttle" slows, "watch" only tells
    block: Measure | None = None  #: "hold" keeps mail and refuses none, "throttle" slows, "watch" only tells


class Plan(Struct, frozen=True, forbid_unknown_fields=True):
    """What a group of customers has in common."""

    quota: Limits | None = None  #: recipients each of its accounts may write to
    measures: Measures = Measures()  #: what a level means for them: { block = "hold" }


class Plans:
    """Who has which measures."""

    def __init__(
        self, places: Sequence[Mapping[Account, Measures]] = (), domains: Sequence[Mapping[str, Measures]] = ()
    ) -> None:
        """Say who has what.

        Args:
            places: by account, the strongest word first.
            domains: the same by domain.
        """
        self._accounts, self._domains = places, domains

    def of(self, account: Account, level: str) -> str:
        """What a level means for an account: "throttle", "hold", "block" or, for nothing, "watch"."""
        domain = account.rpartition("@")[2]
        found = [place[account] for place in self._accounts if account in place]
        found += [place[domain] for place in self._domains if domain in place]
        return next((word for one in found if (word := getattr(one, level))), level)


def check(root: Block) -> Iterator[Found]:
    """A plan that is named must be there."""
    there = table(root, "plan")
    for kind in ("account", "domain"):
        for name, block in table(root, kind).items():
            plan = block.get("plan") if isinstance(block, Mapping) else None
            if isinstance(plan, str) and plan and plan not in there:
                remedy = one_of(plan, list(there)) if there else f"add a [plan.{plan}] block"
                yield Found((kind, name, "plan"), f"there is no plan {shown(plan)}", remedy)
