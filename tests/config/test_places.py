"""places.py: where each key of a TOML text stands."""

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepost.config.places import Path, Places, spoken

TEXT = '''\
# comment with [brackets] and "quotes
title = "a # b"
many = [
  1, # one ]
  [ 2, 3 ],

  """four
five""",
]

[a."b.c"]
x = { y = 1, z = [ "}", ']' ] }
dotted.key = 'lit\\'

[[list]]
name = "one"
[list.inner]
deep = true
[[list]]
name = "two"
  [[list.more]]
  n = 1
  [[list.more]]
  n = 2
text = \'\'\'
[not.a.table]
n = 3\'\'\'
last = 2026-01-01T00:00:00Z
'''


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (("title",), 2),
        (("many",), 3),
        (("many", 0), 4),
        (("many", 1), 5),
        (("many", 1, 1), 5),
        (("many", 2), 7),
        (("a", "b.c"), 11),
        (("a", "b.c", "x"), 12),
        (("a", "b.c", "x", "z", 1), 12),
        (("a", "b.c", "dotted", "key"), 13),
        (("list", 0), 15),
        (("list", 0, "name"), 16),
        (("list", 0, "inner", "deep"), 18),
        (("list", 1, "name"), 20),
        (("list", 1, "more", 1, "n"), 24),
        (("list", 1, "more", 1, "last"), 28),
        (("list", 1, "missing"), 19),
        (("nothing",), 1),
    ],
)
def test_every_key_has_its_line(key: Path, line: int) -> None:
    """Tables, lists of tables, inline tables, items and dotted keys stand where they are written."""
    assert Places(TEXT).line(key) == line


def leaves(value: Any, key: Path = ()) -> list[Path]:
    """Every key of a TOML value."""
    found: list[Path] = [key] if key else []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in pairs:
        found += leaves(item, (*key, name))
    return found


def test_no_key_is_passed_over() -> None:
    """Whatever tomllib reads from a text, the scanner has seen; so no mistake falls back to a table."""
    places = Places(TEXT)
    keys = leaves(tomllib.loads(TEXT))
    assert [
        key for key in keys if key not in places._lines and key not in (("list",), ("a",), ("list", 1, "more"))
    ] == []


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_the_scanner_ends_on_any_text(text: str) -> None:
    """A text that is no TOML gives some line or other, never an exception and never an endless loop."""
    assert Places(text).line(("x",)) >= 1


def test_keys_are_spoken_as_they_are_written() -> None:
    """A key is shown the way an operator writes it."""
    assert spoken(("account", "ann@example.org", "senders", 0)) == 'account."ann@example.org".senders[0]'
    assert spoken(("source", 0, "zone")) == "source[0].zone"
    assert spoken(("a", 'b"c')) == 'a."b\\"c"'
