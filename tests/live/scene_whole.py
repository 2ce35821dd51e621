"""The scene with every measure at once: Exim, Dovecot and PostgreSQL, a receiver of hooks, a letter to the customer."""

import contextlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tests.act.receiver import Receiver, listening
from tests.live.dovecot import Dovecot
from tests.live.exim import Exim
from tests.live.page import denied, rules
from tests.live.ports import free_port
from tests.live.postgresql import PostgreSQL
from tests.live.scene import FRIEND, THIEF, Watch, beside
from tests.live.schemas import look, script
from tests.live.vaults import secret
from tests.live.world import World

from gatepost.store.sqlite import Sqlite

RECIPE, HASH = "postfixadmin", "$2y$05$stored"
OWNERS = {THIEF: "owner@private.example.net", FRIEND: "friend@private.example.net"}
"""Where the customers are written to."""

KEY = "sesame-sesame-sesame"
API = f"""
doveadm_api_key = {KEY}
auth_cache_size = 1M
auth_cache_ttl = 1 hour
auth_cache_negative_ttl = 1 hour
service doveadm {{{{
  inet_listener http {{{{
    address = 127.0.0.1
    port = {{port}}
  }}}}
}}}}
"""
ACTIONS = """
[[action]]
kind = "table"
format = "dsearch"
path = "{deny}"
mode = "0644"

[[action]]
kind = "table"
format = "passwd-file"
path = "{shut}"
mode = "0644"
services = ["submission", "sieve"]

[[action]]
kind = "sql"
name = "customers"
database = "{database}"
password = "{secret}"
recipe = "postfixadmin"

[[action]]
kind = "queue"
server = "exim"
spool = "{exim.folder}/spool"
exim = {command}

[[action]]
kind = "sessions"
url = "http://127.0.0.1:{doveadm}/doveadm/v1"
key = "{key}"

[[action]]
kind = "hook"
url = "http://127.0.0.1:{hook}/"
secret = "{key}"

[[action]]
kind = "customer"
from = "postmaster@example.org"
contact = "support@example.org"
smtp = "127.0.0.1:{sink}"
"""
STOPS, TELLS = {"table", "sql", "queue", "sessions"}, {"hook", "notify", "customer"}
"""The kinds of action here."""


def within(seconds: float) -> float:
    """So many seconds of a machine of one's own, on one that others load, too."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


@dataclass(frozen=True)
class Row:
    """One row of the journal."""

    key: str
    action: str
    state: str
    note: str
    planned: float
    changed: float


@dataclass(frozen=True)
class Whole:
    """A running gatepost, and everything that it does something to."""

    exim: Exim
    dovecot: Dovecot
    postgresql: PostgreSQL
    receiver: Receiver
    watch: Watch

    def stored(self) -> dict[str, str]:
        """Every password that is stored, by login."""
        return {str(login): str(value) for login, value in self.postgresql.ask(RECIPE, look(RECIPE))}

    def rows(self, account: str) -> list[Row]:
        """What was asked for about an account, oldest first."""
        sql = "SELECT key, action, state, note, planned, changed FROM journal WHERE incident LIKE ? ORDER BY id"
        with Sqlite.open(self.watch.folder / "state.db", readonly=True) as store:
            return [Row(*found) for found in store.run(sql, (f"{account}#%",))]

    def blocked(self, account: str) -> list[Row]:
        """Those of the block."""
        steps = {row.key.rpartition("/")[2] for row in self.rows(account) if "/blocked/" in row.key}
        return [row for row in self.rows(account) if row.key.rpartition("/")[2] in steps]

    def told(self) -> float:
        """When the operator gave the last instruction."""
        with Sqlite.open(self.watch.folder / "state.db", readonly=True) as store:
            return float(store.told(0)[-1].instruction.at)


@contextlib.contextmanager
def whole(
    exims: Callable[..., Exim],
    dovecots: Callable[..., Dovecot],
    postgresql: PostgreSQL,
    sink: World,
    folder: Path,
    tables: Path,
) -> Iterator[Whole]:
    """All of it, with 14 days of log to learn from; gatepost is not started yet.

    Args:
        exims: starts an Exim.
        dovecots: starts a Dovecot.
        postgresql: where the passwords are.
        sink: where mail and letters go.
        folder: for gatepost's files.
        tables: a folder that Dovecot reaches.
    """
    place = Path(tempfile.mkdtemp(prefix="whole-", dir=folder))
    place.chmod(0o755)
    deny, key, port = place / "deny", place / "key", free_port()
    deny.mkdir()
    key.write_text(KEY)
    key.chmod(0o600)
    asked = rules(deny, "dsearch", "refuse")
    exim = exims(replace(asked, main=asked.main + "hold_domains = *.queued.example.net\nsplit_spool_directory\n"))
    dovecot = dovecots(denied(tables / "shut"), more=API.format(port=port))
    database = postgresql.create(RECIPE, script(RECIPE, "postgresql"))
    for login in OWNERS:
        row = "INSERT INTO mailbox (username, password, local_part) VALUES ('{}', '{}', '')"
        postgresql.ask(RECIPE, row.format(login, HASH))
    receiver = Receiver()
    with listening(receiver) as hook:
        actions = ACTIONS.format(
            deny=deny, shut=tables / "shut", database=database, secret=secret(place), exim=exim, key=key,
            command=json.dumps([str(exim.binary), "-C", str(exim.config)]), doveadm=port, hook=hook, sink=sink.port,
        )  # fmt: skip
        people = "".join(f'[account."{login}"]\nmail = "{mail}"\n' for login, mail in OWNERS.items())
        watch = beside(place / "state", exim, sink, actions + people)
        try:
            yield Whole(exim, dovecot, postgresql, receiver, watch)
        finally:
            watch.stop()
