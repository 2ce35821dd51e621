"""The letter to a customer about dead addresses or too much mail, as an e-mail message.

Owns what it holds: text, HTML, and the list as a file. Strangers' addresses and words are without teeth in text and
HTML; the file has the addresses as they are, in cells that are no formulas (`sheet.py`).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from msgspec import Struct

from gatepost.act.foreign import defanged, heading, shown
from gatepost.act.letter import message_id
from gatepost.act.post import Post
from gatepost.act.sheet import sheet
from gatepost.act.wording import Filled, Text, fill
from gatepost.core.dead import Dead
from gatepost.core.units import Account, Instant, iso

LISTED = 20
"""Addresses shown in the letter itself; the file has all."""

FILE = "addresses.csv"


class Case(Struct, frozen=True):
    """Why a customer is written to."""

    kind: str
    """One of wording.KINDS."""
    account: Account
    to: str
    """An address its owner reads."""
    dead: tuple[Dead, ...] = ()
    days: int = 0
    """How long the addresses were gathered."""
    since: Instant = Instant(0.0)
    """When the letter before was sent; 0 when there was none."""
    listed: int = 0
    """Addresses in it."""
    again: int = 0
    """Of those, refused again."""
    written: int = 0
    """Recipients since."""
    over: bool = False
    """The account is near its quota, or over it."""

    @property
    def key(self) -> str:
        """The same for every try, so that a repeat is recognised."""
        return f"letter/{self.account}/{self.kind}/{self.since:.0f}/{len(self.dead)}"


class Office(Struct, frozen=True):
    """What the operator says about letters."""

    sender: str
    texts: Mapping[str, Text]
    language: str = "en"
    contact: str = ""
    bulk: str = ""


class Customers:
    """Sends letters to customers."""

    def __init__(self, office: Office, post: Post) -> None:
        self.office, self._post = office, post

    async def send(self, case: Case, now: Instant) -> str:
        """Send one letter; returns a note.

        Raises:
            ActionError: it could not be sent; worth another try.
        """
        return await self._post.send(compose(case, self.office, now), (case.to,))


def compose(case: Case, office: Office, now: Instant) -> EmailMessage:
    """The message.

    Args:
        case: whom, and why.
        office: in whose words.
        now: for the Date line.
    """
    rows = [(defanged(dead.address, 80), defanged(dead.reply, 100)) for dead in case.dead[:LISTED]]
    filled = fill(office.texts[case.kind], _words(case, office), rows, office.language)
    mail = enveloped(filled, office.sender, case.to, case.key, now)
    if case.dead:
        mail.add_attachment(sheet(case.dead), subtype="csv", filename=FILE, cte="quoted-printable")
    return mail


def enveloped(filled: Filled, sender: str, to: str, key: str, now: Instant) -> EmailMessage:
    """A letter with its head; the same key gives the same Message-ID."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(addr_spec=sender)
    mail["To"] = Address(addr_spec=to)
    mail["Subject"] = heading(shown(filled.subject))
    mail["Date"] = format_datetime(datetime.fromtimestamp(now, UTC))
    mail["Message-ID"] = message_id(key, sender)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(filled.text, cte="quoted-printable")
    mail.add_alternative(filled.html, subtype="html", cte="quoted-printable")
    return mail


def _words(case: Case, office: Office) -> dict[str, str]:
    before = bool(case.since)
    return {
        "account": shown(case.account),
        "number": str(len(case.dead)),
        "days": str(case.days),
        "file": FILE if case.dead else "",
        "since": iso(case.since)[:10] if before else "",
        "listed": str(case.listed) if before else "",
        "again": str(case.again) if before else "",
        "written": str(case.written) if before else "",
        "bulk": office.bulk if case.over or case.kind == "bulk" else "",
        "contact": office.contact,
    }
