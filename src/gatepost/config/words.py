"""Single words of a configuration: domains, addresses, networks, names, modes.

Each function gives what is wrong with one word and the remedy, or None.
"""

import re
from ipaddress import ip_network

from gatepost.config.mistakes import shown
from gatepost.config.zones import load_zone
from gatepost.core.errors import ConfigError
from gatepost.core.units import is_here

Wrong = tuple[str, str] | None
"""Message and remedy."""

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*", re.IGNORECASE)
_LOCAL_USER = re.compile(r"!?[a-z0-9_.$*?-]{1,64}")
_LOCAL = re.compile(r'[^\x00-\x20\x7f"(),:;<>@\[\]\\]{1,64}')
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_UNIT = re.compile(r"[A-Za-z0-9:_.\\@-]{1,240}\.(?:service|scope)")
_USER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}|[0-9]{1,10}")
_ROUTE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}:[A-Za-z0-9.:_\[\]-]{0,255}")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,62}: ?[!-~][ -~]{0,200}")
_MODE = re.compile(r"0?[0-7]{3}")
_SUN_PATH = 107
"""Octets of a unix socket's path (unix(7))."""
_SERVER = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})")


def listen(text: str) -> Wrong:
    """An address to listen on."""
    kind, _, rest = text.partition(":")
    if kind == "unix" and rest.startswith("/") and "\0" not in rest and len(rest.encode()) <= _SUN_PATH:
        return None
    if kind == "inet" and _SERVER.fullmatch(rest) and 0 < int(rest.rpartition(":")[2]) < 65536:
        return None
    return f"{shown(text)} is no address to listen on", 'write "unix:/run/gatepost/postfix" or "inet:127.0.0.1:4002"'


def route(text: str) -> Wrong:
    """A transport of Postfix, perhaps with where it delivers to (master(5), access(5): FILTER)."""
    if text == "" or _ROUTE.fullmatch(text):
        return None
    return f"{shown(text)} is no transport", 'write its name in master.cf and a colon, such as "suspects:"'


def header(text: str) -> Wrong:
    """A header that Postfix writes in front of a message (access(5): PREPEND)."""
    if text == "" or _HEADER.fullmatch(text):
        return None
    return f"{shown(text)} is no header", 'write a name, a colon and a value in ASCII, such as "X-Suspect: yes"'


def heard(text: str) -> Wrong:
    """Where syslog arrives."""
    kind, _, rest = text.partition(":")
    if kind == "unix" and listen(text) is None:
        return None
    if kind in ("udp", "tcp", "tls") and listen(f"inet:{rest}") is None:
        return None
    remedy = 'write "tls:192.0.2.1:6514", "tcp:…", "udp:127.0.0.1:514" or "unix:/run/gatepost/log"'
    return f"{shown(text)} is no address to listen on", remedy


def domain(text: str) -> Wrong:
    """A mail domain: example.org; U-labels as A-labels (RFC 5890)."""
    if _DOMAIN.fullmatch(text):
        return None
    if not text.isascii():
        return (
            f"{shown(text)} is no domain as mail servers log it",
            'write its xn-- form, such as "xn--bcher-kva.example"',
        )
    return f"{shown(text)} is no domain", 'write it without "@" and blanks, such as "example.org"'


def address(text: str) -> Wrong:
    """A mailbox (RFC 5321 section 4.1.2, without quoted local parts)."""
    local, at, host = text.rpartition("@")
    if at and _LOCAL.fullmatch(local) and domain(host) is None:
        return None
    return f"{shown(text)} is no mail address", 'write it bare, such as "abuse@example.org"'


def sender(text: str) -> Wrong:
    """What an account may send as: an address, all of a domain, anything."""
    if text == "*" or (text.startswith("*@") and domain(text[2:]) is None) or address(text) is None:
        return None
    return f"{shown(text)} is no sender", 'write "ann@example.org", "*@example.org" or "*"'


def account(text: str) -> Wrong:
    """A login: whatever the mail server logs, but never a pattern."""
    if not text or text != text.strip() or not text.isprintable() or "*" in text:
        return (
            f"{shown(text)} is no login",
            'write it as the log shows it, such as "ann@example.org"; patterns do not work',
        )
    return None


def separator(text: str) -> Wrong:
    """What stands between a user and his detail (Postfix's recipient_delimiter, RFC 5233)."""
    if len(text) == 1 and text.isascii() and text.isprintable() and not text.isalnum() and text not in "@. /\"'":
        return None
    return f"{shown(text)} separates no detail", 'write one character that stands in no user\'s name, such as "+"'


