"""Reports about mail of ours, charged to the account whose message it was.

Owns why a report counts. Whoever wrote it may be anybody, so it counts only about a message that our own log has shown,
only for a recipient that this message went to, once for each, and from one network a few times a day. So a forger can
say of an account no more than that the mail he got from it failed, or that he complains about it.
"""

from collections.abc import Iterator
from ipaddress import ip_address, ip_network

from msgspec.structs import replace

from gatepost.core.events import MAX_REPLY, Cursor, Delivery, Result
from gatepost.core.reports import Failed, Heard, Report
from gatepost.core.units import DAY, NOBODY
from gatepost.judge.docket import Change
from gatepost.mta.message import mark
from gatepost.mta.sent import id_mark, sent, verp_mark
from gatepost.runtime.house import House
from gatepost.store import reported
from gatepost.store.reported import Left

COUNTED = "counted"
UNKNOWN = "no message of ours, or one too old"
DOUBTFUL = "messages of two accounts bear this Message-ID"
OURS = "made by our own server: its log has said it"
NOT_TO = "the message did not go to this recipient"
AGAIN = "counted before"
MANY = "too many from this network today"

AT_ONCE = 10
"""Recipients of a report that are told at a time: a request of the control socket has at most 64 kB."""

OTHER = b""
"""The mark of a complaint whose recipient is not said, or not known: one counts for each message."""


class Inbox:
    """Takes reports for one house."""

    def __init__(self, house: House) -> None:
        self._house, self._store = house, house.store

    def take(self, report: Report) -> tuple[tuple[Heard, ...], list[Change]]:
        """Count a report, recipient by recipient.

        Returns:
            What became of each recipient, and what follows.

        Raises:
            StoreError: it could not be written down; give it again.
        """
        if report.kind == "failed" and not report.client:
            return (Heard(OURS),), []
        self._house.write_sent()
        about = self._find(report)
        if isinstance(about, str):
            return (Heard(about),), []
        if report.kind == "failed" and report.by == about.host.lower():
            return (Heard(OURS),), []
        heard = tuple(self._count(report, failed, about) for failed in report.failed)
        return heard, self.catch_up()

    def catch_up(self) -> list[Change]:
        """Record every report that is written down and was not recorded, as after a crash between the two.

        Raises:
            StoreError: the state cannot be read or written.
        """
        changes: list[Change] = []
        found = reported.after(self._store, self._house.reported)
        for event in found:
            changes += self._house.pipeline.take(event)
            self._house.reported = event.cursor.offset
        if found:
            self._house.settle(changes)
        return changes

    def _find(self, report: Report) -> Left | str:
        """The one message a report can be about: by our own Received field, by its Message-ID, by its VERP sender."""
        named, key = id_mark(report.message_id, self._house.key), self._house.key
        for hop in report.hops:
            for left in reported.under(self._store, hop.queue_id):
                if _agree(left, named) and (_same(hop.by, left.host) or (named and named == left.message_id)):
                    return self._young(left)
        alike = reported.called(self._store, named)
        if alike:
            return self._young(alike[0]) if len({left.account for left in alike}) == 1 else DOUBTFUL
        alone = reported.sent_by(self._store, verp_mark(report.to, key))
        return self._young(alone[0]) if len(alone) == 1 and _agree(alone[0], named) else UNKNOWN

    def _young(self, left: Left) -> Left | str:
        young = left.accepted >= self._house.clock.now() - self._house.settings.reports.keep
        return left if young else UNKNOWN

    def _count(self, report: Report, failed: Failed, about: Left) -> Heard:
        found, address = self._recipient(failed, about)
        if found == OTHER and report.kind == "failed":
            return Heard(NOT_TO)
        now, source = self._house.clock.now(), network(report.client)
        most = self._house.settings.reports.from_one_network
        if reported.counted(self._store, about.account, source, now - DAY) >= most:
            return Heard(MANY)
        event = self._event(report, failed, about, address)
        fresh = reported.count(self._store, about, report.kind.encode() + b" " + found, source, event)
        return Heard(COUNTED, about.account) if fresh else Heard(AGAIN)

    def _recipient(self, failed: Failed, about: Left) -> tuple[bytes, str]:
        """The mark of the recipient of the message that a report means, and his address; OTHER when it went to no such.

        What was passed on to another address is the only recipient's, when there is only one. That address stays
        unnamed: the account never wrote to it.
        """
        known = self._recipients(about)
        for address in (failed.original, failed.address):
            for spelt in (address.lower(), address):
                if address and mark(spelt, self._house.key) in known:
                    return mark(address.lower(), self._house.key), address
        passed_on = failed.address and len(known) == 1
        return (next(iter(known)) if passed_on else OTHER), ""

    def _recipients(self, about: Left) -> set[bytes]:
        thread = self._house.threads.get(about.host)
        message = thread.message(about.queue_id) if thread is not None else None
        under_way = message is not None and message.account == about.account and message.at == about.accepted
        now = sent(message, self._house.key).recipients if message is not None and under_way else ()
        return {*about.sent.recipients, *now}

    def _event(self, report: Report, failed: Failed, about: Left, address: str) -> Delivery:
        result: Result = "bounced" if report.kind == "failed" else "complained"
        return Delivery(
            at=self._house.clock.now(),
            account=about.account or NOBODY,
            host=about.host,
            cursor=Cursor(reported.SOURCE, 0, 0),
            queue_id=about.queue_id,
            address=address,
            result=result,
            status=failed.status,
            reply=failed.reply[:MAX_REPLY],
            receiver=failed.receiver,
            client=about.sent.client,
            helo=about.sent.helo,
            mechanism=about.sent.mechanism,
            tls=about.sent.tls,
        )


def portions(report: Report) -> Iterator[Report]:
    """The same report in pieces, each about a few recipients."""
    for start in range(0, len(report.failed), AT_ONCE):
        yield replace(report, failed=report.failed[start : start + AT_ONCE])


def network(client: str) -> str:
    """The network that reports are counted for: the /24 or /48 of who handed them in; "" when that is not known."""
    try:
        address = ip_address(client)
    except ValueError:
        return ""
    return str(ip_network((address, 24 if address.version == 4 else 48), strict=False))


def _agree(left: Left, named: bytes) -> bool:
    """Whether the Message-ID of a report is the message's, as far as both are known."""
    return not named or not left.message_id or named == left.message_id


def _same(stated: str, host: str) -> bool:
    """Whether a name in a report is a host of ours, under its full name or its first part."""
    ours, theirs = host.lower(), stated.lower().rstrip(".")
    short = "." not in ours or "." not in theirs
    return bool(theirs) and (ours == theirs or (short and ours.partition(".")[0] == theirs.partition(".")[0]))
