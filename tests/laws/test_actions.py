"""Laws every action obeys."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.act.book import NOON, Book, Fixed, incident, order, target
from tests.act.carrier import Carrier

from gatepost.act.durable import Owner
from gatepost.act.formats import form_of
from gatepost.act.forms import Form
from gatepost.act.keys import Format, lower, unclear, unfit
from gatepost.act.queue import Keep
from gatepost.act.queued import Mine, Queued
from gatepost.act.table import Table
from gatepost.core.errors import ActionError
from gatepost.core.units import Instant, fold_account

NAMES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0") | st.sampled_from('"\\:# \t@.*/+\udcff\udc80'),
    min_size=1, max_size=40,
)  # fmt: skip
FORMS = st.sampled_from(["lsearch", "dsearch", "passwd-file"])


def table(place: str, form: Format) -> tuple[Carrier, Form]:
    """A table in a folder, and an independent reader of it."""
    path = Path(place) / "deny"
    if form == "dsearch":
        path.mkdir(exist_ok=True)
    book = Book()
    services = ("smtp", "sieve")
    return (
        Carrier(Table(book, path=path, format=form, services=services), book),
        form_of(form, path, Owner(), services=services),
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(NAMES, st.booleans()), max_size=8), FORMS)
def test_the_table_holds_exactly_the_accounts_that_stand(steps: list[tuple[str, bool]], form: Format) -> None:
    """For any accounts blocked, or blocked and released, the table names those that stand, and nobody else."""

    async def carry(carrier: Carrier) -> set[str]:
        wanted: set[str] = set()
        for number, (name, stays) in enumerate(dict(steps).items(), 1):
            account = lower(name)
            try:
                await carrier.stop(account, name, number=number)
            except ActionError:
                assert any(
                    unclear(key) or unfit(key, form, frozenset({account.rpartition("@")[2]}))
                    for key in (account, lower(name))
                )
                continue
            wanted.add(lower(name))
            if not stays:
                await carrier.release(account, number)
                wanted.discard(lower(name))
        return wanted

    with tempfile.TemporaryDirectory() as place:
        carrier, reader = table(place, form)
        wanted = asyncio.run(carry(carrier))
        assert set(reader.read()) == wanted


@settings(max_examples=30, deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=4, unique=True), FORMS)
def test_twice_is_once_and_a_release_undoes_all(names: list[str], form: Format) -> None:
    """Carrying an order out again changes nothing; after its release the table is as before."""
    with tempfile.TemporaryDirectory() as place:
        carrier, reader = table(place, form)
        asyncio.run(carrier.stop("first@example.org"))
        before = reader.read()
        try:
            asyncio.run(carrier.stop("ann@example.org", *names, number=2))
        except ActionError:
            assert reader.read() == before
            return
        once = reader.read()
        asyncio.run(carrier.stop("ann@example.org", *names, number=2))
        assert reader.read() == once
        asyncio.run(carrier.release("ann@example.org", 2))
        asyncio.run(carrier.release("ann@example.org", 2))
        assert reader.read() == before


@pytest.mark.parametrize("form", ["lsearch", "dsearch", "hash", "passwd-file"])
def test_trouble_is_always_an_action_error(form: Format, tmp_path: Path) -> None:
    """Whatever is wrong with the place of a table, the operator reads an ActionError that names it."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    places = [tmp_path / "file" / "deny", tmp_path / "none" / "deny", tmp_path / ("f" * 300)]
    (tmp_path / "folder.smtp").mkdir()
    places.append(tmp_path / ("file" if form == "dsearch" else "folder"))
    for path in places:
        book = Book()
        with pytest.raises(ActionError, match=str(path)[:60]):
            asyncio.run(Carrier(Table(book, path=path, format=form, services=("smtp",)), book).stop("ann@example.org"))


class Shelf:
    """A queue in memory."""

    def __init__(self, mail: list[Queued]) -> None:
        self.mail = {one.id: one for one in mail}
        self.sent: set[str] = set()

    def name(self) -> str:
        """Ours."""
        return "shelf"

    async def of(self, mine: Mine) -> list[Queued]:
        """Whose they are."""
        return [one for one in self.mail.values() if mine(one.login)]

    async def again(self, mail: Sequence[Queued]) -> list[Queued]:
        """As they are now."""
        return [self.mail[one.id] for one in mail if one.id in self.mail]

    async def keep(self, mail: Sequence[Queued]) -> None:
        """Keep."""
        self.mail |= {one.id: replace(one, kept=True) for one in mail}

    async def free(self, mail: Sequence[Queued]) -> None:
        """Free."""
        self.mail |= {one.id: replace(one, kept=False) for one in mail}

    async def send(self, mail: Sequence[Queued]) -> None:
        """Send what is free."""
        self.sent |= {one.id for one in mail if not self.mail[one.id].kept}

    async def delete(self, mail: Sequence[Queued]) -> None:
        """Delete."""

    def kept(self) -> set[str]:
        """Which are."""
        return {one.id for one in self.mail.values() if one.kept}


MAIL = st.lists(
    st.builds(
        Queued,
        id=st.uuids().map(str),
        at=st.sampled_from([NOON - 60, NOON, NOON + 60]).map(Instant),
        client=st.sampled_from(["192.0.2.7", "198.51.100.9", ""]),
        sender=st.just("x"),
        recipients=st.just(1),
        kept=st.booleans(),
        login=st.sampled_from(["ann@example.org", "ANN@example.org", "ben@example.org", ""]),
    ),
    max_size=12,
    unique_by=lambda one: one.id,
)


@settings(max_examples=80, deadline=None)
@given(MAIL)
def test_queued_mail_is_kept_once_and_the_honest_part_alone_goes(mail: list[Queued]) -> None:
    """For any queue: twice is once; a release frees what is old and habitual; nobody else's mail moves."""
    shelf, book = Shelf(mail), Book()
    places = {"192.0.2.7": "home"}
    action = Keep(
        book, Fixed(), shelf, on=frozenset({"blocked"}), fold=fold_account, place=lambda client: places.get(client, "")
    )
    carrier, about = Carrier(action, book), incident()
    told = replace(target(about, "ann@example.org"), habits=("home",))
    mine = {one.id for one in mail if one.login.lower() == "ann@example.org"}
    before = {one.id for one in mail if one.kept}
    asyncio.run(carrier.ensure(order(about), told))
    asyncio.run(carrier.ensure(order(about), told))
    assert shelf.kept() == before | mine
    honest = {one.id for one in mail if one.id in mine and one.at < NOON and one.client == "192.0.2.7"} - before
    asyncio.run(carrier.release("ann@example.org"))
    asyncio.run(action.undo(order(about), told, action.plan(order(about), told)))
    assert shelf.kept() == (before | mine) - honest and shelf.sent == honest
