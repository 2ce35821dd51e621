"""Passwords that servers write into their logs, taken out.

Owns how a line is shown that may hold one. Everything behind a mark is dropped, because a password may hold anything,
also the end of its own quotation. Dialects never put what stands there into a Record; `hidden` is for whoever shows a
line as it was written: samples of unread lines, a doctor's example.
Source: Dovecot settings auth_verbose_passwords and auth_debug_passwords; Courier authlib's DEBUG_LOGIN; Courier's
courieresmtpd and KumoMTA, which log the command that failed.
"""

import re

MARK = "…"
"""What stands for everything behind it."""

_BEFORE = re.compile(
    r"given password: ?"
    r"|\b(?:clear)?passw(?:or)?d=(?!\*)"
    r"|resp=(?!<hidden>)"
    r"|(?<![a-z])pass=(?!<hidden>)"
    r"|\bcmd: "
    r'|"command": ?"'
    r"|\b(?:PLAIN|CRYPT|SSHA|SHA|MD5|LOGIN)[A-Z0-9.-]{0,24}\("
    r"|\bAUTH(?:ENTICATE)? (?:PLAIN|LOGIN) ",
    re.IGNORECASE,
)


def hidden(line: str) -> str:
    """The line up to the first place where a password may stand; the line itself when there is none."""
    found = _BEFORE.search(line)
    return line if found is None else line[: found.end()] + MARK
