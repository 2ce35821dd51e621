"""Files of aliases."""

from pathlib import Path

import pytest

from gatepost.core.errors import SourceError
from gatepost.source.aliases.file import read


def test_a_line_is_an_alias_and_its_account(tmp_path: Path) -> None:
    """With a colon or without, comments and empty lines beside them."""
    path = tmp_path / "aliases"
    path.write_text(
        "# ours\n\nann.smith@example.org  ann@example.org # since 2020\nasmith: ann\n@a.example @b.example\n"
    )
    assert read(path) == [
        ("ann.smith@example.org", "ann@example.org"), ("asmith", "ann"), ("@a.example", "@b.example"),
    ]  # fmt: skip


@pytest.mark.parametrize("line", ["ann", "team ann, ben", "team ann ben", "team: ann,ben", ": ann", "@ @example.org"])
def test_what_is_no_alias_is_a_mistake_with_its_line(tmp_path: Path, line: str) -> None:
    """A list of forwards is none: nobody becomes his forward's recipient."""
    path = tmp_path / "aliases"
    path.write_text(f"a b\n{line}\n")
    with pytest.raises(SourceError, match="aliases:2: no alias"):
        read(path)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """No such file, and no text."""
    with pytest.raises(SourceError, match="cannot be read"):
        read(tmp_path / "none")
    (tmp_path / "binary").write_bytes(b"\xff\xfe a\n")
    with pytest.raises(SourceError, match="cannot be read"):
        read(tmp_path / "binary")
