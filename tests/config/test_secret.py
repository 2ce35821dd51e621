"""A door's secret: one line of a file that is nobody else's, or gatepost does not start."""

from pathlib import Path

import pytest

from gatepost.config import answering
from gatepost.config.load import read
from gatepost.config.mistakes import ConfigErrors
from gatepost.core.errors import ConfigError

DOOR = '[[door]]\nkind = "dovecot"\nlisten = "inet:127.0.0.1:4001"\n'


def opened(folder: Path, content: bytes | None, mode: int = 0o640) -> None:
    """Make what speaks at a door with this secret."""
    if content is not None:
        (folder / "secret").write_bytes(content)
        (folder / "secret").chmod(mode)
    door = read(DOOR + 'secret = "secret"\n', "gatepost.toml", folder).door[0]
    assert answering.talk(door)().lasting


def test_a_secret_is_a_line_of_a_file_beside_the_configuration(tmp_path: Path) -> None:
    """With or without a newline."""
    opened(tmp_path, b"0123456789abcdef\n")
    opened(tmp_path, b"0123456789abcdef", 0o400)


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        (None, 0, "cannot be read: No such file"),
        (b"", 0o600, "no secret"),
        (b"0123456789abcde", 0o600, "no secret"),
        (b"0123456789 abcdef", 0o600, "no secret"),
        (b"0123456789abcdef", 0o644, "chmod 0640"),
    ],
)
def test_without_a_secret_there_is_no_door(tmp_path: Path, content: bytes | None, mode: int, said: str) -> None:
    """Missing, short, two words, or open to all: each with its remedy."""
    with pytest.raises(ConfigError, match=said):
        opened(tmp_path, content, mode)


@pytest.mark.parametrize(
    ("more", "key"),
    [("", "secret"), ('secret = "s"\non = ["hold"]', "on"), ('secret = "s"\nservices = ["../x"]', "services")],
)
def test_a_mistake_in_the_block_is_said_at_its_place(more: str, key: str) -> None:
    """No secret at all; a hold, which no login can keep; a service that is none."""
    with pytest.raises(ConfigErrors) as raised:
        read(DOOR + more, "gatepost.toml", Path("/etc/gatepost"))
    assert any(key in str(one) for one in raised.value.mistakes), raised.value
