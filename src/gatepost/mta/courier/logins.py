"""Courier's logins: IMAP, POP3, web mail, and failed ones over SMTP.

Owns the client and the name in them. On failed logins of IMAP and POP3 the name that was typed stands in front of the
client, so these lines are read from their end. Over SMTP the command stands on the line, with a password in it: of that
nothing is kept but a name that Courier itself added and the command confirms.
Source: courier-imap imap/imaplogin.c, imap/pop3login.c; courier-sqwebmail; courier module.esmtp/esmtpd.c.
"""

import base64
import binascii
import re

from gatepost.mta.addresses import ADDRESS, plain
from gatepost.mta.base import Record

SESSION = "the beginning or end of a session"

_GOOD = re.compile(
    rf"LOGIN, user=(.*), ip=\[({ADDRESS})\](?:, port=\[[0-9]{{1,5}}\])?(?:, protocol=([A-Z0-9]{{1,8}}))?"
    r"(?P<tls>, s?(?:tart)?tls=1)?",
    re.DOTALL,
)
_BAD = re.compile(
    rf"LOGIN FAILED, (?:user=(.*)|method=([A-Za-z0-9_-]{{0,32}})), ip=\[({ADDRESS})\](?:, port=\[[0-9]{{1,5}}\])?",
    re.DOTALL,
)
_COMMAND = re.compile(
    r"AUTH ((?:PLAIN|LOGIN|EXTERNAL|(?:CRAM|DIGEST)-[A-Z0-9]{1,10}))(?: ([A-Za-z0-9+/=]{1,20}))?(?: (.*))?", re.DOTALL
)


def read_login(program: str, text: str) -> Record:
    """Read a line of the IMAP, POP3 or web mail server."""
    protocol = "pop3" if "pop3" in program else "imap" if "imap" in program else "webmail"
    good = _GOOD.fullmatch(text)
    if good is not None:
        return Record(
            kind="login",
            ok=True,
            account=good[1] or None,
            client=plain(good[2]),
            tls=program.endswith("-ssl") or good["tls"] is not None,
            protocol=protocol,
        )
    bad = _BAD.fullmatch(text)
    if bad is None:
        return Record(kind="ignored", why=SESSION)
    return Record(
        kind="login",
        ok=False,
        account=bad[1] or None,
        mechanism=bad[2] or "",
        client=plain(bad[3]),
        tls=program.endswith("-ssl"),
        protocol=protocol,
    )


def read_refused(client: str, command: str) -> Record:
    """Read a failed login over SMTP.

    Args:
        client: the address the line names.
        command: what stands behind "cmd: ": the mechanism, twenty characters of the answer, and the name.
    """
    found = _COMMAND.fullmatch(command)
    name = _confirmed(found[2] or "", found[3] or "") if found else ""
    mechanism = found[1] if found else ""
    return Record(kind="login", ok=False, account=name or None, client=client, mechanism=mechanism, protocol="smtp")


def _confirmed(answer: str, name: str) -> str:
    """The name Courier added to the command; "" when it could be a part of the answer, and so a password.

    An answer is base64: of PLAIN it begins with two names, of LOGIN with one.
    """
    if not name:
        return ""
    if not answer:
        return name if "@" in name and " " not in name else ""
    try:
        decoded = base64.b64decode(answer[: len(answer) // 4 * 4]).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""
    parts = decoded.split("\0")[:2]
    return name if any(part and name.startswith(part) for part in parts) else ""
