"""Nothing registered without a page, nothing configured without a row, no page that says what is not so."""

import re
import tomllib
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent
from typing import get_args, get_type_hints

import pytest
from msgspec.structs import fields
from tests.docs import made
from tests.docs.pages import DOCS, ROOT, anchors, links, named, pages

from gatepost.config.load import load
from gatepost.config.settings import Settings
from gatepost.core.events import Cursor, Instruction
from gatepost.core.evidence import Evidence
from gatepost.core.incident import Incident, Order
from gatepost.detect import KINDS
from gatepost.ledger.familiar import Sets
from gatepost.ledger.page import Page, Pardon
from gatepost.ledger.receivers import Receivers, Trouble
from gatepost.ledger.signals import SIGNALS
from gatepost.ledger.site import Site
from gatepost.mta import DIALECTS
from gatepost.mta.decision import Decision
from gatepost.mta.message import Saved
from gatepost.mta.sent import Sent
from gatepost.store.schema import TABLES
from gatepost.surface.cli import COMMANDS

ACTIONS = ("table", "notify", "hook", "siem", "chat", "customer", "letter", "queue", "sessions")
"""What an [[action]] block may name as its kind, and the letters to customers."""

SOURCES = tuple(str(kind.__struct_config__.tag) for kind in get_args(get_args(get_type_hints(Settings)["source"])[0]))
"""What a [[source]] block may name as its kind."""

STORED = (
    Page, Pardon, Sets, Site, Receivers, Trouble, Saved, Sent, Decision, Incident, Evidence, Order, Cursor, Instruction,
)  # fmt: skip
"""Everything that is written into the state file."""

FORBIDDEN = re.compile(
    r"/work\b|\.\./shared|/root/|/home/(?!ann)|\bhelper\b|\bsession of\b|\bLLM\b|\bagent\b|\bprompt\b"
    r"|(?<!hmail\.)TODO|FIXME|XXX",
    re.I,
)
"""Words that have no business on a page: places of one machine, loose ends (`hmail.todo` is Haraka's own word)."""

ADDRESS = re.compile(r"(?<![\d.])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\d.])")
ALLOWED = re.compile(
    r"192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|127\.0\.0\.|10\.|100\.64\.|198\.18\.|192\.168\.|0\.0\.0\.0"
)


@pytest.mark.parametrize("page", pages(), ids=named)
def test_made_parts_are_those_of_the_program(page: Path) -> None:
    """Tables of settings, signals, options and commands are what the program has now."""
    assert made.renewed(page.read_text()) == page.read_text(), "run: .venv/bin/python -m tests.docs.made"


@pytest.mark.parametrize("kind", KINDS)
def test_every_detector_has_a_page(kind: str) -> None:
    """A detector's page has its settings, its blind spots, and what to do when it is wrong."""
    text = (DOCS / "detectors" / f"{kind}.md").read_text()
    assert f"<!-- made: detector {kind} -->" in text
    assert "## Blind spots" in text and "## When it is wrong" in text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_page(name: str) -> None:
    """A command's page names the command and its exit codes."""
    text = (DOCS / "commands" / f"{name}.md").read_text()
    assert text.startswith(f"# gatepost {name}\n") and "exit code" in text.lower()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_on_its_commands_page(name: str) -> None:
    """No option is left out."""
    text = (DOCS / "commands" / f"{name}.md").read_text()
    found = made.command(name)
    assert found is not None
    spelt = [max(option.opts, key=len) for option in found.params if option.param_type_name == "option"]
    assert [option for option in spelt if f"{option}" not in text] == []


@pytest.mark.parametrize("name", ACTIONS)
def test_every_action_has_a_page(name: str) -> None:
    """An action's page says what to do when it is wrong."""
    assert "## When it is wrong" in (DOCS / "actions" / f"{name}.md").read_text()


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_has_a_page(name: str) -> None:
    """A source's page says what survives a crash, and what to do when it is wrong."""
    text = (DOCS / "sources" / f"{name}.md").read_text()
    assert f'kind = "{name}"' in text
    assert "## After a crash" in text and "## When it is wrong" in text


