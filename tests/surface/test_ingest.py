"""gatepost ingest: from standard input, files and Maildirs; with and without a running gatepost."""

import io
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.runtime.process import Process, now
from tests.runtime.scene import HOME, configured, mail
from tests.surface.desk import Desk, Said
from tests.wire.mails import arf, dsn, original, recipient, told

from gatepost.core.units import Account

BEN, BOB = Account("ben@example.org"), "bob@example.net"
KEEP = '[reports]\nkeep = "7d"\n'


def sent() -> list[str]:
    """The log of a message of today."""
    return list(mail(now() - 60, BEN, HOME[BEN], [BOB]))


def about(lines: list[str]) -> str:
    """The header of that message."""
    queue_id = lines[0].split()[2]
    return original(queue_id, f"<{queue_id}@desk.example.net>")


def piped(desk: Desk, data: bytes, monkeypatch: pytest.MonkeyPatch, *words: str) -> Said:
    """A mail by standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    return desk.run("ingest", *words)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A gatepost that remembers, and does not run."""
    return Desk(tmp_path, more=KEEP)


def test_a_mail_by_standard_input(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe from an alias: counted once, and every other mail is taken without complaint."""
    desk.learn(lines := sent())
    report = dsn(recipient(BOB), about=about(lines))
    said = [piped(desk, mail, monkeypatch) for mail in (report, report, b"", told("hello"))]
    assert [one.out.splitlines()[0] for one in said] == [
        "-: counted, ben@example.org",
        "-: counted before",
        "-: no report about mail",
        "-: reports no failure: a delay, or a receipt",
    ]
    assert [(one.code, one.err) for one in said] == [(0, "")] * 4


def test_a_maildir_is_read_once(desk: Desk, tmp_path: Path) -> None:
    """New mails are counted and moved to cur; the next run finds nothing."""
    desk.learn(lines := sent())
    folder = tmp_path / "Maildir"
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    (folder / "new" / "1.a.mx1").write_bytes(dsn(recipient(BOB), about=about(lines)))
    (folder / "new" / "2.a.mx1").write_bytes(arf(about(lines), who=BOB))
    said = desk.run("ingest", str(folder), "--format", "jsonl")
    assert [(one["mail"], one["counted"], one["account"]) for one in said.lines] == [
        ("1.a.mx1", True, BEN),
        ("2.a.mx1", True, BEN),
    ]
    assert sorted(path.name for path in (folder / "cur").iterdir()) == ["1.a.mx1:2,S", "2.a.mx1:2,S"]
    assert desk.run("ingest", str(folder)).out == ""


def test_what_cannot_be_read_does_not_stop_the_rest(desk: Desk, tmp_path: Path) -> None:
    """A missing file, a folder that is no Maildir: named with a remedy, the others are counted, exit code 3."""
    desk.learn(lines := sent())
    (tmp_path / "empty").mkdir()
    (tmp_path / "good.eml").write_bytes(dsn(recipient(BOB), about=about(lines)))
    said = desk.run("ingest", "/nonexistent/mail", str(tmp_path / "empty"), str(tmp_path / "good.eml"))
    assert (said.code, said.out) == (3, f"{tmp_path}/good.eml: counted, {BEN}\n")
    assert "/nonexistent/mail: cannot be read" in said.err and "is no Maildir" in said.err


def test_a_mail_server_is_told_to_try_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When it cannot be counted now, a piped mail is not lost and not bounced: exit code 75 (EX_TEMPFAIL)."""
    desk = Desk(tmp_path)
    said = piped(desk, dsn(), monkeypatch)
    assert said.code == 75 and 'set keep = "7d"' in said.err
    (tmp_path / "x.eml").write_bytes(dsn())
    assert desk.run("ingest", str(tmp_path / "x.eml")).code == 2
    desk.configure(more=KEEP)
    desk.state.write_text("no state")
    assert piped(desk, dsn(about=""), monkeypatch).code == 75


def test_a_running_gatepost_counts_it(tmp_path: Path) -> None:
    """It knows messages that are not written down yet; the report with fifty recipients goes in pieces."""
    configured(tmp_path, more=KEEP)
    process = Process(tmp_path)
    process.learn(days=2)
    lines = sent()
    process.append(lines)
    process.start()
    words = [sys.executable, "-m", "gatepost", "ingest", "--config", str(process.config)]
    others = [recipient(f"x{n}@example.net", reply="550 " + "\x01é" * 300) for n in range(48)]
    report = dsn(recipient(BOB), *others, about=about(lines))
    done = subprocess.run(words, input=report, capture_output=True, timeout=60, check=False)
    process.kill(signal.SIGTERM)
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().splitlines()[0] == f"-: counted, {BEN}"
    assert len(done.stdout.splitlines()) == 49
    assert "Traceback" not in process.said
