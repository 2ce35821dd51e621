"""Deletes what is old or what nobody may keep (contracts 22)."""

from pathlib import Path

from msgspec import msgpack
from tests.runtime.scene import ANN, BEN, NIGHT, Counter, Fixed, Machine, World, configured, habits, mail, theft

from gatepost.core.units import account_subject, network_subject
from gatepost.ledger.page import Page, encode
from gatepost.ledger.site import Site
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


def test_forgetting_an_account_leaves_nothing_of_it_at_places_it_shared(tmp_path: Path) -> None:
    """On the page of a place, and among the accounts that are stopped; the others stay."""
    store = Machine(configured(tmp_path), Fixed(), [Counter(World())]).store
    page, site = Page(subject=network_subject("as64500 198.51.100.0")), Site()
    page.seen["distinct program.account 86400"] = {f"bare/plain/login {name}": NIGHT for name in (ANN, BEN)}
    page.hostile = {ANN: NIGHT, BEN: NIGHT}
    site.stop(ANN, NIGHT)
    site.stop(BEN, NIGHT)
    store.save([(page.subject, encode(page))])
    store.put_meta("site", msgpack.encode(site))
    assert forget.account(store, ANN) == 1
    left = [store.load(page.subject) or b"", store.meta("site") or b""]
    assert all(ANN.encode() not in data and BEN.encode() in data for data in left)
