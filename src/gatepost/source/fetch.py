"""A published file, fetched once: bounded in size and time.

Errors are SourceErrors that name the address and the remedy.
"""

from http.client import HTTPException
from urllib.error import URLError
from urllib.request import Request, urlopen

from gatepost.core.errors import SourceError

MOST = 256 << 20
"""Octets of one file."""

PATIENCE = 60.0
"""Seconds that a server may be silent."""


def fetch(url: str, most: int = MOST) -> bytes:
    """What stands at an address (RFC 9110).

    Args:
        url: begins with https://, or http:// for a server of your own.
        most: octets; more are refused.

    Raises:
        SourceError: nobody answers, the answer is none, or it is too long.
    """
    try:
        with urlopen(Request(url, headers={"User-Agent": "gatepost"}), timeout=PATIENCE) as answer:
            content = bytes(answer.read(most + 1))
    except (URLError, HTTPException, OSError, ValueError) as error:
        reason = getattr(error, "reason", "") or error
        msg = f"{url}: cannot be fetched: {reason}; fetch it elsewhere and use --from"
        raise SourceError(msg, retry=True) from error
    if len(content) > most:
        msg = f"{url}: is longer than {most >> 20} MiB, and was left"
        raise SourceError(msg)
    return content
