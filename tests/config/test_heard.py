"""heard.py: who may send to a syslog listener."""

from pathlib import Path

import pytest

from gatepost.config.load import read
from gatepost.config.mistakes import ConfigErrors
from gatepost.config.settings import Settings
from gatepost.config.streams import Syslog

FOLDER = Path("/etc/gatepost")
PEERS = 'peers = [{ name = "192.0.2.10", host = "mx1" }]'
SAME = 'peers = [{ name = "2001:db8::/64", host = "mx1" }, { name = "192.0.2.9", host = "mx1" }]'
NET = 'peers = [{ name = "192.0.2.0/24" }]'
NAMED = 'peers = [{ name = "mx1.example.org" }]'
FILES = 'certificate = "a.pem"\nkey = "b.pem"\nauthority = "c.pem"'


def source(*settings: str) -> Settings:
    """A configuration with one listener."""
    return read("\n".join(['[[source]]\nkind = "syslog"\nname = "in"', *settings]), "gatepost.toml", FOLDER)


@pytest.mark.parametrize(
    "settings",
    [
        ('listen = "tcp:192.0.2.1:601"', PEERS),
        ('listen = "tls:192.0.2.1:6514"', NAMED, FILES),
        ('listen = "udp:127.0.0.1:514"', 'peers = [{ name = "127.0.0.1", host = "mx1" }]'),
        ('listen = "udp:[::1]:514"', PEERS),
        ('listen = "udp:0.0.0.0:514"', PEERS, "allow_unauthenticated_udp = true"),
        ('listen = "unix:/run/gatepost/log"', 'mode = "0620"', 'group = "postfix"'),
        ('listen = "tcp:192.0.2.1:601"', SAME),
    ],
)  # fmt: skip
def test_what_says_who_speaks_is_good(settings: tuple[str, ...]) -> None:
    """An address, a certificate, a socket of a group; paths start from the folder of the file."""
    (found,) = source(*settings).source
    assert isinstance(found, Syslog) and len(found.hosts) == 1
    assert found.certificate in ("", "/etc/gatepost/a.pem")


@pytest.mark.parametrize(
    ("settings", "key", "said"),
    [
        (('listen = "tcp:192.0.2.1:601"',), "source[0]", "nobody may send"),
        (('listen = "inet:192.0.2.1:601"', PEERS), "source[0].listen", "no address to listen on"),
        (('listen = "tcp:192.0.2.1:0"', PEERS), "source[0].listen", "no address to listen on"),
        (('listen = "udp:0.0.0.0:514"', PEERS), "source[0].listen", "in the name of any peer"),
        (('listen = "tls:192.0.2.1:6514"', NAMED, 'key = "b"\nauthority = "c"'), "source[0]", "certificate is missing"),
        (('listen = "tcp:192.0.2.1:6514"', PEERS, 'key = "b"'), "source[0].key", "for tls alone"),
        (('listen = "tls:192.0.2.1:6514"', PEERS, FILES), "source[0].peers[0].name", "no DNS name"),
        (('listen = "tcp:192.0.2.1:6514"', NAMED), "source[0].peers[0].name", "no network"),
        (('listen = "tcp:192.0.2.1:601"', NET), "source[0].peers[0].name", "the name of a mail server"),
        (('listen = "unix:/run/log"', PEERS), "source[0].peers", "has no peers"),
        (('listen = "unix:/run/log"', 'mode = "0666"'), "source[0].mode", "every user"),
        (('listen = "unix:/run/log"', "backlog = 31"), "source[0].backlog", "too few"),
    ],
)  # fmt: skip
def test_what_does_not_is_a_mistake(settings: tuple[str, ...], key: str, said: str) -> None:
    """Each at its place, with a remedy."""
    with pytest.raises(ConfigErrors) as caught:
        source(*settings)
    (only,) = caught.value.mistakes
    assert (only.key, bool(only.remedy)) == (key, True) and said in only.message


def test_a_mail_server_has_one_source() -> None:
    """Its lines would count twice (contracts 9), whether they come from a file or from the network."""
    with pytest.raises(ConfigErrors) as caught:
        source('listen = "tcp:192.0.2.1:601"', PEERS, '[[source]]\nkind = "tail"\nname = "mx1"\npath = "x"')
    (only,) = caught.value.mistakes
    assert only.key == "source[1].host" and "source[0].peers" in only.message


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ('units = []\nusers = ["root"]', "source[0].units"),
        ('units = ["postfix"]\nusers = ["root"]', "source[0].units[0]"),
        ('units = ["postfix@-.service"]\nusers = ["a b"]', "source[0].users[0]"),
        ('units = ["postfix@-.service"]', "source[0]"),
    ],
)
def test_a_journal_needs_units_and_users(settings: str, key: str) -> None:
    """Without them every local user could speak for the mail server (contracts 12)."""
    with pytest.raises(ConfigErrors) as caught:
        read(f'[[source]]\nkind = "journal"\nname = "mx1"\n{settings}', "gatepost.toml", FOLDER)
    (only,) = caught.value.mistakes
    assert only.key == key and only.remedy
