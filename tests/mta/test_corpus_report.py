"""`make corpus` counts every line once, and fails on a real line about a login or a delivery that it cannot read."""

from pathlib import Path

import pytest
from tests.corpus.report import SHARED, corpora, count, main, real, table, wrong
from tests.mta.corpus import lines

from gatepost.mta import DIALECTS

READ = (
    "Mar  2 10:00:00 mx1 postfix/smtp[1]: 225C022A268: to=<b@example.net>, relay=mx.example.net[198.51.100.25]:25, "
    "delay=0.4, delays=0.1/0/0.2/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok)"
)
IGNORED = "Mar  2 10:00:00 mx1 postfix/anvil[1]: statistics: max connection rate 1/60s"
UNREAD = "Mar  2 10:00:00 mx1 postfix/smtp[1]: 225C022A268: to=<b@example.net>, status=sent (250 2.0.0 Ok)"


def test_every_line_of_every_corpus_is_counted_once() -> None:
    """Each server with a dialect has a corpus; its lines are read, ignored with a reason or unread with a reason."""
    rows = {row.dialect: row for row in corpora()}
    assert set(rows) == set(DIALECTS)
    for name, row in rows.items():
        assert row.lines == row.read + row.ignored.total() + row.unread.total() == sum(map(bool, lines(name)))
        assert row.read > row.lines / 3 and "" not in {*row.ignored, *row.unread}


def test_what_is_unread_is_shown_with_its_reason() -> None:
    """The table has a line for each log, and below it each reason with its number."""
    row = count("postfix", "real/x.log", [[READ, IGNORED, UNREAD, "", "**NOTE: sorted"], [UNREAD]])
    assert (row.lines, row.read, row.ignored.total(), row.unread.total()) == (4, 1, 1, 2)
    _, first, reason = table([row])
    assert first.split() == ["postfix", "real/x.log", "4", "1", "1", "2"]
    assert reason.strip() == "unread: a delivery whose fields are not in Postfix's order: 2"


def test_an_unread_line_about_a_delivery_fails_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command ends with 1 and shows the line; without it, with 0."""
    folder = tmp_path / "data" / "logs" / "postfix"
    folder.mkdir(parents=True)
    (folder / "x.log").write_text(f"{READ}\n{IGNORED}\n")
    assert main(tmp_path) == 0
    (folder / "x.log").write_text(f"{READ}\n{UNREAD}\n")
    assert main(tmp_path) == 1
    assert UNREAD in capsys.readouterr().out.splitlines()[-1]


@pytest.mark.skipif(not (SHARED / "data" / "logs").is_dir(), reason="no folder with real logs: set GATEPOST_SHARED")
def test_no_real_line_about_a_login_or_a_delivery_is_unread() -> None:
    """Of every server that has a dialect, real logs are read to the last line that matters."""
    assert list(wrong(real(SHARED))) == []
