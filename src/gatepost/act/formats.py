"""Which form of a deny table a format is: the only place that knows all of them."""

from collections.abc import Sequence
from pathlib import Path

from gatepost.act.durable import Owner
from gatepost.act.forms import File, Folder, Form
from gatepost.act.keys import Format
from gatepost.act.listed import Listed
from gatepost.act.mapped import Mapped

ANSWER = "REJECT 5.7.1 {}"
"""Postfix sends 554 with it (access_map_reject_code); RFC 3463 section 3.8, X.7.1: delivery not authorized."""


def form_of(form: Format, path: Path, owner: Owner, deny: str = "", services: Sequence[str] = ()) -> Form:
    """The table of a format at a place.

    Args:
        form: of the table.
        path: as configured.
        owner: who may read it.
        deny: what Postfix says, tag included; for hash, lmdb and cdb.
        services: of Dovecot; for passwd-file.
    """
    if form == "lsearch":
        return File(path, owner)
    if form == "dsearch":
        return Folder(path, owner)
    if form == "passwd-file":
        return Listed(path, owner, services)
    return Mapped(path, owner, form, ANSWER.format(deny))
