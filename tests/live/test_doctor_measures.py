"""doctor about real servers: the queue is Exim's, doveadm takes orders, the database lets a password be changed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.live.client import send
from tests.live.dovecot import Dovecot
from tests.live.exim import Exim, Rules
from tests.live.mariadb import MariaDB
from tests.live.ports import until
from tests.live.postfix import Postfix
from tests.live.postgresql import PostgreSQL
from tests.live.scene import FRIEND, HOME
from tests.live.stores import PASSWORD
from tests.live.vaults import Tables

from gatepost.act.lockedsql import RECIPES, SqlLock, statements
from gatepost.config.load import read
from gatepost.config.measures import Settings
from gatepost.core.errors import StoreError
from gatepost.store.database import Database
from gatepost.store.place import place_of
from gatepost.surface.doctor import measures

pytestmark = pytest.mark.live

GRANTS = {
    "postgresql": (
        f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'; GRANT SELECT ON mailbox TO reader",
        "GRANT UPDATE (password) ON mailbox TO reader",
        "DROP OWNED BY reader; DROP ROLE reader",
    ),
    "mariadb": (
        f"CREATE OR REPLACE USER reader IDENTIFIED BY '{PASSWORD}'; GRANT SELECT ON postfixadmin.mailbox TO reader",
        "GRANT UPDATE (password) ON postfixadmin.mailbox TO reader",
        "DROP USER reader",
    ),
}


def states(folder: Path, text: str) -> list[str]:
    """Of the checks of one block."""
    (found,) = read(f"[[action]]\n{text}", "gatepost.toml", folder).action
    assert isinstance(found, Settings)
    return [check.state for check in measures.look(found, offline=False)]


def test_a_real_exim_takes_orders(exims: Callable[..., Exim], tmp_path: Path) -> None:
    """Its spool with a message is read, it counts its queue, nothing is frozen or written into its log."""
    exim = exims(Rules(main="hold_domains = *"))
    assert not send(exim.port, FRIEND, ["bob@example.net"], HOME[FRIEND])
    until(lambda: bool(exim.queue()), "the message waits")
    words = json.dumps([str(exim.binary), "-C", str(exim.config)])
    text = f'kind = "queue"\nserver = "exim"\nspool = "{exim.folder}/spool"\nexim = {words}\n'
    assert states(tmp_path, text) == ["ok", "ok"]
    assert exim.queue() and not exim.queue(frozen=True) and measures.NOTHING not in exim.log()


def test_a_real_postfix_takes_orders(postfix: Postfix, tree: Path, tmp_path: Path) -> None:
    """Its queue is listed, looked into, and no message of it is put on hold."""
    names = ("postqueue", "postsuper", "postcat")
    words = "".join(f"{name} = {json.dumps([f'{tree}/outside/{name}', '-c', str(postfix.config)])}\n" for name in names)
    assert states(tmp_path, f'kind = "queue"\nserver = "postfix"\n{words}') == ["ok"] * 3


def test_a_real_dovecot_takes_orders(dovecot: Dovecot, tree: Path, tmp_path: Path) -> None:
    """doveadm is told about a login that nobody has."""
    words = json.dumps([f"{tree}/outside/doveadm", "-c", str(dovecot.config)])
    assert states(tmp_path, f'kind = "sessions"\ndoveadm = {words}\n') == ["ok"]


@pytest.mark.parametrize("server", GRANTS)
def test_the_right_to_change_is_seen(server: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Who may only read is refused before a theft; with the right to the one column he is not; nothing is changed."""
    found: PostgreSQL | MariaDB = request.getfixturevalue(server)
    tables = Tables(found, "postfixadmin", tmp_path)
    before, (reader, writer, gone) = tables.stored(), GRANTS[server]

    def ask(said: str) -> None:
        for one in said.split("; "):
            found.ask("postfixadmin", one)

    where = place_of(found.url("postfixadmin").replace("gatepost@", "reader@"))
    lock = SqlLock(Database(where, str(tmp_path / "secret")), statements(RECIPES["postfixadmin"], where.engine))
    ask(reader)
    try:
        with pytest.raises(StoreError, match=r"(?i)denied"):
            lock.may("nobody@gatepost.invalid", "{gatepost!x#0}")
        ask(writer)
        assert lock.may("nobody@gatepost.invalid", "{gatepost!x#0}")
    finally:
        ask(gone)
    assert tables.stored() == before
