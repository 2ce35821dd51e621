"""A deny table in front of a real Postfix: exactly the listed logins are stopped, from their next session on."""

import asyncio
import contextlib
import json
import string
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.act.book import Book
from tests.act.carrier import Carrier
from tests.live.dovecot import Dovecot, call
from tests.live.page import POSTFIX, cuts, snippets
from tests.live.ports import until
from tests.live.postfix import Postfix, log_in, outcome
from tests.live.world import World

from gatepost.act.keys import Format, lower
from gatepost.act.mapped import SUFFIXES
from gatepost.act.table import Table
from gatepost.core.errors import ActionError

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("outside")]

FORMS = pytest.mark.parametrize("form", ["lmdb", "hash", "cdb"])
SAID = "[gatepost] sending is stopped for this account: please ask your postmaster"
REFUSED = f"554 5.7.1 <u1@example.test>: SASL login name rejected: {SAID}"


@dataclass(frozen=True)
class Guarded:
    """A Postfix that looks into a table, and who writes that table."""

    postfix: Postfix
    table: Path
    form: str
    carrier: Carrier

    def stop(self, account: str, *spellings: str) -> None:
        """Block."""
        asyncio.run(self.carrier.stop(account, *spellings))

    def release(self, account: str) -> None:
        """Release."""
        asyncio.run(self.carrier.release(account))


def carrier(table: Path, form: Format) -> Carrier:
    """Who writes a table."""
    book = Book()
    return Carrier(Table(book, path=table, format=form, deny=SAID), book)


def empty(tree: Path, table: Path, form: str) -> None:
    """What the page tells the operator to do first."""
    table.write_text("")
    done = call(tree, "postmap", f"{form}:{table}")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def guard(
    postfixes: Callable[..., Postfix], dovecot: Dovecot, tree: Path, folders: Callable[[], Path]
) -> Callable[[str], Guarded]:
    """A Postfix for each form, started when first asked for; its table is empty."""
    started: dict[str, tuple[Postfix, Path]] = {}

    def give(form: str) -> Guarded:
        if form not in started:
            table = folders() / "deny"
            empty(tree, table, form)
            started[form] = postfixes(dovecot, cuts(table, form)), table
        postfix, table = started[form]
        empty(tree, table, form)
        return Guarded(postfix, table, form, carrier(table, form))  # type: ignore[arg-type]

    return give


@FORMS
@pytest.mark.parametrize("service", ["port", "submission"])
def test_exactly_the_listed_logins_are_stopped(
    form: str, service: str, guard: Callable[[str], Guarded], sink: World
) -> None:
    """Stopped in every spelling, at both services; a neighbour sends; mail to the account arrives; release ends it."""
    house = guard(form)
    port, mark = getattr(house.postfix, service), f"{form}-{service}"
    house.stop("u1@example.test", "U1@Example.test")
    assert outcome(port, "u1@example.test", f"a-{mark}@example.net") == REFUSED
    assert outcome(port, "U1@EXAMPLE.TEST", f"a-{mark}@example.net") == REFUSED
    for neighbour in ("u11@example.test", "u2@example.test"):
        assert outcome(port, neighbour, f"{neighbour[:3].strip('@')}-{mark}@example.net") == "sent"
    assert outcome(port, "u2@example.test", "u1@example.test") == "sent"
    sink.await_mail("u1@example.test")
    house.release("u1@example.test")
    assert outcome(port, "u1@example.test", f"b-{mark}@example.net") == "sent"
    sink.await_mail(f"b-{mark}@example.net")
    assert f"a-{mark}@example.net" not in sink.accepted()


@FORMS
def test_the_database_holds_exactly_the_names_of_any_table(form: str, guard: Callable[[str], Guarded]) -> None:
    """For any set of logins, `postmap -q` finds those that could be denied, and no others."""
    house = guard(form)

    @settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(NAMES, NAMES)
    def holds(listed: list[str], others: list[str]) -> None:
        empty(house.postfix.tree, house.table, form)
        writer = carrier(house.table, form)  # type: ignore[arg-type]
        denied = set()
        for number, login in enumerate(map(lower, listed), 1):
            with contextlib.suppress(ActionError):
                asyncio.run(writer.stop(login, login, number=number))
                denied.add(login)
        asked = {*listed, *others}
        found = house.postfix.call("postmap", "-q", "-", f"{form}:{house.table}", text="".join(f"{n}\n" for n in asked))
        answer = f"REJECT 5.7.1 {SAID}"
        expected = {f"{name}\t{answer}" for name in asked if lower(name) in denied}
        assert {line for line in found.stdout.split("\n") if line} == expected, found.stderr

    holds()


NAMES = st.lists(
    st.text(string.ascii_letters + string.digits + string.punctuation, min_size=1, max_size=30)
    | st.sampled_from(["u1@example.test", "ANN@Example.test", "ann smith@x", 'q"uote', "back\\slash", "#hash", "a:b"]),
    max_size=6,
)  # fmt: skip


def test_an_open_session_goes_on_and_its_next_one_does_not(guard: Callable[[str], Guarded]) -> None:
    """As the page says: Postfix reads a table when a session begins, at block and at release."""
    house = guard("lmdb")
    with log_in(house.postfix.port, "u1@example.test") as session:
        house.stop("u1@example.test")
        session.mail("u1@example.test")
        assert session.rcpt("r1@example.net")[0] == 250
        session.rset()
        assert outcome(house.postfix.port, "u1@example.test", "x@example.net") == REFUSED
        session.mail("u1@example.test")
        assert session.rcpt("r2@example.net")[0] == 250
    with log_in(house.postfix.port, "u1@example.test") as session:
        house.release("u1@example.test")
        session.mail("u1@example.test")
        assert session.rcpt("r1@example.net")[0] == 554
        assert outcome(house.postfix.port, "u1@example.test", "x@example.net") == "sent"


def test_a_table_that_is_not_there_puts_off_those_who_log_in(guard: Callable[[str], Guarded], sink: World) -> None:
    """As the page warns: without the database it is 451 for all who have logged in; built and reloaded, mail flows."""
    house = guard("cdb")
    house.table.with_name("deny" + SUFFIXES["cdb"]).unlink()
    assert outcome(house.postfix.port, "u2@example.test", "x@example.net").startswith("451 4.3.5 ")
    house.stop("u1@example.test")
    house.postfix.run("postfix", "reload")
    until(lambda: outcome(house.postfix.port, "u2@example.test", "back@example.net") == "sent", "mail flows", 5)
    sink.await_mail("back@example.net")
    assert outcome(house.postfix.port, "u1@example.test", "x@example.net") == REFUSED


def test_the_words_of_the_refusal_are_ours_in_the_log(guard: Callable[[str], Guarded]) -> None:
    """A refusal by the table is read as our own, charged to the incident and to no detector."""
    house = guard("hash")
    house.stop("u3@example.test")
    outcome(house.postfix.port, "u3@example.test", "a@example.net")
    done = subprocess.run(
        [sys.executable, "-m", "gatepost", "parse", "--format", "jsonl", str(house.postfix.maillog)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert ("own", "u3@example.test") in {(line["kind"], line.get("account")) for line in told}, done.stderr


def test_every_snippet_of_the_page_is_tried() -> None:
    """No snippet is on the page that these tests leave out."""
    assert set(snippets(POSTFIX)) == {"main", "mua"}
