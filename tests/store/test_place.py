"""Addresses of databases, and passwords that stand nowhere but in their file."""

from pathlib import Path

import pytest

from gatepost.core.errors import ConfigError, StoreError
from gatepost.store.place import Place, password_of, place_of


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("postgresql://gp@127.0.0.1/mail", Place("postgresql", "mail", "127.0.0.1", 5432, "gp")),
        ("postgres://gp@db.example.org:6432/mail", Place("postgresql", "mail", "db.example.org", 6432, "gp", tls=True)),
        ("mariadb://g%40p@localhost/mail", Place("mysql", "mail", "localhost", 3306, "g@p")),
        ("mysql://gp@[2001:db8::1]/mail?tls=off", Place("mysql", "mail", "2001:db8::1", 3306, "gp")),
        ("mysql://gp@/mail?socket=/run/db", Place("mysql", "mail", "127.0.0.1", 3306, "gp", "/run/db")),
        ("mysql://gp@192.0.2.1/m?ca=/ca.pem", Place("mysql", "m", "192.0.2.1", 3306, "gp", tls=True, ca="/ca.pem")),
        ("sqlite:///var/lib/mail%20a.db", Place("sqlite", "/var/lib/mail a.db")),
    ],
)
def test_an_address_is_read(url: str, place: Place) -> None:
    """Engine, host, user and name are read; another host means TLS unless it is switched off."""
    assert place_of(url) == place


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://gp:hunter2@db/mail", "a password stands in the address"),
        ("oracle://gp@db/mail", "a database is"),
        ("postgresql://gp@db/", "no name"),
        ("sqlite://mail.db", "no name"),
        ("mysql://gp@db:99999/mail", "port"),
        ("mysql://gp@db/mail?sslmode=off", "no option 'sslmode'"),
        ("mysql://gp@db/mail?tls=maybe", "tls=maybe"),
        ("mysql://[gp/mail", "no address"),
    ],
)
def test_a_wrong_address_says_why(url: str, says: str) -> None:
    """What is wrong is said, and a password that stands there is not repeated."""
    with pytest.raises(ConfigError, match=says) as caught:
        place_of(url)
    assert "hunter2" not in str(caught.value)


def test_a_password_comes_from_its_file_or_credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line of a file that not everybody can read, by its path or by the name of the credential."""
    (tmp_path / "db").write_text("correct horse\n")
    (tmp_path / "db").chmod(0o640)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert password_of(str(tmp_path / "db")) == password_of("credential:db") == "correct horse"
    assert password_of("") == ""


@pytest.mark.parametrize("text", [b"", b"two\nlines\n", b"\xff\xfe", b"x" * 2000])
def test_what_is_no_password_is_refused(text: bytes, tmp_path: Path) -> None:
    """Nothing, two lines, other encodings and long texts are refused without being shown."""
    (tmp_path / "db").write_bytes(text)
    (tmp_path / "db").chmod(0o600)
    with pytest.raises(StoreError, match=f"{tmp_path}/db is no password"):
        password_of(str(tmp_path / "db"))


def test_a_password_for_everybody_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that every user can read, one that is missing and a start without credentials name the remedy."""
    (tmp_path / "db").write_text("correct horse")
    (tmp_path / "db").chmod(0o644)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    for setting, says in ((str(tmp_path / "db"), "chmod 0640"), ("/nowhere", "/nowhere"), ("credential:x", "LoadCred")):
        with pytest.raises(StoreError, match=says):
            password_of(setting)
