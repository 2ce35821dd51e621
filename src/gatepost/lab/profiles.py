"""Which profile has which habit."""

from collections.abc import Iterator, Mapping
from random import Random

from gatepost.lab import bulk, changes, habits
from gatepost.lab.habits import Habit
from gatepost.lab.mail import Happening
from gatepost.lab.people import Person

HABITS: Mapping[str, Habit] = {
    "light": habits.light, "rare": habits.rare, "heavy": habits.heavy, "phone": habits.roaming,
    "devices": habits.devices, "privacy": habits.elsewhere, "tunnel": habits.elsewhere, "outlook": habits.elsewhere,
    "gmail": habits.elsewhere, "webmail": habits.webmail, "role": habits.role, "domains": habits.light,
    "forgetful": habits.forgetful, "holiday": changes.holiday, "catch-up": habits.catch_up,
    "newsletter": bulk.newsletter, "verp": bulk.verp, "invoices": bulk.invoices, "club": bulk.club,
    "shop": bulk.shop, "form": bulk.form, "relay": bulk.relay, "list": bulk.discussion, "scanner": bulk.scanner,
    "forwarder": bulk.forwarder, "traveller": changes.traveller, "mover": changes.mover,
    "new-phone": changes.new_phone, "new": changes.newcomer, "first-tunnel": changes.first_tunnel,
    "new-shop": changes.new_shop, "new-crm": changes.new_crm, "new-office": changes.new_office,
    "migrated": changes.migrated, "renumbered": changes.renumbered, "guessed-at": changes.guessed_at,
}  # fmt: skip
"""What each profile does on a day."""


LOOKERS = ("light", "heavy", "phone", "devices", "role")
"""Profiles whose programs are seen to look for new mail."""


def honest_day(person: Person, day: int, start: float, seed: int) -> Iterator[Happening]:
    """Everything an account does on one day."""
    rng = Random(f"{seed}/{person.account}/{day}")
    yield from HABITS[person.profile](person, day, start, rng)
    if person.profile in LOOKERS:
        yield from habits.looking(person, day, start, rng)
