"""gatepost doctor on a door for Dovecot, with a stand-in for doveconf: not asked, not obeyed, shut without gatepost."""

from pathlib import Path

import pytest

from gatepost.config.asking import DovecotDoor
from gatepost.surface.doctor import authpolicy
from gatepost.surface.doctor.check import Check, worst

PAGE = {
    "server_url": "http://127.0.0.1:4001/",
    "check_before_auth": "no",
    "check_after_auth": "yes",
    "log_only": "no",
    "reject_on_fail": "no",
    "server_timeout_msecs": "500",
}


def look(folder: Path, patch: pytest.MonkeyPatch, listen: str, values: dict[str, str], ours: str = "") -> list[Check]:
    """What is said of a Dovecot with these settings."""
    (folder / "values").write_text("".join(f"auth_policy_{name} = {value}\n" for name, value in values.items()))
    (folder / "doveconf").write_text(f'#!/bin/sh\ncat "{folder}/values"\n')
    (folder / "doveconf").chmod(0o755)
    patch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return list(authpolicy.look(DovecotDoor(name="d", listen=listen, secret="secret", certificate=ours)))


@pytest.mark.parametrize(
    ("other", "state", "said"),
    [
        ({}, "ok", "asks at every login"),
        ({"server_url": "http://localhost:4001/policy?a=b"}, "ok", "logins go on"),
        ({"server_url": ""}, "fail", "is empty"),
        ({"server_url": "http://127.0.0.1:14001/"}, "fail", "not the address inet:127.0.0.1:4001"),
        ({"check_after_auth": "no"}, "fail", "neither before nor after"),
        ({"log_only": "yes"}, "fail", "only logs"),
        ({"check_before_auth": "yes"}, "warn", "find out who is stopped"),
        ({"reject_on_fail": "yes"}, "fail", "lets nobody in"),
        ({"server_timeout_msecs": "2000"}, "warn", "waits 2000 ms"),
    ],
)
def test_what_dovecots_configuration_means(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: dict[str, str], state: str, said: str
) -> None:
    """Each line of the page that is missing is said, with what it does."""
    found = look(tmp_path, monkeypatch, "inet:127.0.0.1:4001", PAGE | other)
    assert worst(found) == state, found
    assert any(said in check.says for check in found), found


def test_a_door_with_a_certificate_is_reached_by_https(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """http:// to TLS and https:// to none ask nobody, on the right port too."""
    for scheme, ours, state in (("https", "a.pem", "ok"), ("http", "a.pem", "fail"), ("https", "", "fail")):
        lines = PAGE | {"server_url": f"{scheme}://localhost:4001/"}
        found = look(tmp_path, monkeypatch, "inet:127.0.0.1:4001", lines, ours)
        assert worst(found) == state and (state == "ok" or any("speaks http" in one.says for one in found)), found


def test_what_stands_before_a_socket_cannot_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any address will do for a door that a proxy reaches."""
    assert worst(look(tmp_path, monkeypatch, "unix:/run/gatepost/dovecot", PAGE)) == "ok"
