"""What an operator may set about self-service: customers who have a new password end the block themselves."""

from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from typing import Any

from msgspec import Struct

from gatepost.config.mistakes import Found, shown
from gatepost.core.errors import ConfigError
from gatepost.store.place import place_of
from gatepost.store.statement import names

Block = Mapping[str, Any]


class SelfService(Struct, frozen=True, forbid_unknown_fields=True):
    """A page on which customers whose password was changed ask to send again; off without listen."""

    listen: str = ""  #: where the page is: "unix:/run/gatepost/page", "inet:127.0.0.1:8026"; "" = there is none
    group: str = ""  #: group that may use a unix socket, your web server's
    url: str = ""  #: what customers see of it, before the secret: "https://mail.example.org/unlock"
    database: str = ""  #: that knows when a password was changed last: "postgresql://gatepost@127.0.0.1/mail"
    password: str = ""  #: file with the password of the database, or "credential:NAME"; "" is none
    statement: str = ""  #: a query for :login with one value, the time of the last change; "" = you decide each time
    proxies: tuple[str, ...] = ("127.0.0.1/32", "::1/128")  #: web servers whose X-Forwarded-For is believed


def check(block: Block) -> Iterator[Found]:
    """Every mistake in the block; values of the wrong kind are passed over."""
    for name, message, remedy in _wrong(block):
        yield Found(("selfservice", name), message, remedy)


def _wrong(block: Block) -> Iterator[tuple[str, str, str]]:
    listen, url = str(block.get("listen", "")), str(block.get("url", ""))
    if listen and not listen.startswith(("unix:/", "inet:")):
        yield "listen", f"{shown(listen)} is no address", 'write "unix:/run/gatepost/page" or "inet:127.0.0.1:8026"'
    if listen and not url.startswith("https://"):
        yield "url", f"{shown(url)} is no page that customers can be sent to", "write it with https://"
    if not listen and block:
        yield "listen", "without it there is no page", 'write "unix:/run/gatepost/page", or take the block out'
    if bool(block.get("statement")) != bool(block.get("database")):
        yield "statement", "database and statement belong together", "write both, or none: then you decide each time"
    elif block.get("statement"):
        yield from _asked(str(block["database"]), str(block["statement"]))
    proxies = block.get("proxies", ())
    for network in proxies if isinstance(proxies, list) else ():
        try:
            ip_network(str(network))
        except ValueError:
            yield "proxies", f"{shown(network)} is no network", 'write one such as "192.0.2.7/32"'


def _asked(database: str, statement: str) -> Iterator[tuple[str, str, str]]:
    try:
        place = place_of(database)
    except ConfigError as error:
        yield "database", str(error).partition(": ")[0], str(error).partition(": ")[2] or "correct it"
        return
    if names(statement, place.engine) != {"login"}:
        yield "statement", "it must ask for :login, and for nothing else", "write WHERE username = :login"
