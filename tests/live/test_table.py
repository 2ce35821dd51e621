"""A deny table in front of a real Exim: exactly the listed logins are stopped, in each of the three ways."""

import asyncio
import contextlib
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.act.book import Book
from tests.act.carrier import Carrier
from tests.live.client import log_in, send
from tests.live.exim import ACCOUNTS, Exim, Rules
from tests.live.page import PAGE, rules, snippets
from tests.live.world import World

from gatepost.act.keys import Format, lower
from gatepost.act.table import Table
from gatepost.core.errors import ActionError

pytestmark = pytest.mark.live

AWKWARD = ("ann smith@example.test", 'q"uote@example.test', "back\\slash@example.test", "co:lon@example.test", "#hash")
"""Logins that need care in a table."""

SLASHED = "realm/ann"
FORMS = pytest.mark.parametrize("form", ["lsearch", "dsearch"])
WAYS = pytest.mark.parametrize("way", ["refuse", "freeze", "auth"])


@dataclass(frozen=True)
class Guarded:
    """An Exim that looks into a table, and who writes that table."""

    exim: Exim
    table: Path
    carrier: Carrier

    def stop(self, account: str, *spellings: str) -> None:
        """Block."""
        asyncio.run(self.carrier.stop(account, *spellings))

    def release(self, account: str) -> None:
        """Release."""
        asyncio.run(self.carrier.release(account))


Guard = Callable[[str, str], Guarded]


@pytest.fixture(scope="module")
def guard(exims: Callable[..., Exim], open_folder: Path) -> Guard:
    """An Exim for each form and way, started when first asked for."""
    started: dict[tuple[str, str], Exim] = {}

    def give(form: str, way: str) -> Guarded:
        place = open_folder / f"{form}-{way}"
        table = place / "deny"
        place.mkdir(exist_ok=True)
        if (form, way) not in started:
            started[form, way] = exims(rules(table, form, way), (*ACCOUNTS, *AWKWARD, SLASHED))
        _clear(table)
        return Guarded(started[form, way], table, _carrier(table, form))  # type: ignore[arg-type]

    return give


def _clear(table: Path) -> None:
    if table.is_dir():
        for file in table.iterdir():
            file.unlink()
        table.rmdir()
    table.unlink(missing_ok=True)


def _carrier(table: Path, form: Format) -> Carrier:
    if form == "dsearch":
        table.mkdir(mode=0o755)
    book = Book()
    return Carrier(Table(book, path=table, format=form, mode=0o644), book)


def outcome(exim: Exim, account: str, to: str, sender: str = "") -> str:
    """What became of one message: "sent", "kept", or the reply."""
    before = exim.queue(frozen=True)
    try:
        send(exim.port, account, [to], sender=sender)
    except smtplib.SMTPResponseException as refused:
        return f"{refused.smtp_code} {_text(refused.smtp_error)}"
    except smtplib.SMTPRecipientsRefused as refused:
        return str(refused)
    return "kept" if exim.queue(frozen=True) - before else "sent"


def _text(reply: bytes | str) -> str:
    return reply.decode() if isinstance(reply, bytes) else reply


EXPECTED = {
    "refuse": "550 [gatepost] sending is stopped for this account: please ask your postmaster",
    "freeze": "kept",
    "auth": "435 Unable to authenticate at present",
}
"""What a stopped account sees."""


@FORMS
@WAYS
def test_exactly_the_listed_logins_are_stopped(form: str, way: str, guard: Guard, sink: World) -> None:
    """A stopped login is stopped in every spelling; a neighbour sends; mail to the stopped account arrives."""
    house = guard(form, way)
    house.stop("u1@example.test", "U1@Example.test")
    assert outcome(house.exim, "u1@example.test", f"a-{form}-{way}@example.net").startswith(EXPECTED[way])
    assert outcome(house.exim, "U1@EXAMPLE.TEST", f"a-{form}-{way}@example.net").startswith(EXPECTED[way])
    for neighbour in ("u11@example.test", "u2@example.test"):
        assert outcome(house.exim, neighbour, f"{neighbour[:3].strip('@')}-{form}-{way}@example.net") == "sent"
    sink.await_mail(f"u11-{form}-{way}@example.net")
    assert outcome(house.exim, "u2@example.test", "u1@example.test") == "sent"
    sink.await_mail("u1@example.test")
    assert f"a-{form}-{way}@example.net" not in sink.accepted()
    house.release("u1@example.test")
    assert outcome(house.exim, "u1@example.test", f"b-{form}-{way}@example.net") == "sent"
    sink.await_mail(f"b-{form}-{way}@example.net")


