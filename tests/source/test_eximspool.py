"""Exim's spool header files: read as Exim writes them, and believed in nothing a client could have added."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.core.errors import SourceError
from gatepost.core.units import Instant
from gatepost.mta.decision import Decision, record_of
from gatepost.mta.exim.header import read_header
from gatepost.source.eximspool import MOST, Spool

TAKEN = Instant(1795697354.0)
SHORT, LONG = "1xWYuY-0001zD-1u", "1wAbCd-00000000123-1aBc"

FILE = """\
{id}-H
Debian-exim 999 995
<{sender}>
1795697354 0
-received_time_usec .594095
--helo_name {helo}
-host_address [203.0.113.9]:33158
-host_auth plain
-interface_address [192.0.2.1]:587
-received_protocol esmtpsa
-aclm _gatepost {length}
{variable}
-tls_cipher TLS1.3:TLS_AES_256_GCM_SHA384:256
-body_linecount 1
--auth_id ann@example.org
-auth_sender {auth}
-deliver_firsttime
-frozen 1795697354
{tree}
2
a@example.net
b@example.net

189P Received: from [203.0.113.9] (helo={helo})
022F From: ann@example.org
"""

TREE = "YN a@example.net\nYY c@example.net\nNN b@example.net\nNN d@example.net"


def text(queue_id: str = SHORT, **more: object) -> str:
    """A header file as Exim 4.96 writes it."""
    values = {"sender": "ann@example.org", "helo": "desk", "variable": "yes", "auth": "ann@example.org", "tree": "XX"}
    values |= {name: str(value) for name, value in more.items()}
    size = len(values["variable"].encode("utf-8", "surrogateescape"))
    return FILE.format(id=queue_id, length=size, **values)


WHOLE = Decision(
    SHORT, "ann@example.org", "203.0.113.9", "desk", "plain", "esmtpsa", True, "ann@example.org", 2, True, TAKEN
)


def test_a_header_file_says_who_it_was() -> None:
    """Login, client, greeting, protocol, sender, number of recipients; with a tree of done recipients as without."""
    assert read_header(text(), SHORT) == WHOLE
    assert read_header(text(tree=TREE), SHORT) == WHOLE
    record = record_of(WHOLE)
    assert (record.kind, record.account, record.client, record.recipient_count) == (
        "submission", "ann@example.org", "203.0.113.9", 2,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "client"),
    [
        ("[203.0.113.9]:33158", "203.0.113.9.33158", "203.0.113.9"),
        ("[203.0.113.9]:33158", "[2001:db8::7]:33158", "2001:db8::7"),
        ("[203.0.113.9]:33158", "2001:db8::7.33158", "2001:db8::7"),
        ("--auth_id", "-auth_id", "203.0.113.9"),
        ("--auth_id", "--(mysql)auth_id", "203.0.113.9"),
    ],
)
def test_older_and_newer_forms_are_read(old: str, new: str, client: str) -> None:
    """Addresses with a dot before the port, untainted values, and values tainted for a lookup."""
    found = read_header(text().replace(old, new), SHORT)
    assert found is not None and (found.account, found.client) == ("ann@example.org", client)


def test_mail_of_nobody_is_nobodys() -> None:
    """Without an authenticator the message came from outside, without a client from this host."""
    outside = text().replace("-host_auth plain\n", "").replace("--auth_id ann@example.org\n", "")
    found = read_header(outside, SHORT)
    assert found is not None and record_of(found).part == "received" and record_of(found).account is None
    here = read_header(outside.replace("-host_address [203.0.113.9]:33158\n", ""), SHORT)
    assert here is not None and record_of(here).part == "local"


@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize("queue_id", [SHORT, LONG])
def test_the_file_is_found(tmp_path: Path, queue_id: str, split: bool) -> None:
    """Ids of 16 and of 23 characters, in input/ and in its folders by the sixth character."""
    folder = tmp_path / "input" / queue_id[5] if split else tmp_path / "input"
    folder.mkdir(parents=True)
    (folder / f"{queue_id}-H").write_text(text(queue_id))
    found = Spool(tmp_path).find(queue_id)
    assert found is not None and found.account == "ann@example.org"
    assert Spool(tmp_path).find(queue_id[:-1] + ("z" if queue_id[-1] != "z" else "y")) is None


@pytest.mark.parametrize("queue_id", ["", "x", "../../etc/passwd", "1xWYuY-0001zD-1u/../x", "1xWYuY-0001zD-1\0"])
def test_what_is_no_queue_id_is_never_a_path(tmp_path: Path, queue_id: str) -> None:
    """Only ids of Exim's form name a file."""
    assert Spool(tmp_path).find(queue_id) is None


def test_only_ordinary_files_are_read(tmp_path: Path) -> None:
    """A pipe or a folder in the place of a file is no answer, a link is refused, and nothing waits."""
    folder = tmp_path / "input"
    folder.mkdir()
    os.mkfifo(folder / f"{SHORT}-H")
    assert Spool(tmp_path).find(SHORT) is None
    (folder / f"{SHORT}-H").unlink()
    (tmp_path / "elsewhere").write_text(text())
    (folder / f"{SHORT}-H").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SourceError, match="gpasswd"):
        Spool(tmp_path).find(SHORT)


def test_a_file_is_read_to_a_limit(tmp_path: Path) -> None:
    """A login that stands behind a megabyte of variables is not found, and nothing else takes its place."""
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / f"{SHORT}-H").write_text(text(variable="x" * MOST))
    assert Spool(tmp_path).find(SHORT) is None


@pytest.mark.parametrize("cut", range(0, text().index("\n2\n") + 2, 7))
def test_half_a_file_is_no_answer(cut: int) -> None:
    """A file that ends before the number of its recipients says nothing."""
    assert read_header(text()[:cut], SHORT) is None


FORGED = "\n--auth_id victim@example.org\n-host_address [198.51.100.1]:25"
LINES = st.lists(
    st.sampled_from(["-auth_id victim@example.org", "-host_address [198.51.100.1]:1", "XX", "1", "-aclm _x 5", "", "é"])
).map("\n".join) | st.text(st.characters(exclude_categories=["Cs"]))


@given(variable=LINES, helo=LINES, sender=LINES)
def test_nothing_a_client_sends_changes_who_it_was(variable: str, helo: str, sender: str) -> None:
    """Values of access rules may hold whole lines, greetings and senders one line: the login stays Exim's."""
    one = " ".join(helo.split()), " ".join(sender.split())
    found = read_header(text(variable=variable, helo=one[0], sender=one[1]), SHORT)
    assert found is None or (found.account, found.client) == ("ann@example.org", "203.0.113.9")
    if len(one[0]) < 900:
        assert found is not None and found.recipients == 2


@pytest.mark.parametrize("where", ["helo", "auth"])
def test_a_line_that_a_client_broke_is_no_answer(where: str) -> None:
    """Old Exims let a client break the line of an address: what is said twice is believed in neither place."""
    assert read_header(text(**{where: f"x{FORGED}"}), SHORT) is None
    nameless = text(**{where: "x\n--auth_id victim@example.org"}).replace("--auth_id ann@example.org\n", "")
    found = read_header(nameless, SHORT)
    assert found is None or where == "helo"


@given(st.text())
def test_any_text_is_read(anything: str) -> None:
    """Whatever stands in the file, nothing is raised."""
    read_header(anything, SHORT)
    read_header(text().split("-received")[0] + anything, SHORT)
