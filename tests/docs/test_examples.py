"""Every console example on the pages runs, ends as the page says, and prints what the page shows."""

import re
from pathlib import Path

import pytest
from tests.docs.desk import copied, furnish, inside, run
from tests.docs.pages import ROOT, Example, examples, named, pages

OFFLINE = tuple(name for name in map(named, pages()) if "$ gatepost" in (ROOT / name).read_text())

ENFORCED = ("docs/commands/block.md", "docs/commands/release.md")
"""Pages whose examples act."""

OTHERS = {
    "docs/commands/check.md": {0, 1},
    "docs/commands/doctor.md": {0, 1},
    "docs/commands/parse.md": {0},
}
"""Pages whose examples show a host or a log of their own: how they end here; their output is not compared."""

CHANGING = (
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?Z?"), "DATE"),
    (re.compile(r"table:\S*?exim/deny"), "table:exim/deny"),
    (re.compile(r"(added to|taken out of) \S*?exim/deny"), r"\1 exim/deny"),
    (re.compile(r"exim:\S*?/spool"), "exim:spool"),
    (re.compile(r" +"), " "),
)
"""What differs from run to run."""


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose state has learnt the sample log."""
    return furnish(tmp_path_factory.mktemp("docs") / "desk")


def test_there_are_examples() -> None:
    """The pages that show most are among those that are run."""
    assert {"README.md", "docs/commands/replay.md", "docs/commands/release.md"} <= set(OFFLINE)


@pytest.mark.parametrize("page", OFFLINE)
def test_examples_run(page: str, desk: Path, tmp_path: Path) -> None:
    """The commands of a page, one after another, end well and print the lines that the page shows."""
    mode = "enforce" if page in ENFORCED else "observe"
    with inside(copied(desk, tmp_path / "desk", mode)):
        for example in examples(ROOT / page):
            said = run(example.command)
            assert said.code in OTHERS.get(page, {0}), f"{example.command}: {said.err}"
            if page not in OTHERS:
                assert missing(example, said.out) == [], (
                    f"{example.command} does not print this; it prints:\n{said.out}"
                )


def missing(example: Example, out: str) -> list[str]:
    """Lines of the page that a command did not print; each must begin or be a line of the output."""
    printed = [plain(line) for line in out.splitlines()]
    shown = [plain(line) for line in example.output if line.strip() not in ("", "…")]
    return [line for line in shown if not any(real.startswith(line) for real in printed)]


def plain(line: str) -> str:
    """A line without what differs from run to run."""
    for pattern, word in CHANGING:
        line = pattern.sub(word, line)
    return line.rstrip()


def test_a_line_that_is_not_printed_is_noticed() -> None:
    """The comparison itself can fail."""
    example = Example("x.md", "gatepost x", ("ann   BLOCK", "…", "ben"))
    assert missing(example, "ann BLOCK  score 9\n") == ["ben"]
