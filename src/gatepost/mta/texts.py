"""How much is kept of texts in records that can hold any character."""

MAX_NAME = 320
"""Characters of a login, 64 + 1 + 255: RFC 5321 section 4.5.3.1."""

MAX_HELO = 255

MAX_ADDRESS = 1024
"""Characters of a mail address, far more than any server accepts."""
