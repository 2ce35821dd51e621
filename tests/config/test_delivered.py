"""delivered.py: where reports are delivered, and that they can count there."""

from pathlib import Path

import pytest

from gatepost.config.load import read
from gatepost.config.mistakes import ConfigErrors
from gatepost.config.settings import Reports

FOLDER = Path("/etc/gatepost")


def reports(*settings: str) -> Reports:
    """A configuration with these settings."""
    return read("\n".join(["[reports]", *settings]), "gatepost.toml", FOLDER).reports


@pytest.mark.parametrize(
    "settings",
    [
        ('keep = "7d"', 'lmtp = "unix:/run/gatepost/lmtp"', 'lmtp_group = "postfix"'),
        ('keep = "7d"', 'lmtp = "inet:127.0.0.1:2424"'),
        ('keep = "7d"', 'lmtp = "inet:[::1]:2424"'),
        ('lmtp = ""',),
    ],
)
def test_this_host_alone_is_good(settings: tuple[str, ...]) -> None:
    """A socket, a port on loopback, nothing."""
    assert reports(*settings).lmtp in settings[-1] or reports(*settings).lmtp_group


@pytest.mark.parametrize(
    ("settings", "key", "said"),
    [
        (('keep = "7d"', 'lmtp = "2424"'), "lmtp", "is no address"),
        (('keep = "7d"', 'lmtp = "inet:192.0.2.1:2424"'), "lmtp", "is reached from other hosts"),
        (('lmtp = "inet:127.0.0.1:2424"',), "lmtp", "no sent message is known"),
        (('keep = "7d"', 'lmtp = "inet:127.0.0.1:2424"', 'lmtp_group = "exim"'), "lmtp_group", "only a unix socket"),
        (('lmtp_group = "exim"',), "lmtp_group", "only a unix socket"),
    ],
)
def test_a_mistake_is_said_at_its_place(settings: tuple[str, ...], key: str, said: str) -> None:
    """With the key and the remedy."""
    with pytest.raises(ConfigErrors) as raised:
        reports(*settings)
    assert any(f"reports.{key}" in str(one) and said in str(one) for one in raised.value.mistakes), raised.value
