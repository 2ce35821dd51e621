"""Deny files in front of a real Dovecot: sending is shut for exactly the listed names, reading goes on."""

import asyncio
import contextlib
import smtplib
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.act.book import Book
from tests.act.carrier import Carrier
from tests.live.dovecot import Dovecot, open_mailbox
from tests.live.exim import ACCOUNTS
from tests.live.page import DOVECOT, denied, snippets
from tests.live.ports import until
from tests.live.postfix import Postfix, log_in
from tests.live.world import World

from gatepost.act.keys import lower
from gatepost.act.table import Table
from gatepost.core.errors import ActionError

pytestmark = pytest.mark.live

AWKWARD = ('q"uote', "apo'strophe", "back\\slash", "per%cent", "a/b", "two words", "-dash", "u")
SHUT = ("smtp", "submission", "sieve")
OPEN = ("imap", "pop3")


@dataclass(frozen=True)
class Guarded:
    """A Dovecot that looks into deny files, and who writes them."""

    dovecot: Dovecot
    table: Path
    carrier: Carrier

    def stop(self, account: str, *spellings: str) -> None:
        """Block."""
        asyncio.run(self.carrier.stop(account, *spellings))

    def release(self, account: str) -> None:
        """Release."""
        asyncio.run(self.carrier.release(account))

    def services(self, account: str) -> set[str]:
        """The services an account may log in to now."""
        services = (*SHUT, *OPEN)
        answers = self.dovecot.let_in([(account, service) for service in services])
        return {service for service, yes in zip(services, answers, strict=True) if yes}


def carrier(table: Path) -> Carrier:
    """Who writes the files."""
    book = Book()
    return Carrier(Table(book, path=table, format="passwd-file", mode=0o644, services=SHUT), book)


@pytest.fixture(scope="module")
def server(dovecots: Callable[..., Dovecot], folders: Callable[[], Path], sink: World) -> tuple[Dovecot, Path]:
    """One Dovecot with the page's block in front; names may hold anything."""
    table = folders() / "deny"
    block = "auth_username_chars =\n" + denied(table)
    return dovecots(block, (*ACCOUNTS, *AWKWARD), sink.port), table


@pytest.fixture
def house(server: tuple[Dovecot, Path]) -> Iterator[Guarded]:
    """The same with no files."""
    dovecot, table = server
    for file in table.parent.glob("deny*"):
        file.unlink()
    yield Guarded(dovecot, table, carrier(table))


def test_sending_is_shut_and_reading_goes_on(house: Guarded) -> None:
    """A stopped account, in every spelling, may read and not send; others may do both; a release undoes it."""
    assert house.dovecot.may_log_in("u1@example.test", "smtp")
    assert house.services("u1@example.test") == {*SHUT, *OPEN}
    house.stop("u1@example.test")
    until(lambda: house.services("u1@example.test") == set(OPEN), "sending is shut")
    assert not house.dovecot.may_log_in("u1@example.test", "smtp")
    assert house.services("U1@EXAMPLE.test") == set(OPEN)
    assert house.services("u11@example.test") == house.services("u2@example.test") == {*SHUT, *OPEN}
    open_mailbox(house.dovecot.imap, "u1@example.test").logout()
    house.release("u1@example.test")
    until(lambda: house.services("u1@example.test") == {*SHUT, *OPEN}, "the account may send again")


def test_changes_of_one_length_within_a_second_are_seen(house: Guarded) -> None:
    """Ten accounts stopped and released one after another, in files of the same size: the last one counts."""
    for number in range(10, 20):
        house.stop(f"u{number}@example.test")
        house.release(f"u{number}@example.test")
    house.stop("u20@example.test")
    until(lambda: not house.dovecot.may_log_in("u20@example.test", "smtp"), "the last one is stopped")
    assert all(house.dovecot.may_log_in(f"u{number}@example.test", "smtp") for number in range(10, 20))


def test_postfix_and_the_submission_service_turn_the_account_away(
    house: Guarded, postfixes: Callable[..., Postfix], sink: World
) -> None:
    """Postfix asks as `smtp`, Dovecot's own service as `submission`: neither lets a stopped account in."""
    postfix = postfixes(house.dovecot)
    house.stop("u5@example.test")
    for port in (postfix.port, house.dovecot.submission):
        until(partial(_turned_away, port, "u5@example.test"), "the account is turned away")
        assert enters(port, "u6@example.test")


def enters(port: int, account: str) -> bool:
    """Whether an SMTP login succeeds."""
    try:
        log_in(port, account).close()
    except smtplib.SMTPAuthenticationError:
        return False
    return True


def _turned_away(port: int, account: str) -> bool:
    return not enters(port, account)


def test_sessions_that_are_open_go_on(house: Guarded) -> None:
    """As the page says: a submission session outlives the block, and a kick ends it."""
    session = log_in(house.dovecot.submission, "u7@example.test")
    house.stop("u7@example.test")
    until(lambda: not house.dovecot.may_log_in("u7@example.test", "submission"), "the account is stopped")
    assert session.mail("u7@example.test")[0] == 250
    assert house.dovecot.run("doveadm", "kick", "u7@example.test").returncode == 0
    assert session.noop()[0] == 421
    session.close()
    assert house.dovecot.run("doveadm", "kick", "u7@example.test").returncode == 68


def test_a_file_that_is_not_there_denies_nobody(house: Guarded) -> None:
    """Without files, or with the folder moved away, everybody logs in."""
    house.stop("u8@example.test")
    until(lambda: not house.dovecot.may_log_in("u8@example.test", "smtp"), "the account is stopped")
    house.table.parent.rename(house.table.parent.with_suffix(".off"))
    try:
        until(lambda: house.dovecot.may_log_in("u8@example.test", "smtp"), "everybody logs in")
    finally:
        house.table.parent.with_suffix(".off").rename(house.table.parent)


NAMES = st.lists(
    st.text(string.ascii_letters + string.digits + string.punctuation, min_size=1, max_size=20)
    | st.sampled_from([*AWKWARD, "u1@example.test", "U1@example.test", "u2@example.test", "#hash", "a:b"]),
    max_size=5,
)  # fmt: skip


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NAMES)
def test_exactly_the_names_of_any_table_are_denied(house: Guarded, listed: list[str]) -> None:
    """For any set of logins, Dovecot denies `smtp` to those of the table and to nobody else, `imap` to nobody."""
    writer = carrier(house.table)
    for file in house.table.parent.glob("deny*"):
        file.write_bytes(b"")
    denied_now = set()
    for number, login in enumerate(map(lower, listed), 1):
        with contextlib.suppress(ActionError):
            asyncio.run(writer.stop(login, login, number=number))
            denied_now.add(login)
    names = ["u1@example.test", "u2@example.test", *AWKWARD]
    asked = [(name, service) for name in names for service in ("smtp", "imap")]
    expected = [service == "imap" or name not in denied_now for name, service in asked]
    until(lambda: house.dovecot.let_in(asked) == expected, f"{denied_now} are denied", 4)


def test_every_snippet_of_the_page_is_tried() -> None:
    """No snippet is on the page that these tests leave out."""
    assert set(snippets(DOVECOT)) == {"deny"}
