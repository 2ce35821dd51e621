"""Deletes what is old or what nobody may keep (contracts 22)."""

from pathlib import Path

from tests.runtime.scene import ANN, BEN, NIGHT, Counter, Fixed, Machine, World, configured, habits, mail, theft

from gatepost.core.units import account_subject
from gatepost.store import forget


def test_forgetting_an_account_leaves_nothing_of_it_and_everything_of_the_others(tmp_path: Path) -> None:
    """Page, incidents, orders, instructions and messages under way."""
    machine = Machine(configured(tmp_path), Fixed(), [Counter(World())])
    machine.read(habits((ANN, BEN)))
    for account in (ANN, BEN):
        machine.read(theft(NIGHT, account))
        machine.read(list(mail(NIGHT + 60, account, "10.20.7.9", ["slow@example.net"]))[:1])
        machine.say("release", account, how="honest")
    store = machine.store
    assert forget.account(store, ANN) >= 5
    assert store.load(account_subject(ANN)) is None
    assert [incident.account for incident in store.find()] == [BEN]
    assert not store.knows(f"{ANN}#1")
    assert {told.instruction.account for told in store.told(0)} == {BEN}
    assert {message.account for _, _, message in store.all_messages()} == {BEN}
    assert ANN.encode() not in b"".join(store.load(subject) or b"" for subject in store.subjects())
    assert forget.account(store, ANN) == 0
