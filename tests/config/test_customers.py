"""What may be wrong with the settings of letters to customers."""

from pathlib import Path

import pytest

from gatepost.config.load import read
from gatepost.config.mistakes import ConfigErrors


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("at = 0", "no reason for a letter"),
        ('within = "1d"', "ends before refusals count"),
        ('from = "nobody"', "no mail address"),
        ('smtp = "here"', "no server"),
        ('language = "xx"', "xx"),
        ('contact = "a\\nb"', "no line of a letter"),
    ],
)
def test_every_mistake_is_told(line: str, wrong: str) -> None:
    """With its place and what to write."""
    with pytest.raises(ConfigErrors, match=wrong):
        read(f"[letter]\n{line}\n", "gatepost.toml", Path("/etc"))


def test_an_owners_address_is_one(tmp_path: Path) -> None:
    """Empty is the account itself; the folder of texts is found from the configuration's."""
    with pytest.raises(ConfigErrors, match="no mail address"):
        read('[account."local/web12@mx1"]\nmail = "web12"\n', "gatepost.toml", tmp_path)
    settings = read('[letter]\nfrom = ""\ntemplates = "texts"\n', "gatepost.toml", tmp_path)
    assert settings.letter.templates == str(tmp_path / "texts")
