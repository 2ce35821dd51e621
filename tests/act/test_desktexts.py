"""Letters to the abuse desk in the operator's words."""

from pathlib import Path

import pytest
from tests.act.book import NOON, incident, order, target

from gatepost.act import desktexts, letter
from gatepost.core.errors import ConfigError


def test_one_text_of_the_operators_and_ours_for_the_rest(tmp_path: Path) -> None:
    """What is in the folder is used; the subject stays."""
    (tmp_path / "notice.txt").write_text("$account at $level: $evidence costs $$5\n")
    said = desktexts.texts(str(tmp_path))
    one = incident()
    mail = letter.notice(order(one), target(one), sender="g@example.org", to=["a@example.org"], now=NOON, said=said)
    assert mail.get_content().startswith("ann@example.org at block:") and "costs $5" in mail.get_content()
    assert mail["Subject"].startswith("[gatepost] block: ann@example.org")
    assert said["digest"].template == desktexts.texts()["digest"].template


@pytest.mark.parametrize(("text", "says"), [("$acount", "account"), ("costs 5 $", "write"), ("x" * 70000, "longer")])
def test_a_mistake_is_named_with_its_file(tmp_path: Path, text: str, says: str) -> None:
    """An unknown placeholder, a lone dollar sign, a text without end."""
    (tmp_path / "alarm.txt").write_text(text)
    with pytest.raises(ConfigError) as caught:
        desktexts.texts(str(tmp_path))
    assert "alarm.txt" in str(caught.value) and (says in str(caught.value) or text == "$acount")


def test_what_is_no_utf8_is_said(tmp_path: Path) -> None:
    """As for letters to customers."""
    (tmp_path / "digest.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="UTF-8"):
        desktexts.texts(str(tmp_path))


def test_ours_names_only_what_there_is() -> None:
    """Every placeholder of our own texts is one of those that are told."""
    for kind, known in desktexts.KINDS.items():
        assert set(desktexts.texts()[kind].get_identifiers()) <= known
