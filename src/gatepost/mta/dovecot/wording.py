"""What all of Dovecot's lines have in common: levels, and reasons for passing over a line."""

LEVEL = r"(?:(?:Debug|Info|Warning|Error|Fatal|Panic): )?"
"""Dovecot's own files name the level of each line; syslog's do not."""

AGAIN = "a failed login that was told before"
NO_LOGIN = "a session in which nobody logged in"
NEXT = "a failed look-up with another password database to be asked"
SERVER = "a mailbox session, a delivery or the server itself"
AUTH = "the auth process, without a failed login"
TOO_LONG = "longer than any line Dovecot writes"
OTHER = "not one of Dovecot's lines"

MAX_TEXT = 8192
"""Characters of a line: names are cut at 64 or 80, logged passwords at 1024, a relay's reply at some hundred."""
