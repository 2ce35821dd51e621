"""Client addresses as servers write them.

Owns the pattern of an address inside a line, and the one spelling under which an address is known.
Source: RFC 4291 section 2.2; section 2.5.5.2 for IPv4 addresses written as IPv6 ones.
"""

ADDRESS = r"(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f:]{0,39}:[0-9A-Fa-f:.]{1,39})"
"""An IPv4 or IPv6 address; whether its numbers are in range is not looked at."""

_MAPPED = "::ffff:"


def plain(address: str) -> str:
    """The address without the mark of a socket that speaks both: "::ffff:192.0.2.7" is "192.0.2.7"."""
    return address[len(_MAPPED) :] if address[: len(_MAPPED)].lower() == _MAPPED and "." in address else address
