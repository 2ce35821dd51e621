"""A letter to a customer as it would go out, and whether it would."""

from collections.abc import Iterator
from email.message import EmailMessage

from msgspec.structs import replace

from gatepost.act.customer import Case, compose
from gatepost.act.foreign import visible
from gatepost.act.post import is_address
from gatepost.config import assemble
from gatepost.config.settings import Settings
from gatepost.core.errors import ConfigError
from gatepost.core.units import Account
from gatepost.runtime import due
from gatepost.runtime.clock import SystemClock
from gatepost.store import dead
from gatepost.store.sqlite import Sqlite


def letter(store: Sqlite, settings: Settings, account: Account) -> Iterator[str]:
    """The lines of the letter that is due, or of the first one about every dead address there is.

    Raises:
        ConfigError: nobody is named who writes to customers.
        StoreError: the state cannot be read.
    """
    if not settings.letter.sender:
        raise ConfigError("customers get no letters: name who writes to them, such as postmaster@…", "letter.from")
    now = SystemClock().now()
    about = due.known(store, account, now)
    due_now, why = _found(store, settings, about)
    if isinstance(due_now, str):
        found, why = due.first(settings, about, dead.of(store, account)), why or due_now
    else:
        found = due_now
    yield f"not sent now: {visible(why, 300)}" if why else "goes out within ten minutes while gatepost runs"
    yield ""
    if found.kind == "first" and not found.dead:
        yield "no dead address is known: there is nothing to write"
    else:
        readable = found if is_address(found.to) else replace(found, to=settings.letter.sender)
        yield from lines(compose(readable, assemble.office(settings.letter), now))


def _found(store: Sqlite, settings: Settings, about: due.Known) -> tuple[Case | str, str]:
    """The letter about the list, else that about bulk mail; and why it would not go out now."""
    why = due.hindrance(store, settings, about)
    if settings.mode == "observe":
        why = why or "in observe mode nothing is sent"
    found = due.about_list(store, settings, about)
    other = due.about_bulk(store, settings, about)
    return (other if isinstance(found, str) and isinstance(other, Case) else found), why


def lines(mail: EmailMessage) -> Iterator[str]:
    """Its head and its text; what else is in it by name."""
    for name in ("From", "To", "Subject"):
        yield f"{name}: {visible(str(mail[name]), 300)}"
    yield ""
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    yield from (visible(line, 300) for line in text.get_content().rstrip().splitlines())
    if html is None:
        return
    yield ""
    yield f"[the same as HTML, {len(html.get_content())} characters]"
    for part in mail.iter_attachments():
        yield f"[{part.get_filename()}, {part.get_content().count(chr(10)) - 1} addresses]"
