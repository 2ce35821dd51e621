"""Other people's directories: LDAP.

Owns the connection (StartTLS, LDAPS or this host's socket), deadlines, and what an error says. The protocol is ldap3's,
imported when the first connection is made: `pip install gatepost[ldap]`.
"""

import contextlib
import ssl
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from gatepost.core.errors import ConfigError, StoreError
from gatepost.core.ports import Entry, Modification
from gatepost.core.units import is_here
from gatepost.store.place import password_of

CONNECT = 5
"""Seconds to connect, TLS among them."""

ANSWER = 5
"""Seconds for an answer."""

PAGE = 500
"""Entries of one answer (RFC 2696); OpenLDAP and Active Directory give at most 500 or 1000 by default."""

_NOT_SO = ("attributeOrValueExists", "noSuchAttribute")
"""Results of a change whose condition does not hold (RFC 4511 section 4.6)."""


class Server(Struct, frozen=True):
    """One directory."""

    url: str
    host: str
    port: int
    tls: bool
    """LDAPS."""
    upgrade: bool
    """StartTLS before anything else (RFC 4511 section 4.14)."""


def server_of(url: str) -> Server:
    """Read "ldaps://ldap.example.org", "ldap://127.0.0.1:389" or "ldapi://%2Frun%2Fslapd%2Fldapi".

    "ldap://" to another host is upgraded by StartTLS, or not used.

    Raises:
        ConfigError: it is no such address.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ConfigError(f"it is no address of a directory: {error}") from None
    if parts.scheme not in ("ldap", "ldaps", "ldapi") or not parts.hostname or parts.username is not None:
        msg = 'a directory is "ldaps://host", "ldap://host:389" or "ldapi://%2Frun%2Fslapd%2Fldapi"'
        raise ConfigError(msg)
    if parts.scheme == "ldapi":
        return Server(url, unquote(parts.netloc), 0, tls=False, upgrade=False)
    tls = parts.scheme == "ldaps"
    upgrade = not tls and not is_here(parts.hostname)
    return Server(url, parts.hostname, port or (636 if tls else 389), tls, upgrade)


class Directory:
    """One directory; connects for each session."""

    def __init__(self, server: Server, bind: str = "", password: str = "", ca: str = "") -> None:
        """Say where; nothing is connected yet.

        Args:
            server: as `server_of` reads it.
            bind: the name (DN) of gatepost in the directory; "" is anonymous.
            password: the file with it, or "credential:NAME".
            ca: file with the certificates of authorities that are believed; "" is the system's.
        """
        self.place = server.url
        self._server, self._bind, self._password, self._ca = server, bind, password, ca

    @contextlib.contextmanager
    def session(self) -> Iterator["Session"]:
        """One connection; see the protocol in core/ports.py."""
        with _said(self.place):
            connection = self._connected()
        try:
            yield Session(connection, self.place)
        finally:
            with contextlib.suppress(Exception):  # it may be gone already
                connection.unbind()

    def _connected(self) -> Any:
        ldap = import_module("ldap3")
        where, secret = self._server, password_of(self._password)
        tls = ldap.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=self._ca or None)
        host = f"ldapi://{where.host}" if not where.port else where.host
        server = ldap.Server(
            host, where.port or None, use_ssl=where.tls, tls=tls, get_info=ldap.NONE, connect_timeout=CONNECT
        )
        who = {"user": self._bind, "password": secret, "authentication": ldap.SIMPLE} if self._bind else {}
        connection = ldap.Connection(server, raise_exceptions=True, receive_timeout=ANSWER, **who)
        try:
            connection.open()
            if where.upgrade:
                connection.start_tls()
            connection.bind()
        except BaseException:
            with contextlib.suppress(Exception):
                connection.unbind()
            raise
        return connection


class Session:
    """One connection that is bound."""

    def __init__(self, connection: Any, place: str) -> None:
        self._connection, self._place = connection, place

    def search(self, base: str, filter: str, attributes: Sequence[str], most: int) -> Sequence[Entry]:
        """Entries below a base; see the protocol in core/ports.py."""
        found: list[Entry] = []
        with _said(self._place):
            for item in self._connection.extend.standard.paged_search(
                base, filter, attributes=list(attributes), paged_size=min(PAGE, most + 1), generator=True
            ):
                if item["type"] != "searchResEntry":  # a referral to another server: not followed
                    continue
                if len(found) == most:
                    raise StoreError(f"{self._place}: a search found more than {most} entries: make it narrower")
                found.append(Entry(item["dn"], _values(item["raw_attributes"], attributes)))
        return found

    def modify(self, dn: str, changes: Sequence[Modification]) -> bool:
        """All changes or none; see the protocol in core/ports.py."""
        ldap, wanted = import_module("ldap3"), dict[str, list[Any]]()
        for change in changes:
            how = ldap.MODIFY_ADD if change.do == "add" else ldap.MODIFY_DELETE
            wanted.setdefault(change.attribute, []).append((how, [change.value]))
        with _said(self._place):
            try:
                self._connection.modify(dn, wanted)
            except import_module("ldap3.core.exceptions").LDAPOperationResult as error:
                if error.description not in _NOT_SO:
                    raise
                return False
        return True


def _values(raw: dict[str, Any], attributes: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """By the names as asked: a server may write them in other letters. What is no UTF-8 becomes surrogates."""
    there = {name.lower(): values for name, values in raw.items()}
    return {
        name: tuple(value.decode("utf-8", "surrogateescape") for value in there.get(name.lower(), ()))
        for name in attributes
    }


@contextlib.contextmanager
def _said(place: str) -> Iterator[None]:
    """Turn what ldap3 raises into a StoreError that names the directory and a remedy."""
    try:
        yield
    except ImportError as error:
        raise StoreError(f"the package {error.name} is missing: pip install 'gatepost[ldap]'", retry=True) from None
    except OSError as error:
        raise StoreError(
            f"{place}: cannot be reached ({error.strerror or error}): see that it runs", retry=True
        ) from None
    except Exception as error:
        if not isinstance(error, import_module("ldap3.core.exceptions").LDAPException):
            raise
        said = str(getattr(error, "description", "") or error).partition("\n")[0][:200]
        remedy = "see that it runs, its address, the bind name, its password and its rights"
        raise StoreError(f"{place}: {said or type(error).__name__}: {remedy}", retry=True) from None
