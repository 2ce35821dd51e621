"""Addresses of directories."""

import pytest
from tests.live.ports import free_port

from gatepost.core.errors import ConfigError, StoreError
from gatepost.store.directory import Directory, server_of


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "upgrade"),
    [
        ("ldaps://ldap.example.org", "ldap.example.org", 636, True, False),
        ("ldap://ldap.example.org", "ldap.example.org", 389, False, True),
        ("ldap://127.0.0.1:3389/", "127.0.0.1", 3389, False, False),
        ("ldapi://%2Frun%2Fldapi", "/run/ldapi", 0, False, False),
    ],
)
def test_an_address_is_read(url: str, host: str, port: int, tls: bool, upgrade: bool) -> None:
    """Another host is reached by LDAPS or StartTLS only."""
    found = server_of(url)
    assert (found.host, found.port, found.tls, found.upgrade) == (host, port, tls, upgrade)


@pytest.mark.parametrize("url", ["ldap.example.org", "http://x", "ldap://", "ldap://a:b@x", "ldap://x:99999"])
def test_a_wrong_address_is_refused(url: str) -> None:
    """What is no directory's address, or holds a password, is a mistake of the configuration."""
    with pytest.raises(ConfigError):
        server_of(url)


def test_a_server_that_is_not_there_is_named() -> None:
    """No connection is an error that names the directory and the remedy, and is worth another try."""
    port = free_port()
    nobody = Directory(server_of(f"ldap://127.0.0.1:{port}"))
    with pytest.raises(StoreError, match=f"ldap://127.0.0.1:{port}.*see that it runs") as caught, nobody.session():
        pass
    assert caught.value.retry
