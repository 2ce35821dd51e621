"""What a line comes to that can be read in several ways (contracts 13).

Owns who is charged with it: nobody, unless every way names the same account; then it is that account's, with what all
ways agree on and without the rest.
"""

from gatepost.mta.base import TAMPERED, Record
from gatepost.mta.exim.grammar import distinct, named_accounts

_FIELDS = Record.__struct_fields__


def settled(found: list[Record], queue_id: str) -> Record:
    """The record a line's readings come to.

    Args:
        found: at least one, those that tell the same left out.
        queue_id: the message's, "" when the line names none.
    """
    record = found[0] if len(found) == 1 else _agreed(found)
    record.queue_id = queue_id
    return record


def too_many(line: str, queue_id: str = "") -> Record:
    """A line with more ways than anybody tries: nobody knows what the others say."""
    return Record(kind="unread", why=TAMPERED, queue_id=queue_id, candidates=named_accounts(line))


def _agreed(found: list[Record]) -> Record:
    first = found[0]
    same = first.account and all((one.kind, one.account) == (first.kind, first.account) for one in found)
    record = _common(found) if same else Record(kind="unread")
    record.why = TAMPERED
    record.candidates = distinct([one.account for one in found if one.account])
    record.clients = distinct([one.client for one in found if one.client])
    return record


def _common(found: list[Record]) -> Record:
    """What all ways say."""
    first, record = found[0], Record(kind=found[0].kind)
    for name in _FIELDS:
        value = getattr(first, name)
        if all(getattr(one, name) == value for one in found):
            setattr(record, name, value)
    return record
