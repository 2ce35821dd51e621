"""Messages that a syslog server says came several times."""

import pytest
from msgspec import to_builtins
from tests.mta.corpus import WRITTEN, names, pairs

from gatepost.core.events import Cursor
from gatepost.mta import DIALECTS
from gatepost.mta.base import Record
from gatepost.mta.container import bare
from gatepost.mta.exim import Exim
from gatepost.mta.repeated import MAX_REPEATED, again, times, within
from gatepost.mta.thread import Thread
from gatepost.wire.syslog import read_header

TIMES = 3
BEFORE = 20
"""Lines read before the one that is repeated: those of its session and message."""


def events(server: str, lines: list[str]) -> tuple[list[object], list[str]]:
    """What lines mean, wherever they stand, and which messages are open behind them."""
    dialect, thread, found = DIALECTS[server](reference=WRITTEN), Thread("mx1"), list[object]()
    for number, line in enumerate(lines):
        for event in thread.feed(dialect.read(line), Cursor("mx1", 1, 1000 * number)):
            found.append({**to_builtins(event), "cursor": None})
    return found, sorted(thread.open)


@pytest.mark.parametrize("server", ["postfix", "dovecot", "cyrus", "courier", "sendmail", "opensmtpd"])
def test_a_repeated_message_is_so_many_messages(server: str) -> None:
    """A login, a refusal, a delivery, whatever a line says: behind the line itself, as syslog servers write it."""
    lines = [line for name in names(server) if name != "own-file.log" for line, _ in pairs(server, name)]
    tried = 0
    for number, line in enumerate(lines):
        header = read_header(line)
        if header is None or bare(line) != line or "repeated" in line:
            continue
        head, text = line[: header.end], line[header.end :]
        before = lines[max(0, number - BEFORE) : number]
        once = events(server, [*before, line, f"{head}message repeated {TIMES} times: [ {text}]"])
        assert once == events(server, [*before, line, *[line] * TIMES]), line
        tried += 1
    assert tried > 20


def test_exim_behind_syslog_is_repeated_too() -> None:
    """Its own stamp stands within the brackets."""
    said = "2026-03-02 10:03:06 plain authenticator failed for (x) [192.0.2.7]: 535 Incorrect (set_id=ann)"
    record = Exim().read(f"Mar  2 10:03:06 mx1 exim[4715]: message repeated 4 times: [ {said}]")
    assert (record.kind, record.account, record.ok, record.count) == ("login", "ann", False, 4)


def test_three_attempts_repeated_are_three_times_as_many() -> None:
    """Dovecot counts attempts itself, and then its line came more than once; all of it is bounded."""
    assert times(Record(kind="login", count=3), 3).count == 9
    assert times(Record(kind="login", count=3), 999_999).count == MAX_REPEATED
    assert times(Record(kind="login"), 0).count == 1


@pytest.mark.parametrize(
    "text",
    [
        "message repeated times: [ x]",
        "message repeated 3 times: x",
        "message repeated 3 times: [ x] y",
        "message repeated 9999999 times: [ x]",
        "x message repeated 3 times: [ x]",
        "last message repeated 3 times: x",
        "last message repeated times",
    ],
)
def test_other_words_repeat_nothing(text: str) -> None:
    """Only the syslog server's own words, whole."""
    assert within(text) is None and again(text) is None
