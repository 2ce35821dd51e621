"""doctor: is everybody reached who is to be told?"""

import socket
from pathlib import Path

import pytest
from tests.act.receiver import Receiver, listening
from tests.source.certificates import Authority

from gatepost.config.load import read
from gatepost.surface.doctor import told
from gatepost.surface.doctor.check import Check

HOOK = '[[action]]\nkind = "hook"\nsecret = "key"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a secret."""
    (tmp_path / "key").write_text("0123456789abcdef\n")
    (tmp_path / "key").chmod(0o640)
    return tmp_path


def look(folder: Path, text: str, *, offline: bool = False, head: str = HOOK) -> Check:
    """The only check of a block."""
    (check,) = told.look(read(head + text, "gatepost.toml", folder), offline=offline)
    return check


def test_a_hook_is_reached_and_nothing_is_posted(folder: Path) -> None:
    """By TLS with a certificate that is valid, or it fails; offline it is unknown."""
    authority, receiver = Authority(folder), Receiver()
    with listening(receiver, authority.sign("localhost")) as port:
        url = f'url = "https://localhost:{port}/"\n'
        assert look(folder, url + f'authority = "{authority.file}"\n').state == "ok"
        failed = look(folder, url)
        assert failed.state == "fail" and "certificate" in failed.says
        assert look(folder, url, offline=True).state == "unknown"
    assert receiver.posted == []


def test_a_hook_without_a_secret_or_leading_inside_fails(folder: Path) -> None:
    """The message says what is wrong."""
    assert "no public address" in look(folder, 'url = "https://10.0.0.1/"\n').says
    (folder / "key").chmod(0o644)
    assert "chmod 0640" in look(folder, 'url = "https://10.0.0.1/"\n').says


def test_a_siem_is_reached_or_not(folder: Path) -> None:
    """By TCP and by a socket it is known; of UDP nobody can say."""
    siem = '[[action]]\nkind = "siem"\n'
    with socket.create_server(("127.0.0.1", 0)) as server:
        to = f'server = "tcp:127.0.0.1:{server.getsockname()[1]}"\n'
        assert look(folder, to, head=siem).state == "ok"
    assert look(folder, to, head=siem, offline=True).state == "unknown"
    assert look(folder, 'server = "tcp:127.0.0.1:1"\n', head=siem).state == "fail"
    assert look(folder, f'server = "unix:{folder}/none"\n', head=siem).state == "fail"
    assert look(folder, 'server = "udp:127.0.0.1:514"\n', head=siem).state == "warn"


def test_a_chat_needs_a_url_that_apprise_knows(folder: Path) -> None:
    """Nothing is said in it."""
    pytest.importorskip("apprise", reason="Apprise is not installed: pip install gatepost[chat]")
    chat = '[[action]]\nkind = "chat"\nurl_file = "key"\n'
    assert look(folder, "", head=chat).state == "fail"
    (folder / "key").write_text("json://127.0.0.1:9/team\n")
    assert look(folder, "", head=chat).state == "ok"
