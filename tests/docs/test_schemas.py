"""docs/schemas/: valid, used by a page, and kept by what the commands really print."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.docs.desk import LOG, copied, furnish, inside, run
from tests.docs.pages import DOCS

SCHEMAS = sorted((DOCS / "schemas").glob("*.json"))

PRINTED = {
    "replay.json": (f"gatepost replay --format jsonl {LOG}",),
    "replay-totals.json": (f"gatepost replay --format json {LOG}",),
    "replay-compare.json": (f"gatepost replay {LOG} --compare examples/other.toml --format json",),
    "report-shadow.json": (f"gatepost report shadow {LOG} --config examples/shadow.toml --format json",),
    "requests.json": ("gatepost requests --format json",),
    "audit.json": ("gatepost audit --format json",),
    "incidents.json": ("gatepost incidents --all --format json", "gatepost enforce --dry-run --format json"),
    "explain.json": (
        "gatepost explain dan@example.test --format json",
        f"gatepost explain dan@example.test {LOG} --format json",
        f"gatepost explain ann@example.org {LOG} --with volume.least=20 --format json",
    ),
    "orders.json": (
        "gatepost block ann@example.org --reason test --format json",
        "gatepost confirm ann@example.org --format json",
        "gatepost exempt ben@example.test --for 2d --reason test --format json",
        "gatepost release ann@example.org --honest --format json",
    ),
    "export.json": ("gatepost export dan@example.test",),
    "check.json": ("gatepost check --format json",),
    "doctor.json": ("gatepost doctor --offline --format json",),
    "bounce.json": (
        'gatepost bounce --format json "550 5.1.1 user unknown"',
        'gatepost bounce --format jsonl "550 nothing known"',
    ),
    "recipients.json": ("gatepost recipients tina@example.test --format json",),
    "queue.json": (
        "gatepost queue dan@example.test --config queue.toml --format json",
        "gatepost queue dan@example.test --config queue.toml --delete --dry-run --format json",
    ),
    "ingest.json": ("gatepost ingest examples/reports/failure.eml examples/reports/complaint.eml --format jsonl",),
    "tune.json": (f"gatepost tune {LOG} --false-blocks-per-month 20 --format json",),
    "xarf.json": (f"gatepost report xarf dan@example.test#1 {LOG}",),
    "parse.json": (f"gatepost parse --format jsonl {LOG}",),
}
"""Commands whose output each schema describes."""

POSTED = ("hook.json",)
"""What goes to other programs; tests of that action hold it to its schema."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk that acts."""
    folder = tmp_path_factory.mktemp("schemas")
    return copied(furnish(folder / "learnt"), folder / "desk", "enforce")


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.name)
def test_schemas_are_schemas(schema: Path) -> None:
    """Every file is a valid schema, and its references lead to something."""
    found = json.loads(schema.read_text())
    jsonschema.Draft202012Validator.check_schema(found)
    wanted = set(found.get("$defs", {}))
    assert all(ref.removeprefix("#/$defs/") in wanted for ref in references(found))


def references(value: Any) -> list[str]:
    """Every $ref inside a schema."""
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [ref for part in value.values() for ref in references(part)]
    return [ref for part in value for ref in references(part)] if isinstance(value, list) else []


def test_every_schema_is_used() -> None:
    """A page links to each schema, and a command prints it or an action posts it."""
    found = [page for folder in ("commands", "actions") for page in (DOCS / folder).glob("*.md")]
    text = "".join(page.read_text() for page in found)
    assert [path.name for path in SCHEMAS if f"schemas/{path.name}" not in text] == []
    assert sorted((*PRINTED, *POSTED)) == [path.name for path in SCHEMAS]


@pytest.mark.parametrize("name", PRINTED)
def test_output_keeps_to_its_schema(name: str, desk: Path) -> None:
    """What a command prints for programs is valid by its schema, object by object, and nothing else is on stdout."""
    validator = jsonschema.Draft202012Validator(json.loads((DOCS / "schemas" / name).read_text()))
    with inside(desk):
        for command in PRINTED[name]:
            said = run(command)
            assert said.code in (0, 1), f"{command}: {said.err}"
            for text in sampled(said.out.splitlines()) if "jsonl" in command else [said.out]:
                validator.validate(json.loads(text))


def sampled(lines: list[str]) -> list[str]:
    """At most 500 lines, evenly; all of them when there are fewer."""
    return lines[:: max(1, len(lines) // 500)]


def test_a_wrong_object_is_noticed() -> None:
    """The schemas can refuse something."""
    for path in SCHEMAS:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(7, json.loads(path.read_text()))
