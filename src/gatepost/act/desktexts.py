"""Texts of letters to the abuse desk: ours, or the operator's own. The subject is always ours: people sort by it."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from string import Template

from gatepost.act.wording import template, written

KINDS: Mapping[str, frozenset[str]] = {
    "notice": frozenset(
        {"account", "account_word", "incident", "incident_word", "level", "score", "since", "opened", "out_before"}
        | {"out_after", "evidence", "messages", "done"}
    ),
    "digest": frozenset({"number", "incidents"}),
    "alarm": frozenset({"subject", "lines"}),
}
"""The letters there are, and what each may name."""

Texts = Mapping[str, Template]


def texts(folder: str = "") -> Texts:
    """Every letter: the operator's where the folder has one of that name, else ours.

    Raises:
        ConfigError: one of the operator's cannot be read, or says something that means nothing.
    """
    return {kind: _own(Path(folder, f"{kind}.txt"), kind) if folder else _ours(kind) for kind in KINDS}


def _own(path: Path, kind: str) -> Template:
    found = written(path)
    return template(found, str(path), KINDS[kind]) if found is not None else _ours(kind)


def _ours(kind: str) -> Template:
    return Template(files("gatepost.act").joinpath("letters", f"{kind}.txt").read_text("utf-8"))
