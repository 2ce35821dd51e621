"""Addresses of the web, as the operator writes them (RFC 3986, RFC 9110 section 4.2)."""

from urllib.parse import urlsplit

from msgspec import Struct

from gatepost.core.units import is_here


class Url(Struct, frozen=True):
    """Where a POST goes."""

    tls: bool
    host: str
    port: int
    target: str
    """Path and query."""

    @property
    def local(self) -> bool:
        """Whether it names this host itself."""
        return is_here(self.host)

    @property
    def authority(self) -> str:
        """Host and port, as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"


def url_of(text: str) -> Url:
    """Read "https://hooks.example.org/gatepost".

    Raises:
        ValueError: it is none, or has a user, a password or a fragment.
    """
    remedy = 'write such as "https://hooks.example.org/gatepost"'
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise ValueError(f"it holds what no address of the web does; {remedy}")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"it is no address of the web ({error}); {remedy}") from error
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0:
        raise ValueError(f"it is no address of the web; {remedy}")
    if "@" in parts.netloc or parts.fragment:
        raise ValueError(f"users, passwords and fragments have no place in it; {remedy}")
    tls = parts.scheme == "https"
    query = f"?{parts.query}" if parts.query else ""
    return Url(tls, parts.hostname, port or (443 if tls else 80), (parts.path or "/") + query)
