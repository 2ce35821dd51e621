"""`local_users` in the configuration."""

from pathlib import Path

import pytest
from tests.runtime.scene import configured

from gatepost.config.load import load
from gatepost.config.locals import of_host, of_log
from gatepost.config.mistakes import ConfigErrors
from gatepost.mta.locals import Locals

SOURCE = '[[source]]\nkind = "tail"\nname = "mx1"\npath = "mainlog"\n'


def test_a_log_read_again_is_its_sources(tmp_path: Path) -> None:
    """The configured file and what it was rotated into, and no other file."""
    path = tmp_path / "gatepost.toml"
    path.write_text(f'{SOURCE}host = "MX1.example.org"\nlocal_users = ["*"]\n')
    settings = load(path)
    charged = Locals("MX1.example.org", ("*",))
    for name in ("mainlog", "mainlog.1", "mainlog-20260301.gz"):
        assert of_log(settings, str(tmp_path / name)) == charged
    for name in ("mainlog2", "other", "-"):
        assert of_log(settings, str(tmp_path / name)) is None
    assert of_host(settings, "MX1.example.org") == charged
    assert of_host(settings, "mx2") is None


def test_the_default_charges_nobody(tmp_path: Path) -> None:
    """A configuration that says nothing of local users."""
    assert of_host(configured(tmp_path), "mx1") is None


@pytest.mark.parametrize(
    ("users", "more", "said"),
    [
        ('["Web12"]', "", "is no local user"),
        ('["web 12"]', "", "is no local user"),
        ('["!root"]', "", "names none"),
        ('["*"]', 'dialect = "dovecot"', "names no local users"),
    ],
)
def test_a_mistake_is_told(tmp_path: Path, users: str, more: str, said: str) -> None:
    """What could never charge anybody is no setting."""
    path = tmp_path / "gatepost.toml"
    path.write_text(f"{SOURCE}{more}\nlocal_users = {users}\n")
    with pytest.raises(ConfigErrors) as error:
        load(path)
    assert said in str(error.value)
