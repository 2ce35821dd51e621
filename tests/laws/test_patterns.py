"""Every regular expression of the package means the same in every Python that it runs on.

A possessive quantifier on a group is misread before 3.11.5 (gh-106052); an atomic group is not. On a single character
both are right.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import gatepost

SOURCES = Path(gatepost.__file__).parent
parser = re._parser  # type: ignore[attr-defined]
SINGLE = {parser.LITERAL, parser.NOT_LITERAL, parser.IN, parser.ANY}

RECORD = """
import importlib, pkgutil, re, sys
import gatepost
seen, compile = [], re._compiler.compile
def record(pattern, flags=0):
    seen.append((pattern, int(flags)))
    return compile(pattern, flags)
re._compiler.compile = record
ours = [found.name for found in pkgutil.walk_packages(gatepost.__path__, "gatepost.")]
for name in ours:
    if not name.endswith("__main__"):
        importlib.import_module(name)
from gatepost.enrich.bounces import classifier
classifier().explain("550 5.1.1 user unknown")
print(len(ours))
for pair in seen:
    if isinstance(pair[0], str):
        print(repr(pair))
"""
"""Imports every module, with the compiler of patterns overheard, and reads the rules about refusals."""


def possessive(pattern: str, flags: int = 0) -> bool:
    """Whether a group of it has a possessive quantifier."""
    return any(_groups(parser.parse(pattern, flags)))


def _groups(part: object) -> Iterator[bool]:
    if isinstance(part, parser.SubPattern):
        for step, what in part:
            if step is parser.POSSESSIVE_REPEAT:
                yield len(what[2]) != 1 or what[2][0][0] not in SINGLE
            yield from _groups(what)
    elif isinstance(part, (tuple, list)):
        for inner in part:
            yield from _groups(inner)


@pytest.mark.parametrize(
    ("pattern", "is_one"),
    [
        (r"[^ ]++x*+\d{1,3}+", False), (r"(?>(?:ab|c)*)d", False), (r"(?:ab)*+", True), (r"x(?:a|bc)?+y", True),
        (r"(?:x(?=(?:ab){2,3}+))*", True), (r"(?:a|(b(?:cd)++))", True),
    ],
)  # fmt: skip
def test_possessive_groups_are_found(pattern: str, is_one: bool) -> None:
    """At any depth; single characters and atomic groups are none."""
    assert possessive(pattern) is is_one


def test_no_group_is_possessive() -> None:
    """Whatever the modules compile when they are imported, and whatever rules about refusals become."""
    told = subprocess.run([sys.executable, "-c", RECORD], capture_output=True, text=True, timeout=60, check=True)
    modules, *patterns = told.stdout.splitlines()
    assert int(modules) > 100 and len(patterns) > 100
    assert [pattern for pattern, flags in map(ast.literal_eval, patterns) if possessive(pattern, flags)] == []


def test_no_pattern_is_written_where_it_is_not_seen() -> None:
    """A text handed to `re` within a function has no possessive quantifier at all: it is compiled when it is called."""
    found = [
        f"{path.relative_to(SOURCES)}:{text.lineno}"
        for path in SOURCES.rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
        if isinstance(call.func.value, ast.Name) and call.func.value.id == "re"
        for text in ast.walk(call)
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
        if re.search(r"(?<!\\)[*+?}]\+", text.value)
    ]
    assert found == []
