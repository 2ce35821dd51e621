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
DOVECOT = DOCS / "mta/dovecot.md"
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
