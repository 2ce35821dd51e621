"""doctor and check about aliases of accounts."""

from pathlib import Path

from gatepost.config.naming import AliasFile, Naming
from gatepost.surface.doctor.aliases import look


def states(folder: Path, text: str) -> list[tuple[str, str]]:
    """What doctor says of a file of aliases."""
    (folder / "aliases").write_text(text)
    naming = Naming("example.org", "+", AliasFile(path=str(folder / "aliases")))
    return [(check.state, check.says) for check in look(naming)]


def test_a_list_that_can_be_used_is_counted(tmp_path: Path) -> None:
    """Nothing is said where nothing is configured."""
    assert states(tmp_path, "asmith ann\n") == [("ok", "1 aliases")]
    assert list(look(Naming())) == []


def test_what_is_no_alias_is_named(tmp_path: Path) -> None:
    """A name of two accounts is a warning, a line that is none a failure."""
    (_, dropped) = states(tmp_path, "team ann\nteam ben\n")
    assert dropped[0] == "warn" and "team@example.org" in dropped[1]
    ((state, says),) = states(tmp_path, "team ann, ben\n")
    assert state == "fail" and "aliases:1" in says
