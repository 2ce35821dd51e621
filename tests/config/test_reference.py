"""reference.py: the page of all settings says what the program does."""

import tomllib
from pathlib import Path

import pytest
from msgspec import Struct
from msgspec.structs import fields

from gatepost.config import reference, settings
from gatepost.detect import KINDS

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
STRUCTS = [kind for _, _, kind in reference.BLOCKS] + list(KINDS.values())


def test_the_page_is_that_of_the_program() -> None:
    """docs/settings.md is what `python -m gatepost.config.reference` prints."""
    assert PAGE.read_text() == reference.page(), "run: python -m gatepost.config.reference > docs/settings.md"


@pytest.mark.parametrize("kind", STRUCTS, ids=lambda kind: kind.__name__)
def test_every_setting_has_a_row(kind: type[Struct]) -> None:
    """No field of a block is left out of its table, and every one has a meaning."""
    rows = reference.table(kind).splitlines()[2:]
    assert [row.split("`")[1] for row in rows] == [field.encode_name for field in fields(kind)]
    assert all(len(row.split(" | ")[-1]) > 3 for row in rows)


def test_every_table_of_the_configuration_has_a_heading() -> None:
    """Whatever can stand in a file is on the page."""
    assert all(f"[{name}" in reference.page() for name in reference.TABLES)
    assert {field.name for field in fields(settings.Settings)} == {"mode", "tag", *reference.TABLES}


@pytest.mark.parametrize("kind", STRUCTS, ids=lambda kind: kind.__name__)
def test_defaults_are_toml(kind: type[Struct]) -> None:
    """A default is shown as it can be written into the file."""
    for field in fields(kind):
        if not field.required:
            default = field.default_factory() if callable(field.default_factory) else field.default
            if default is not None:
                tomllib.loads(f"x = {reference.written(default)}")
