"""Whose lines are these: told by the connection alone."""

import pytest

from gatepost.source.peers import Peers, certificate_names

PEERS = Peers(
    {"192.0.2.0/24": "farm", "192.0.2.7": "mx7", "2001:db8::/64": "six", "mx1.example.org": "mx1", "127.0.0.1": "here"}
)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("192.0.2.7", "mx7"),
        ("192.0.2.8", "farm"),
        ("::ffff:192.0.2.8", "farm"),
        ("2001:db8::5", "six"),
        ("2001:db8::5%eth0", "six"),
        ("203.0.113.1", None),
        ("mx1.example.org", None),
        ("", None),
    ],
)
def test_an_address_speaks_for_its_narrowest_network(address: str, host: str | None) -> None:
    """Also when it comes as IPv4 within IPv6; a name is no address."""
    assert PEERS.at(address) == host


@pytest.mark.parametrize(
    ("certificate", "host"),
    [
        ({"subjectAltName": (("DNS", "other.example.org"), ("DNS", "MX1.example.org"))}, "mx1"),
        ({"subject": ((("commonName", "mx1.example.org"),),)}, "mx1"),
        ({"subject": ((("commonName", "mx1.example.org"),),), "subjectAltName": (("DNS", "x.example.org"),)}, None),
        (
            {"subjectAltName": (("DNS", "*.example.org"), ("email", "mx1.example.org"))},
            None,
        ),
        ({}, None),
    ],
)
def test_a_certificate_speaks_for_its_names(certificate: dict[str, object], host: str | None) -> None:
    """DNS names, without upper and lower case; the common name only where there is none; no wildcards."""
    assert PEERS.shown(certificate) == host
    assert "*" not in "".join(name for name in certificate_names(certificate) if PEERS.shown(certificate))
