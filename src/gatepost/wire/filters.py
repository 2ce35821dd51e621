"""LDAP filters: values in them stay values (RFC 4515)."""

import re

_PLAIN = re.compile(r"[A-Za-z0-9]")


def escaped(value: str) -> str:
    r"""A value as it may stand in a filter: everything but letters and digits as "\2a" (RFC 4515 section 3).

    Args:
        value: text; surrogates stand for octets that are no UTF-8.
    """
    return "".join(char if _PLAIN.match(char) else _octets(char) for char in value)


def _octets(char: str) -> str:
    return "".join(f"\\{octet:02x}" for octet in char.encode("utf-8", "surrogateescape"))
