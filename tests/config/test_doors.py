"""doors.py: how long somebody waits at a door, and who may ask there."""

from pathlib import Path

import pytest

from gatepost.config.load import read
from gatepost.config.mistakes import ConfigErrors
from gatepost.config.settings import Settings

FOLDER = Path("/etc/gatepost")
AT = 'listen = "inet:192.0.2.1:4002"'
PEM = ('certificate = "a"', 'key = "b"', 'authority = "c"')


def door(*settings: str) -> Settings:
    """A configuration with one door."""
    return read("\n".join(['[[door]]\nkind = "postfix"', *settings]), "gatepost.toml", FOLDER)


@pytest.mark.parametrize(
    "settings",
    [
        ('listen = "unix:/run/gatepost/policy"', 'users = ["postfix", "101"]', 'slow = "1s"', "sleepers = 0"),
        ('listen = "inet:127.0.0.1:4002"', 'route = "suspects:"'),
        ('listen = "unix:/run/policy"', 'mark = "X-Suspect: yes"', 'at_block = "keep"'),
        ('listen = "unix:/run/policy"', 'route = "suspects:"', 'at_hold = "route"'),
        ('listen = "inet:[::1]:4002"', 'route = "suspects:[192.0.2.25]:25"'),
        ('listen = "inet:192.0.2.1:4002"', 'peers = ["192.0.2.10", "2001:db8::/64"]'),
        ('listen = "unix:/run/gatepost/policy"', 'owns = "mx1.example.org"'),
        ('listen = "inet:127.0.0.1:4002"', 'owns = "mx1"', 'users = ["postfix"]'),
        (AT, 'peers = ["192.0.2.10"]', 'certificate = "a.pem"', 'key = "b.pem"'),
        (AT, 'peers = ["mx1.example.org"]', 'certificate = "a.pem"', 'key = "b.pem"', 'authority = "c.pem"'),
    ],
)
def test_a_door_that_says_who_may_ask_is_good(settings: tuple[str, ...]) -> None:
    """A socket, a port on loopback, a port that names the hosts; certificates are found from the file's folder."""
    (found,) = door(*settings).door
    assert found.name == "postfix"
    assert (found.certificate, found.key) in {("", ""), ("/etc/gatepost/a.pem", "/etc/gatepost/b.pem")}


@pytest.mark.parametrize(
    ("settings", "key", "said"),
    [
        (('listen = "inet:192.0.2.1:4002"',), "listen", "is reached from other hosts"),
        (('listen = "inet:0.0.0.0:4002"', "peers = []"), "listen", "is reached from other hosts"),
        (('listen = "inet:127.0.0.1:4002"', 'peers = ["192.0.2.300"]'), "peers[0]", "192.0.2.300"),
        (('listen = "unix:/run/policy"', 'users = ["post fix"]'), "users[0]", "is no user"),
        (('listen = "unix:/run/policy"', 'route = "suspects"'), "route", "is no transport"),
        (('listen = "unix:/run/policy"', 'mark = "X Suspect"'), "mark", "is no header"),
        (('listen = "unix:/run/policy"', 'mark = "X: a"', 'route = "b:"'), "mark", "one action"),
        (('listen = "unix:/run/policy"', 'at_hold = "route"'), "at_hold", "no route"),
        (('listen = "unix:/run/policy"', 'at_block = "route"'), "at_block", "route"),
        (('listen = "unix:/run/policy"', 'slow = "20s"'), "slow", "is no delay"),
        (('listen = "unix:/run/policy"', "sleepers = -1"), "sleepers", "cannot wait"),
        (('listen = "unix:/run/policy"', 'owns = "mx 1"'), "owns", "is no name"),
        (('listen = "inet:127.0.0.1:4002"', 'owns = "mx1"'), "listen", "every local user"),
        (('listen = "unix:/run/policy"', 'certificate = "a"'), "certificate", "for ports alone"),
        ((AT, 'peers = ["192.0.2.10"]', 'certificate = "a"'), "", "key is missing"),
        ((AT, 'peers = ["mx1.example.org"]', 'authority = "a"'), "", "certificate is missing"),
        ((AT, *PEM), "authority", "nobody may ask"),
        ((AT, 'peers = ["mx1.example.org"]', 'certificate = "a"', 'key = "b"'), "peers[0]", "no network"),
        ((AT, 'peers = ["192.0.2.10"]', *PEM), "peers[0]", "no DNS name"),
        ((AT, 'peers = ["192.0.2.10"]', 'certificate = ""', 'key = "b"'), "", "certificate"),
    ],
)
def test_a_mistake_is_said_at_its_place(settings: tuple[str, ...], key: str, said: str) -> None:
    """With the key and the value."""
    with pytest.raises(ConfigErrors) as raised:
        door(*settings)
    place = f"door[0].{key}" if key else "door[0]"
    assert any(place in str(one) and said in str(one) for one in raised.value.mistakes), raised.value