@FORMS
@WAYS
def test_a_missing_table_stops_nobody(form: str, way: str, guard: Guard, sink: World) -> None:
    """Without a table, or with gatepost gone, mail flows."""
    house = guard(form, way)
    _clear(house.table)
    assert outcome(house.exim, "u1@example.test", f"m-{form}-{way}@example.net") == "sent"
    sink.await_mail(f"m-{form}-{way}@example.net")


@FORMS
@WAYS
def test_a_table_in_a_closed_folder_stops_nobody(form: str, way: str, guard: Guard) -> None:
    """A table in a folder that Exim may not enter is skipped, and mail flows."""
    house = guard(form, way)
    house.stop("u1@example.test")
    closed = house.table if form == "dsearch" else house.table.parent
    closed.chmod(0o700)
    try:
        assert outcome(house.exim, "u1@example.test", f"x-{form}-{way}@example.net") == "sent"
    finally:
        closed.chmod(0o755)


def test_a_file_that_exim_may_not_read_defers_as_the_page_warns(guard: Guard) -> None:
    """The one mistake that stops mail is the one the page names: an unreadable lsearch file answers 451."""
    house = guard("lsearch", "refuse")
    house.stop("u1@example.test")
    house.table.chmod(0o600)
    assert outcome(house.exim, "u2@example.test", "y@example.net").startswith("451")


@WAYS
def test_a_login_with_a_slash_is_not_caught_by_the_folder(way: str, guard: Guard) -> None:
    """A name that no folder can hold sends as before: Exim's own error about it stops nobody."""
    house = guard("dsearch", way)
    house.stop("u1@example.test")
    assert outcome(house.exim, SLASHED, f"slash-{way}@example.net", "ann@example.test") == "sent"


@FORMS
@pytest.mark.parametrize("login", AWKWARD)
def test_awkward_logins_are_stopped_exactly(form: str, login: str, guard: Guard) -> None:
    """Blanks, quotes, backslashes, colons and hashes in a login are denied, and nobody else is."""
    house = guard(form, "refuse")
    house.stop(login)
    assert looked_up(house, [login, "u1@example.test", login[:3], login + "x"]) == [True, False, False, False]


LETTERS = st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('"\\:#$,{}() @.+\udcff\udc80')
NAMES = st.lists(st.text(LETTERS, min_size=1, max_size=30), min_size=1, max_size=20)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(form=st.sampled_from(["lsearch", "dsearch"]), listed=NAMES, others=NAMES)
def test_exim_finds_exactly_the_names_of_any_table(
    guard: Guard, form: str, listed: list[str], others: list[str]
) -> None:
    """For any set of logins, the real Exim finds these in the table and no others."""
    house = guard(form, "refuse")
    denied = set()
    for number, login in enumerate(map(lower, listed), 1):
        with contextlib.suppress(ActionError):
            asyncio.run(house.carrier.stop(login, login, number=number))
            denied.add(login)
    asked = [login for login in {*map(lower, listed), *map(lower, others)} if "/" not in login]
    assert looked_up(house, asked) == [login in denied for login in asked]


def looked_up(house: Guarded, logins: list[str]) -> list[bool]:
    """Whether the real Exim finds these logins in the table, asked with -be."""
    form = "dsearch,filter=file" if house.table.is_dir() else "lsearch"
    asked = "".join(f"${{lookup{{{_escaped(login)}}}{form}{{{house.table}}}{{yes}}{{no}}}}\n" for login in logins)
    return [line == "yes" for line in house.exim.run("-be", text=asked).replace("> ", "").split("\n") if line]


