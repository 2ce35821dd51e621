"""The snippets of the operator's page about Exim, ready for a real one.

Owns the reading of `<!-- snippet: name -->` marks, so that the tests try what the operator copies.
"""

import re
from pathlib import Path

from tests.live.exim import Rules

PAGE = Path(__file__).parents[2] / "docs/mta/exim.md"
SNIPPET = re.compile(r"<!-- snippet: ([a-z-]+) -->\n```exim\n(.*?)```\n", re.DOTALL)


def snippets() -> dict[str, str]:
    """Every marked snippet of the page, by its name."""
    return dict(SNIPPET.findall(PAGE.read_text()))


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
