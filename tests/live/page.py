"""The snippets of the operators' pages, ready for a real server.

Owns the reading of `<!-- snippet: name -->` marks, so that the tests try what the operator copies.
"""

import re
from pathlib import Path

from tests.live.exim import Rules
from tests.live.postfix import Cuts

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "mta/exim.md"
POSTFIX = DOCS / "mta/postfix.md"
DOOR = DOCS / "doors/exim.md"
DOVECOT = DOCS / "mta/dovecot.md"
POLICY = DOCS / "doors/dovecot.md"
TLS = DOCS / "doors/tls.md"
SNIPPET = re.compile(r"<!-- snippet: ([a-z-]+) -->\n```(?:exim)?\n(.*?)```\n", re.DOTALL)


def snippets(page: Path = PAGE) -> dict[str, str]:
    """Every marked snippet of a page, by its name."""
    return dict(SNIPPET.findall(page.read_text()))


def rules(table: Path, form: str, way: str) -> Rules:
    """The page's access control for one form of the table and one of its three ways.

    Args:
        table: the file or folder, in place of the page's example.
        form: "lsearch" or "dsearch".
        way: "refuse", "freeze" or "auth".
    """
    text = snippets()
    main = re.sub(r"(?m)^GATEPOST_TABLE = .*$", f"GATEPOST_TABLE = {table}", text[f"main-{form}"])
    acls = text[f"acl-{form}"]
    if way == "refuse":
        return Rules(main=main, acls=acls, mail=text["refuse"], rcpt=text["refuse"], data=text["refuse"])
    if way == "freeze":
        return Rules(main=main, acls=acls, data=text["freeze"])
    return Rules(main=main, acls=acls, condition=text[f"auth-{form}"].strip())


def asking(socket: Path, wait: str = "1s", way: str = "") -> Rules:
    """The page's access control that asks at every stage.

    Args:
        socket: of the door, in place of the page's example.
        wait: the longest wait for an answer.
        way: "auth" refuses logins too, "keep" keeps instead of refusing, "exit" sends suspects out by another address,
            "verify" looks whether recipients exist, "tell" says what becomes of them, "local" asks about local users,
            "relay" about clients without login, "predata" asks before a message is read too.
    """
    text = snippets(DOOR)
    main = re.sub(r"(?m)^GATEPOST_SOCKET = .*$", f"GATEPOST_SOCKET = {socket}", text["door-main"])
    main = re.sub(r"(?m)^GATEPOST_WAIT = .*$", f"GATEPOST_WAIT = {wait}", main)
    main += text[f"door-{way}-main"] if way in ("tell", "local", "relay", "predata") else ""
    acls = text["door-acl"] + (text[f"door-{way}-acl"] if way in ("local", "predata") else "")
    if way == "keep":
        acls = re.sub(r"(?s)  deny  .*?(?=  defer )", lambda _: text["door-keep"], acls, count=1)
    if way == "exit":
        acls = re.sub(r"(?<=s\n)(?=  warn   condition = [^\n]*\^hold)", lambda _: text["door-exit-acl"], acls, count=1)
    return Rules(
        main=main,
        acls=acls,
        mail=text["door-mail"],
        rcpt=text[{"verify": "door-verify", "relay": "door-relay-rcpt"}.get(way, "door-rcpt")],
        data=text["door-data"],
        relays="192.0.2.0/24" if way == "relay" else "",
        transport=text[f"door-{way}-transport"] if way in ("exit", "tell") else "",
        condition=text["door-auth"].strip() if way == "auth" else "PASSWORD_IS_RIGHT",
    )


def cuts(table: Path, form: str) -> Cuts:
    """The page's access control for Postfix, with a submission service that has a list of its own.

    Args:
        table: in place of the page's example.
        form: "hash", "lmdb" or "cdb".
    """
    text = snippets(POSTFIX)
    main = (text["main"] + text["mua"]).replace("lmdb:/etc/postfix/gatepost/deny", f"{form}:{table}")
    return Cuts(main=main, submission=("smtpd_sender_restrictions=$mua_sender_restrictions",))


def denied(table: Path) -> str:
    """The page's block for Dovecot 2.3, for files whose names begin so."""
    return snippets(DOVECOT)["deny"].replace("/etc/dovecot/gatepost/deny", str(table))


def policy(port: int, file: Path) -> str:
    """The page's lines for a Dovecot that asks at a port on loopback, with the secret in a file."""
    text = snippets(POLICY)["policy"].replace("127.0.0.1:4001", f"127.0.0.1:{port}")
    return text.replace("/etc/dovecot/gatepost-secret.conf", str(file))


def reports() -> str:
    """The page's lines for a Dovecot that tells which passwords failed."""
    return snippets(POLICY)["policy-reports"]


def keyed(secret: str) -> str:
    """The page's line with the secret, with another in place of the page's."""
    return re.sub(r"(?<=X-API-Key: ).*", secret, snippets(POLICY)["policy-secret"])
