"""Deletes what is old or what nobody may keep (contracts 22)."""

from msgspec import msgpack

from gatepost.core.units import Account, Subject, account_subject
from gatepost.ledger.page import decode, encode
from gatepost.ledger.site import Site
from gatepost.store.schema import IN_FORCE
from gatepost.store.sqlite import Sqlite

OF_AN_INCIDENT = ("journal", "links")
"""Tables whose rows belong to an incident."""

OF_AN_ACCOUNT = ("incidents", "decisions", "dead", "sent", "reports", "letters", "envelopes", "audit")
"""Tables whose rows name an account."""


def pages(store: Sqlite, before: float) -> int:
    """Pages of accounts that were silent since an instant and whose incidents have ended."""
    busy = f"SELECT 'account:' || account FROM incidents WHERE state IN ({IN_FORCE})"
    return store.run(f"DELETE FROM pages WHERE touched < ? AND subject NOT IN ({busy})", (before,)).rowcount


def places(store: Sqlite, before: float) -> int:
    """Pages of places from which no account was used since an instant: their windows are empty."""
    return store.run("DELETE FROM pages WHERE touched < ? AND subject LIKE 'network:%'", (before,)).rowcount


def incidents(store: Sqlite, before: float) -> int:
    """Ended incidents that changed last before an instant, with their orders."""
    old = f"SELECT key FROM incidents WHERE changed < ? AND state NOT IN ({IN_FORCE})"
    store.run(f"DELETE FROM journal WHERE incident IN ({old})", (before,))
    return store.run(f"DELETE FROM incidents WHERE key IN ({old})", (before,)).rowcount


def addresses(store: Sqlite, before: float) -> int:
    """Addresses in clear on the pages of accounts that were silent since an instant; returns the pages.

    Pages that an earlier call looked at are not looked at again: nobody wrote on them since.
    """
    done = float(store.meta("addresses") or b"0")
    changed = 0
    for subject in _silent(store, done, before):
        page = decode(store.load(subject) or b"")
        if any(page.seen.values()):
            page.seen = {}
            store.rewrite(subject, encode(page))
            changed += 1
    store.put_meta("addresses", repr(before).encode())
    return changed


def instructions(store: Sqlite, before: float, obeyed: int) -> int:
    """What the operator said before an instant and what was done; returns the rows."""
    old = [told.number for told in store.told(0) if told.number <= obeyed and told.instruction.at < before]
    store.many("DELETE FROM instructions WHERE number = ?", ((number,) for number in old))
    return len(old)


def decisions(store: Sqlite, before: float) -> int:
    """Who submitted messages that were taken in before an instant; returns the rows."""
    return store.run("DELETE FROM decisions WHERE made < ?", (before,)).rowcount


def sent(store: Sqlite, before: float) -> int:
    """Messages that left before an instant, so that no report is joined to them any more; returns the rows."""
    return store.run("DELETE FROM sent WHERE accepted < ?", (before,)).rowcount


def reports(store: Sqlite, before: float) -> int:
    """Reports that came before an instant; returns the rows."""
    return store.run("DELETE FROM reports WHERE came < ?", (before,)).rowcount


def account(store: Sqlite, name: Account) -> int:
    """Everything stored of one account; returns the number of rows."""
    theirs = "incident IN (SELECT key FROM incidents WHERE account = ?)"
    rows = [
        *(store.run(f"DELETE FROM {table} WHERE {theirs}", (name,)) for table in OF_AN_INCIDENT),
        *(store.run(f"DELETE FROM {table} WHERE account = ?", (name,)) for table in OF_AN_ACCOUNT),
        store.run("DELETE FROM pages WHERE subject = ?", (account_subject(name),)),
    ]
    number = sum(cursor.rowcount for cursor in rows) + _at_places(store, name)
    for host, queue_id, message in store.all_messages():
        if message.account == name:
            store.put_messages(host, (), [queue_id])
            number += 1
    return number + store.forget_instructions(name)


def _at_places(store: Sqlite, name: Account) -> int:
    """An account on the pages of places and among the stopped ones; returns how many told of it."""
    changed = 0
    for subject in list(store.subjects("network:")):
        page = decode(store.load(subject) or b"")
        values = [(slot, value) for slot in page.seen.values() for value in slot if value.endswith(f" {name}")]
        for slot, value in values:
            del slot[value]
        if page.hostile.pop(name, None) is not None or values:
            store.rewrite(subject, encode(page))
            changed += 1
    data = store.meta("site")
    site = msgpack.decode(data, type=Site) if data is not None else Site()
    if site.stopped.pop(name, None) is not None:
        store.put_meta("site", msgpack.encode(site))
    return changed


def _silent(store: Sqlite, after: float, before: float) -> list[Subject]:
    found = store.run("SELECT subject FROM pages WHERE touched >= ? AND touched < ?", (after, before))
    return [Subject(subject) for (subject,) in found]