@pytest.mark.parametrize("name", DIALECTS)
def test_every_dialect_has_a_page(name: str) -> None:
    """A mail server's page says what its log must hold and how to take gatepost out again."""
    text = (DOCS / "mta" / f"{name}.md").read_text()
    assert "## What the log must say" in text and "## When it is wrong" in text


def test_every_signal_has_a_row() -> None:
    """The table of signals holds all of them."""
    text = (DOCS / "signals.md").read_text()
    assert [name for name in SIGNALS if f"| `{name}` |" not in text] == []


def test_every_stored_field_is_told() -> None:
    """docs/privacy.md names every column of the state and every field of what is packed into them."""
    text = (DOCS / "privacy.md").read_text()
    columns = re.findall(r"^CREATE TABLE IF NOT EXISTS (\w+) \((.*?)\)(?: WITHOUT ROWID)?;", TABLES, re.S | re.M)
    told = set(re.findall(r"`(\w+)`", text))
    assert len(columns) == 15 and {name for name, _ in columns} <= told
    words = {part.split()[0] for _, body in columns for part in re.sub(r"\([^)]*\)", "", body).split(",")}
    wanted = {word for word in words if word.islower()}
    wanted |= {field.encode_name for kind in STORED for field in fields(kind)}
    assert sorted(wanted - told) == [], "name them in docs/privacy.md"


@pytest.mark.parametrize("page", pages(), ids=named)
def test_every_link_leads_somewhere(page: Path) -> None:
    """A link inside the repository leads to a file that is there, and to a heading it has."""
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} leads nowhere"
        if anchor:
            assert anchor in anchors(target), f"{link}: there is no such heading"


def test_every_page_can_be_found() -> None:
    """From README.md and docs/index.md every page of docs/ can be reached."""
    todo, seen = [ROOT / "README.md", DOCS / "index.md"], set[Path]()
    while todo:
        page = todo.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        todo += [(page.parent / link.partition("#")[0]).resolve() for link in links(page) if "://" not in link]
    assert sorted(named(page) for page in DOCS.rglob("*.md") if page not in seen) == []


@pytest.mark.parametrize("page", pages(), ids=named)
def test_examples_use_addresses_for_examples(page: Path) -> None:
    """No page names a network that may be somebody's, or a place on somebody's machine."""
    text = page.read_text()
    assert [found for found in ADDRESS.findall(text) if not ALLOWED.match(found)] == []
    assert FORBIDDEN.findall(text) == []


def _settings(page: Path) -> list[str]:
    """Configurations in fences, and those that a shell writes into a file."""
    text = page.read_text()
    written = re.findall(r"^    cat >\S+\.toml <<'END'\n(.*?)^    END$", text, re.M | re.S)
    return re.findall(r"^```toml\n(.*?)^```$", text, re.M | re.S) + [dedent(found) for found in written]


def test_every_generator_is_there() -> None:
    """What CONTRIBUTING.md says to run is a module or a file of this repository."""
    rows = re.findall(
        r"^\| .* \| `python (?:-m ([\w.]+)|(\S+\.py))[^`]*` \|$", (ROOT / "CONTRIBUTING.md").read_text(), re.M
    )
    assert len(rows) >= 4
    for module, file in rows:
        assert find_spec(module) if module else (ROOT / file).is_file(), f"{module}{file} is not there"


def test_the_first_configuration_is_found() -> None:
    """README.md writes a configuration with one source."""
    (text,) = _settings(ROOT / "README.md")
    assert [source["kind"] for source in tomllib.loads(text)["source"]] == ["tail"]


@pytest.mark.parametrize("page", [page for page in pages() if _settings(page)], ids=named)
def test_every_piece_of_configuration_is_valid(page: Path, tmp_path: Path) -> None:
    """What a page shows as configuration loads without a mistake."""
    for text in _settings(page):
        tomllib.loads(text)
        file = tmp_path / "gatepost.toml"
        file.write_text(text)
        load(file)
