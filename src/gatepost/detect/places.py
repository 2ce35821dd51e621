"""What detectors share that look at the places from which several accounts are used."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import ClassVar

from gatepost.core.evidence import WITHDRAWN, Answer, Evidence
from gatepost.core.facts import Observation
from gatepost.core.units import Seconds
from gatepost.detect.base import Detector
from gatepost.ledger.measures import Distinct, Measure
from gatepost.ledger.signals import place_of
from gatepost.ledger.view import View


class Shared(Detector, frozen=True, kw_only=True):
    """Base of detectors that look at the page of the client's place.

    Only access that is strange to its account, network and program, is written there and asks them; and, where a
    stranger was before, that of accounts on their first day on the server. Of several places the strongest speaks; of a
    single one evidence is weighed again when the account comes back.
    """

    on: ClassVar[tuple[str, ...]] = ("login.ok", "submission")
    strange: ClassVar[bool] = True

    within: Seconds = Seconds(86400)  #: window of event time
    failing: int = 2  #: accounts with failed recipients from which on the place's mail fails
    share: float = 0.2  #: share of the place's accounts that they must be

    def measures(self) -> tuple[Measure, ...]:
        """On the place's page: programs with their accounts, and with those whose recipients fail."""
        return (self._accounts, self._newcomers, self._failed)

    def wakes(self) -> tuple[()]:
        """Only strange access wakes it."""
        return ()

    def inspect(self, seen: Observation, ledger: View) -> Answer:
        """What speaks against this place; None where a stronger one has spoken."""
        if not ledger.placed or seen.origin is None or ledger.spared(seen.origin.network):
            return None
        found, before = self._look(seen, ledger), ledger.said(self.name)
        if before is None or before.values == (place_of(seen),):
            return found or WITHDRAWN
        return self._besides(seen, found, before, ledger) if found is not None else None

    def _besides(self, seen: Observation, found: Evidence, before: Evidence, ledger: View) -> Evidence | None:
        """What to say of a place after another one; None leaves what was said of that."""
        return found if found.points > before.points else None

    def _look(self, seen: Observation, ledger: View) -> Evidence | None:
        """What speaks against the client's place; its values begin with the place."""
        raise NotImplementedError

    def _with_program(self, seen: Observation, ledger: View) -> Iterator[str]:
        """The accounts that used the client's place and its program as strangers."""
        return _of_program(seen, ledger.distinct(self._accounts))

    def _new_with_program(self, seen: Observation, ledger: View) -> Iterator[str]:
        """The accounts that did so on their first day: they are told, and make nobody else a suspect."""
        return _of_program(seen, ledger.distinct(self._newcomers))

    def _failing(self, seen: Observation, ledger: View, accounts: int) -> int:
        """How many of the place's accounts have recipients that fail; 0 where it is too few to say something.

        Accounts, not recipients: one thief's list says nothing about those who share a place with him.
        """
        failing = len(list(_of_program(seen, ledger.distinct(self._failed))))
        return failing if failing >= max(self.failing, self.share * accounts) else 0

    @cached_property
    def _accounts(self) -> Distinct:
        return Distinct("program.account", self.within, cap=32, when="strange", of="network")

    @cached_property
    def _newcomers(self) -> Distinct:
        return Distinct("program.account", self.within, cap=32, when="half", of="network")

    @cached_property
    def _failed(self) -> Distinct:
        return Distinct("program.account.failed", self.within, cap=32, when="strange", of="network")


def _of_program(seen: Observation, values: Iterable[str]) -> Iterator[str]:
    for one in values:
        program, _, account = one.partition(" ")
        if program == seen.print:
            yield account


def units(seen: Observation, number: int) -> float:
    """Accounts for a curve: a carrier hands its addresses round among its customers, who count half."""
    return number / 2 if seen.origin is not None and seen.origin.kind == "mobile" else number
