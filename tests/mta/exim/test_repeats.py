"""Pieces of one line, and copies of one line."""

from gatepost.core.units import Instant
from gatepost.mta.exim import Exim
from gatepost.mta.exim.repeats import DUPLICATE, FIRST_PIECES, LOST_PIECES, MAX_PIECES, MAX_TEXTS, Copies

HEADER = "2026-03-02T10:00:00Z mx1 exim[{}]: "
WHOLE = "2026-03-02 10:00:00 1wAAAA-0001aB-2c <= ann@example.org H=(x) [192.0.2.7] P=esmtpa A=plain:ann S=1 for b@x"
FAILED = (
    "2026-03-02 10:00:00 plain authenticator failed for (x) [192.0.2.7]: 535 Incorrect authentication data (set_id=a)"
)


def pieces(text: str, pid: object, cuts: int = 3) -> list[str]:
    """A line as Exim splits it for syslog."""
    size = -(-len(text) // cuts)
    parts = [text[n : n + size] for n in range(0, len(text), size)]
    return [f"{HEADER.format(pid)}[{n}/{len(parts)}] {part}" for n, part in enumerate(parts, 1)]


def test_pieces_of_two_processes_are_put_together_apart() -> None:
    """Interleaved pieces are joined by host and process id, and say what the whole line says."""
    exim, one, two = Exim(), pieces(WHOLE, 1), pieces(WHOLE.replace("plain:ann", "plain:bob"), 2)
    records = [exim.read(line) for pair in zip(one, two, strict=True) for line in pair]
    assert [record.why for record in records[:4]] == [FIRST_PIECES] * 4
    assert [(record.kind, record.account) for record in records[4:]] == [("submission", "ann"), ("submission", "bob")]


def test_a_lost_piece_loses_the_line_and_nothing_else() -> None:
    """Pieces out of order, without a first, or without a process id are unread; the next line is read."""
    exim, parts = Exim(), pieces(WHOLE, 1)
    assert exim.read(parts[1]).why == LOST_PIECES
    assert [exim.read(line).why for line in (parts[0], parts[2])] == [FIRST_PIECES, LOST_PIECES]
    assert exim.read(parts[0].replace("exim[1]", "exim")).why == LOST_PIECES
    assert [exim.read(line).kind for line in parts][-1] == "submission"


def test_open_pieces_are_bounded() -> None:
    """A thousand lines begun and never ended keep a bounded number of pieces."""
    exim = Exim()
    for pid in range(1000):
        exim.read(pieces(WHOLE, pid)[0])
    assert len(exim._pieces._open) == MAX_PIECES
    for _ in range(1000):
        exim.read(f"{HEADER.format(5)}[1/999] {'x' * 1000}")
    assert len(exim._pieces._open) <= MAX_PIECES


def test_a_main_log_holds_no_copies() -> None:
    """Equal refusals within one second are as many events, where Exim writes each line once."""
    exim = Exim()
    assert [exim.read(FAILED).why for _ in range(4)] == [""] * 4


def test_the_reject_logs_copy_in_one_file_counts_once() -> None:
    """Behind a refused message's headers the second of two equal refusals is a copy, the third is news."""
    exim = Exim()
    exim.read("Envelope-from: <ann@example.org>")
    assert [exim.read(FAILED).why for _ in range(4)] == ["", DUPLICATE, "", DUPLICATE]
    assert exim.read(FAILED.replace("10:00:00", "10:00:01")).kind == "login"


def test_the_reject_logs_copy_in_syslog_counts_once() -> None:
    """The second of two equal refusals is a copy when one process wrote both."""
    exim = Exim()
    assert [exim.read(HEADER.format(1) + FAILED).why for _ in range(4)] == ["", DUPLICATE, "", DUPLICATE]
    assert [exim.read(HEADER.format(pid) + FAILED).why for pid in (2, 3, 2)] == ["", "", DUPLICATE]


def test_waiting_for_copies_is_bounded() -> None:
    """A flood within one second is forgotten, not kept."""
    copies = Copies()
    for number in range(2 * MAX_TEXTS):
        assert not copies.again(Instant(1.0), f"{number}")
    assert copies.again(Instant(1.0), "0") and not copies.again(Instant(1.0), f"{2 * MAX_TEXTS - 1}")
