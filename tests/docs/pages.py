"""The pages as texts: which there are, what stands in their fences, where their links lead."""

import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"^```.*?^```$|^(?: {4}).*$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


class Example(Struct, frozen=True):
    """One command of a console example and what the page says it prints."""

    page: str
    command: str
    """Without the prompt."""
    output: tuple[str, ...]
    """Lines; "…" stands for lines left out."""


def pages() -> list[Path]:
    """Every page: those of docs/ and those beside it."""
    return sorted((*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *ROOT.glob("examples/**/*.md")))


def named(path: Path) -> str:
    """A page as the repository calls it."""
    return str(path.relative_to(ROOT))


def examples(path: Path) -> Iterator[Example]:
    """The commands after `$ gatepost` in a page's fences, in their order."""
    for _, text in _FENCE.findall(path.read_text()):
        command, output = "", list[str]()
        for line in text.splitlines():
            if line.startswith("$ "):
                if command:
                    yield Example(named(path), command, tuple(output))
                command, output = line[2:].strip(), []
            else:
                output.append(line.rstrip())
        if command:
            yield Example(named(path), command, tuple(output))


def links(path: Path) -> list[str]:
    """Where a page's links lead, those inside code left out."""
    return _LINK.findall(_CODE.sub("", path.read_text()))


def anchors(path: Path) -> set[str]:
    """The headings of a page as GitHub names them in links."""
    words = (heading.strip().lower() for heading in _HEADING.findall(path.read_text()))
    return {re.sub(r"[^\w\- ]", "", text).replace(" ", "-") for text in words}