def _escaped(login: str) -> str:
    """A login as literal text of an expansion."""
    return login.replace("\\", "\\\\").replace("$", "\\$").replace("{", "\\{").replace("}", "\\}")


def test_the_folder_stops_a_session_between_two_recipients(guard: Guard) -> None:
    """A table that changes in mid-transaction stops the next recipient, the message, and the next MAIL after RSET."""
    house = guard("dsearch", "refuse")
    with log_in(house.exim.port, "u1@example.test") as session:
        session.mail("u1@example.test")
        assert session.rcpt("r1@example.net")[0] == 250
        house.stop("u1@example.test")
        assert session.rcpt("r2@example.net")[0] == 550
        assert session.docmd("DATA")[0] == 354
        session.send(b"Subject: x\r\n\r\nx\r\n.\r\n")
        assert session.getreply()[0] == 550
        session.rset()
        assert session.mail("u1@example.test")[0] == 550


def test_the_file_stops_an_open_session_at_the_end_of_its_message(guard: Guard) -> None:
    """As the page says: an lsearch table is not read again before the text of a message is there, and then it is."""
    house = guard("lsearch", "refuse")
    house.stop("u9@example.test")
    with log_in(house.exim.port, "u1@example.test") as session:
        session.mail("u1@example.test")
        assert session.rcpt("r1@example.net")[0] == 250
        house.stop("u1@example.test")
        assert session.rcpt("r2@example.net")[0] == 250
        session.rset()
        assert session.mail("u1@example.test")[0] == 250
        assert session.rcpt("r3@example.net")[0] == 250
        assert session.data(b"Subject: x\r\n\r\nx")[0] == 550
        assert session.mail("u1@example.test")[0] == 550


def test_a_release_reaches_a_session_that_is_open(guard: Guard) -> None:
    """With the folder, an account that is released may send in the session in which it was refused."""
    house = guard("dsearch", "refuse")
    house.stop("u1@example.test")
    with log_in(house.exim.port, "u1@example.test") as session:
        assert session.mail("u1@example.test")[0] == 550
        house.release("u1@example.test")
        session.rset()
        assert session.mail("u1@example.test")[0] == 250


@FORMS
def test_kept_mail_is_delivered_after_a_thaw(form: str, guard: Guard, sink: World) -> None:
    """What was accepted and kept is whole: thawed, it goes out."""
    house = guard(form, "freeze")
    house.stop("u1@example.test")
    before = house.exim.queue(frozen=True)
    assert outcome(house.exim, "u1@example.test", f"thaw-{form}@example.net") == "kept"
    (kept,) = house.exim.queue(frozen=True) - before
    house.exim.run("-Mt", kept)
    house.exim.run("-M", kept)
    sink.await_mail(f"thaw-{form}@example.net")


@FORMS
@pytest.mark.parametrize("way", ["refuse", "auth"])
def test_every_refusal_says_whose_it_is_in_the_log(form: str, way: str, guard: Guard) -> None:
    """The log line of a refusal carries the tag, so that gatepost does not count it against the account."""
    house = guard(form, way)
    house.stop("u3@example.test")
    outcome(house.exim, "u3@example.test", "a@example.net")
    lines = [line for line in house.exim.log().splitlines() if "u3@example.test" in line and "[gatepost]" in line]
    assert lines, house.exim.log()[-2000:]


def test_every_snippet_of_the_page_is_tried() -> None:
    """No snippet is on the page that these tests leave out."""
    tried = {"main-dsearch", "main-lsearch", "acl-dsearch", "acl-lsearch"}
    assert set(snippets()) == tried | {"refuse", "freeze", "auth-dsearch", "auth-lsearch"}


def test_the_log_selectors_are_those_of_the_page() -> None:
    """The tests log what the page asks for."""
    assert f"log_selector = {Rules().selectors}\n" in PAGE.read_text()
