"""Where a database or a directory is: a URL without a password, and where the password comes from.

The password stands in a file, or is one of systemd's credentials; it is read anew for every connection, and is in no
argument, message or record.
"""

from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from msgspec import Struct

from gatepost.core.errors import ConfigError, StoreError
from gatepost.core.units import is_here
from gatepost.store.credential import OpenToAll, content, located

Engine = Literal["postgresql", "mysql", "sqlite"]

_PORTS: dict[str, int] = {"postgresql": 5432, "mysql": 3306}
_ENGINES: dict[str, Engine] = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlite": "sqlite",
}
LONGEST = 1024
"""Octets of a password."""


class Place(Struct, frozen=True):
    """One database."""

    engine: Engine
    name: str
    """The database; of SQLite, the file."""
    host: str = ""
    port: int = 0
    user: str = ""
    socket: str = ""
    """PostgreSQL: the folder of the socket; MySQL, MariaDB: the socket itself. "" is TCP."""
    tls: bool = False
    """Whether the connection must be encrypted, and the server's name certified."""
    ca: str = ""
    """File with the certificates of authorities that are believed; "" is the system's."""

    def __str__(self) -> str:
        if self.engine == "sqlite":
            return f"sqlite:{self.name}"
        return f"{self.engine}://{self.socket or f'{self.host}:{self.port}'}/{self.name}"


def place_of(url: str) -> Place:
    """Read "postgresql://user@host:5432/name", "mysql://user@host/name", "sqlite:///var/lib/mail.db".

    After "?": `socket=` (MySQL, MariaDB: the file; PostgreSQL: its folder) in the place of a host, `tls=verify` or
    `tls=off` (verify, unless the host is this one), `ca=` with the file of the authorities.

    Raises:
        ConfigError: it is no such address, or a password stands in it.
    """
    parts = _split(url)
    engine = _ENGINES.get(parts.scheme)
    if engine is None:
        msg = 'a database is "postgresql://user@host/name", "mysql://user@host/name" or "sqlite:///path"'
        raise ConfigError(msg)
    options = _options(parts, ("socket", "tls", "ca") if engine != "sqlite" else ())
    name = unquote(parts.path) if engine == "sqlite" else unquote(parts.path).strip("/")
    if not name.strip("/") or "\0" in name or (engine == "sqlite" and parts.netloc):
        msg = "the database has no name: write it behind the host: postgresql://user@host/name; sqlite:///path"
        raise ConfigError(msg)
    if engine == "sqlite":
        return Place(engine, name)
    host, socket = parts.hostname or "127.0.0.1", options.get("socket", "")
    tls = _encrypted(options.get("tls", ""), here=bool(socket) or is_here(host))
    port = _port(parts) or _PORTS[engine]
    return Place(engine, name, host, port, unquote(parts.username or ""), socket, tls, options.get("ca", ""))


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        secret = parts.password
    except ValueError as error:
        raise ConfigError(f"it is no address: {error}; postgresql://user@host:5432/name is one") from None
    if secret is not None:
        msg = "a password stands in the address: write it into a file, and name the file in the setting password"
        raise ConfigError(msg)
    return parts


def _port(parts: SplitResult) -> int:
    try:
        return parts.port or 0
    except ValueError:
        raise ConfigError("its port is no number from 1 to 65535: postgresql://user@host:5432/name") from None


def _options(parts: SplitResult, known: tuple[str, ...]) -> dict[str, str]:
    found = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    strange = sorted(found.keys() - set(known))
    if strange:
        msg = f"there is no option {strange[0]!r} here; {', '.join(known) or 'none'} may stand behind the ?"
        raise ConfigError(msg)
    return found


def _encrypted(said: str, *, here: bool) -> bool:
    if said not in ("", "verify", "off"):
        raise ConfigError(f"tls={said} is unknown: write tls=verify or tls=off")
    return said == "verify" or (not said and not here)


def password_of(setting: str) -> str:
    """The password.

    Args:
        setting: an absolute path, or "credential:NAME"; "" is no password.

    Raises:
        StoreError: the file cannot be read, everybody can read it, or there is no password in it.
    """
    if not setting:
        return ""
    path = _file(setting)
    try:
        found = content(path, LONGEST + 2)
    except OpenToAll:
        raise StoreError(f"every user of this host can reach the password: chmod 0640 {path}", retry=True) from None
    except OSError as error:
        remedy = "give it to the user gatepost runs as, or correct the setting password"
        raise StoreError(f"the password cannot be read: {path}: {error.strerror}; {remedy}", retry=True) from None
    return _text(found, path)


def _file(setting: str) -> Path:
    try:
        return located(setting)
    except LookupError:
        msg = f"{setting}: gatepost was not started with credentials; add LoadCredential= to its unit, or name a file"
        raise StoreError(msg, retry=True) from None


def _text(found: bytes, path: Path) -> str:
    try:
        text = found.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        text = ""
    if not text or len(found) > LONGEST or not text.isprintable():
        raise StoreError(f"{path} is no password: one line of at most {LONGEST} octets is one", retry=True)
    return text
