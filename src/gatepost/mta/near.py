"""Which addresses are this host's or a private network's.

Owns the answer to "may a filter of ours stand there": strangers cannot have such an address.
Source: RFC 1918, RFC 4193, RFC 3927, RFC 4291 sections 2.5.3 and 2.5.6.
"""

import re

_NEAR = re.compile(
    r"127\.|10\.|192\.168\.|172\.(?:1[6-9]|2[0-9]|3[01])\.|169\.254\.|::1\Z|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:"
    r"|::ffff:(?:127\.|10\.|192\.168\.)",
    re.IGNORECASE,
)


def near(address: str) -> bool:
    """Whether an IP address is on this host or in a private network."""
    return _NEAR.match(address) is not None
