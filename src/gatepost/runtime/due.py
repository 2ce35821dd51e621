"""Which letter a customer is due, or why none.

Owns the rules: never while anything but an old list or much mail speaks against the account, for a thief would read the
letter; only refusals that are a day old count, so that a theft has shown itself by then.
"""

from collections.abc import Sequence

from msgspec import Struct

from gatepost.act.customer import Case
from gatepost.act.keys import lower
from gatepost.act.post import is_address
from gatepost.config.naming import accounts
from gatepost.config.settings import Settings
from gatepost.core.dead import Dead
from gatepost.core.evidence import Evidence, Family, Level
from gatepost.core.units import DAY, Account, Instant, account_subject
from gatepost.ledger.daily import Diary
from gatepost.ledger.measures import Daily, key_of
from gatepost.ledger.page import Page, decode
from gatepost.store import dead, letters
from gatepost.store.letters import Sent
from gatepost.store.sqlite import Sqlite

SETTLED = DAY
"""Seconds after which a refusal counts."""

PROOF = 5
"""Recipients written to for each listed address before a list is called clean."""

CLEAN = 0.1
"""Share of the listed addresses that may be refused again in a clean list."""

WEEK = 7 * DAY
"""Seconds between two letters about bulk mail."""

_WRITTEN = key_of(Daily("recipient.accepted"))


class Known(Struct, frozen=True):
    """What is known of an account at a moment."""

    account: Account
    page: Page | None
    now: Instant


def known(store: Sqlite, account: Account, now: Instant) -> Known:
    """From the state alone, as a command sees it."""
    data = store.load(account_subject(account))
    return Known(account, decode(data) if data is not None else None, now)


def hindrance(store: Sqlite, settings: Settings, about: Known) -> str:
    """Why an account gets no letter at all now; "" when it may."""
    to = address(settings, about.account)
    if not is_address(to):
        return f'it has no mail address: set mail in [account."{about.account}"]'
    standing = about.page.standing if about.page is not None else {}
    bad = next((proof.detector for proof in standing.values() if not _harmless(proof)), "")
    if bad:
        return f"something else speaks against it ({bad}), and a thief would read the letter"
    if stopped(store, settings, to, about.account):
        return "the account that would read it is held or blocked"
    return ""


def address(settings: Settings, account: Account) -> str:
    """Where the owner of an account reads letters."""
    fold = accounts(settings.accounts).fold
    told = (one.mail for name, one in settings.account.items() if fold(name) == account)
    return next(told, "") or account


def _harmless(proof: Evidence) -> bool:
    """An old list through the owner's own places, or much mail."""
    old_list = proof.family is Family.RECIPIENTS and not proof.acted
    return proof.demands <= Level.THROTTLE and (not proof.points or old_list)


def stopped(store: Sqlite, settings: Settings, to: str, account: Account | None = None) -> bool:
    """Whether the account that reads an address, or this account, is held or blocked."""
    readers = {account, accounts(settings.accounts).fold(to)}
    for incident in store.find(standing=True):
        if incident.peak >= Level.HOLD:
            page = known(store, incident.account, Instant(0.0)).page
            spelt = {lower(one) for one in page.spellings} if page is not None else set()
            if incident.account in readers or lower(to) in spelt:
                return True
    return False


def about_list(store: Sqlite, settings: Settings, about: Known) -> Case | str:
    """The letter about dead addresses that is due; else why none is."""
    rules, sent = settings.letter, letters.last(store, about.account, "list")
    found = [one for one in dead.of(store, about.account) if one.last <= about.now - SETTLED]
    if sent is not None and sent.state != "proof":
        return _later(settings, about, sent, found)
    since = max(about.now - rules.within, sent.at if sent is not None else 0.0)
    fresh = tuple(one for one in found if one.last > since)
    if len(fresh) < rules.at:
        return f"{len(fresh)} dead addresses count, {rules.at} are worth a letter"
    return first(settings, about, fresh)


def first(settings: Settings, about: Known, found: Sequence[Dead]) -> Case:
    """The first letter about these addresses."""
    to, days = address(settings, about.account), max(1, round(settings.letter.within / DAY))
    return Case("first", about.account, to, tuple(found), days, over=near_quota(about))


def _later(settings: Settings, about: Known, sent: Sent, found: Sequence[Dead]) -> Case | str:
    """After a first or second letter: once more, or the proof."""
    since = sent.at + settings.letter.again
    fresh = tuple(one for one in found if one.last > since)
    again = sum(1 for one in fresh if one.first <= sent.at)
    written = _written(about.page, since)
    to, words = address(settings, about.account), (sent.at, sent.listed, again, written)
    if sent.state == "first" and len(fresh) >= settings.letter.at:
        return Case("second", about.account, to, fresh, 0, *words, near_quota(about))
    if about.now > since + SETTLED and written >= PROOF * sent.listed and again <= CLEAN * sent.listed:
        return Case("proof", about.account, to, (), 0, *words)
    return (
        f"the {sent.state} letter was sent; {len(fresh)} dead addresses and {written} recipients since it counts again"
    )


def _written(page: Page | None, since: float) -> int:
    """Recipients on whole days after an instant."""
    diary: Diary | Sequence[int] = page.diaries.get(_WRITTEN, ()) if page is not None else ()
    return sum(value for day, value in zip(diary[::2], diary[1::2], strict=True) if day * DAY >= since)


def near_quota(about: Known) -> bool:
    """Whether an account writes to nearly as many as it may."""
    standing = about.page.standing if about.page is not None else {}
    return any(proof.detector == "quota" for proof in standing.values())


def about_bulk(store: Sqlite, settings: Settings, about: Known) -> Case | str:
    """The advice about bulk services that is due; else why none is."""
    sent = letters.last(store, about.account, "bulk")
    if not settings.letter.bulk:
        return "no bulk service is named"
    if not near_quota(about):
        return "it is not near its quota"
    if sent is not None and about.now < sent.at + WEEK:
        return "it was told within a week"
    since = sent.at if sent is not None else Instant(0.0)
    return Case("bulk", about.account, address(settings, about.account), since=since, over=True)