def local_user(text: str) -> Wrong:
    """A local user of a mail server's host, or a pattern of such; "!" leaves him out."""
    if _LOCAL_USER.fullmatch(text):
        return None
    return (
        f"{shown(text)} is no local user",
        'write a name without capitals ("web12"), a number (Postfix), "*" for all or "!root" to leave one out',
    )


def network(text: str) -> Wrong:
    """An address range (RFC 4632, RFC 4291)."""
    try:
        ip_network(text)
    except ValueError:
        return _near_network(text)
    return None


def _near_network(text: str) -> Wrong:
    try:
        meant = ip_network(text, strict=False)
    except ValueError:
        return f"{shown(text)} is no network", 'write "192.0.2.0/24", "192.0.2.7" or "2001:db8::/32"'
    return f"{shown(text)} has bits set behind its prefix", f'did you mean "{meant}"?'


def zone(text: str) -> Wrong:
    """A time zone."""
    try:
        load_zone(text)
    except ConfigError as error:
        message, _, remedy = error.message.partition("; ")
        return message, remedy
    return None


RESERVED = frozenset({"clock", "door", "finding", "operator"})
"""Sources of gatepost's own events (contracts 8): a log of that name would hide them, or they its lines."""


def source(text: str) -> Wrong:
    """The name of a source: part of every citation, and none of our own."""
    if text in RESERVED:
        return f"{shown(text)} is the name of one of gatepost's own sources", "name it after its mail server"
    return name(text)


def name(text: str) -> Wrong:
    """The name of a host or a door."""
    if _NAME.fullmatch(text):
        return None
    return f"{shown(text)} is no name", "write letters, digits, dots, dashes and underscores, at most 64"


def unit(text: str) -> Wrong:
    """A unit of systemd that runs processes (systemd.unit(5))."""
    if _UNIT.fullmatch(text):
        return None
    return f"{shown(text)} is no unit", 'write it in full, such as "postfix@-.service"; systemctl status shows it'


def user(text: str) -> Wrong:
    """A user by name or number."""
    if _USER.fullmatch(text):
        return None
    return f"{shown(text)} is no user", 'write its name or number, such as "postfix"'


def mode(text: str) -> Wrong:
    """An access mode (chmod(1)); never for everybody to write, and its owner must be able to."""
    if not _MODE.fullmatch(text):
        return f"{shown(text)} is no access mode", 'write it in octal, such as "0640"'
    bits = int(text, 8)
    if bits & 0o002:
        return f"{shown(text)} lets every user of this host write the table", 'write "0640" or "0644"'
    if bits & 0o600 != 0o600:
        return f"{shown(text)} keeps the owner from reading or writing the table", 'write "0640" or "0644"'
    return None


def server(text: str) -> Wrong:
    """Where a server listens."""
    found = _SERVER.fullmatch(text)
    if found and 0 < int(found[2]) < 65536:
        return None
    return f"{shown(text)} is no server", 'write host and port, such as "127.0.0.1:25" or "[2001:db8::25]:25"'


def tag(text: str) -> Wrong:
    """The mark in front of our own refusals."""
    if 3 <= len(text) <= 40 and text.isascii() and text.isprintable() and text == text.strip():
        return None
    return f"{shown(text)} is no tag", 'write 3 to 40 printable ASCII characters, such as "[gatepost]"'


def said(text: str) -> Wrong:
    """A sentence in an SMTP reply (RFC 5321 section 4.2)."""
    if 1 <= len(text) <= 200 and text.isascii() and text.isprintable():
        return None
    return f"{shown(text)} cannot be said in an SMTP reply", "write 1 to 200 printable ASCII characters"


def line(text: str) -> Wrong:
    """One line of a letter."""
    if 1 <= len(text) <= 200 and text.isprintable():
        return None
    return f"{shown(text)} is no line of a letter", "write 1 to 200 printable characters"


def service(text: str) -> Wrong:
    """A service of Dovecot's, as it stands in a file's name."""
    if re.fullmatch(r"[a-z0-9-]{1,40}", text):
        return None
    return f"{shown(text)} is no service of Dovecot", 'write such as "smtp", "submission", "sieve", "imap", "pop3"'


def path(text: str) -> Wrong:
    """A file or folder."""
    if text and "\0" not in text:
        return None
    return f"{shown(text)} is no path", "write the path of the file"


def table(text: str) -> Wrong:
    """An own data file, or the word for the bundled one."""
    if text in ("bundled", "none") or "/" in text or "." in text:
        return None
    return f"{shown(text)} is no table", 'write "bundled", "none" or the path of a file, such as "./asn.tsv"'


def loopback(listen: str) -> bool:
    """Whether "127.0.0.1:514" or "inet:[::1]:4002" is reached from this host alone."""
    return is_here(listen.removeprefix("inet:").rpartition(":")[0].strip("[]"))
