"""Newer tables: looked at hard, then put in place of the old ones, or left."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from unittest.mock import patch

import pytest

from gatepost.config import tables
from gatepost.config.settings import Data
from gatepost.core.errors import ConfigError, SourceError
from gatepost.runtime import renewal
from gatepost.runtime.renewal import Renewed, renew

EXITS = "".join(f"192.0.2.{number}\n" for number in range(0, 256, 2))


@pytest.fixture
def data(tmp_path: Path) -> Data:
    """A folder with a list of 128 Tor exits."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "tor.txt").write_text(EXITS)
    return Data(folder=str(tmp_path / "data"))


def give(folder: Path, name: str, content: bytes) -> str:
    """A folder with one newer table."""
    folder = folder / "new"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    return str(folder)


def kept(data: Data) -> str:
    """The list that is used."""
    return tables.content("tor.txt", data.folder).decode()


@pytest.mark.parametrize("name", ["tor.txt", "tor.txt.gz"])
def test_a_newer_list_takes_the_place_of_the_old_one(data: Data, tmp_path: Path, name: str) -> None:
    """Plain or packed; what is looked up changes with it."""
    text = EXITS.replace("192.0.2.", "198.51.100.")
    content = gzip.compress(text.encode()) if name.endswith(".gz") else text.encode()
    before = tables.lists(data)
    (done,) = renew(data, give(tmp_path, name, content))
    assert (done.name, done.entries, done.before, done.trouble) == ("tor.txt", 128, 128, "")
    assert kept(data) == text and tables.lists(data) != before


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        (b"", "0 entries and the present one 128"),
        (EXITS[: 50 * len("192.0.2.0\n")].rpartition("\n")[0].encode(), "--anyway"),
        (b"<html>\n", "tor.txt:1"),
        (b"0.0.0.0/0\n", "covers more of the Internet"),
        (b"2000::/3\n" + EXITS.encode(), "covers more of the Internet"),
        (gzip.compress(EXITS.encode(), mtime=0)[:60], "broken off"),
        (b"\xff\xfe", "utf-8"),
    ],
)
def test_what_is_no_such_list_leaves_the_old_one(data: Data, tmp_path: Path, content: bytes, trouble: str) -> None:
    """Empty, shrunk, something else, too wide, broken off."""
    (done,) = renew(data, give(tmp_path, "tor.txt", content))
    assert trouble in done.trouble and kept(data) == EXITS


def test_a_list_that_has_shrunk_is_taken_when_it_is_said(data: Data, tmp_path: Path) -> None:
    """The operator has looked at it; one that is none is refused all the same."""
    (done,) = renew(data, give(tmp_path, "tor.txt", b"192.0.2.1\n"), anyway=True)
    assert not done.trouble and kept(data) == "192.0.2.1\n"
    (done,) = renew(data, give(tmp_path, "tor.txt", b"0.0.0.0/0\n"), anyway=True)
    assert done.trouble and kept(data) == "192.0.2.1\n"


@pytest.mark.parametrize(("sums", "good"), [(True, True), (False, False)])
def test_a_checksum_that_is_there_must_be_right(data: Data, tmp_path: Path, *, sums: bool, good: bool) -> None:
    """A file that SHA256SUMS does not know as it is was changed on the way."""
    text = EXITS.replace("192.0.2.", "198.51.100.").encode()
    folder = give(tmp_path, "tor.txt", text)
    give(tmp_path, "SHA256SUMS", f"{sha256(text if sums else b'').hexdigest()}  tor.txt\n".encode())
    (done,) = renew(data, folder)
    assert (not done.trouble) == good and (kept(data) != EXITS) == good


def test_one_bad_table_does_not_hold_up_the_others(data: Data, tmp_path: Path) -> None:
    """Each is taken or left by itself; the table of AS numbers may come as iptoasn.com has it."""
    give(tmp_path, "tor.txt", b"<html>")
    folder = give(tmp_path, "ip2asn-combined.tsv", b"192.0.2.0\t192.0.2.255\t64500\tZZ\tONE\n")
    found = {one.name: one.trouble for one in renew(data, folder, anyway=True)}
    assert found["tor.txt"] and not found[tables.ASN]
    table = tables.systems(data)
    assert table is not None and table.four(0xC0000201) == 64500


def test_a_folder_without_tables_is_said(data: Data, tmp_path: Path) -> None:
    """And a configuration without a place for them."""
    with pytest.raises(SourceError, match=r"none of tor\.txt"):
        list(renew(data, str(tmp_path)))
    with pytest.raises(ConfigError, match="folder"):
        list(renew(Data(), str(tmp_path)))


def test_what_is_published_is_fetched(data: Data) -> None:
    """From the address of each table; where nobody answers the old one stays."""
    text = EXITS.replace("192.0.2.", "198.51.100.")
    with (
        served(text.encode()) as url,
        patch.object(
            renewal, "SOURCES", {"tor.txt": f"{url}/tor", "vpn.txt": f"{url}/none", "relay.txt": "http://127.0.0.1:1/"}
        ),
    ):
        found = {one.name: one for one in renew(data)}
    assert found["tor.txt"] == Renewed("tor.txt", 128, 128, sha256(text.encode()).hexdigest()) and kept(data) == text
    assert "404" in found["vpn.txt"].trouble or "Not Found" in found["vpn.txt"].trouble
    assert "use --from" in found["relay.txt"].trouble


@contextmanager
def served(content: bytes) -> Iterator[str]:
    """A web server on loopback with one page, /tor."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/tor" else 404)
            self.end_headers()
            self.wfile.write(content if self.path == "/tor" else b"")

        def log_message(self, format: str, *words: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Page)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
