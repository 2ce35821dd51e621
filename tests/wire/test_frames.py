"""Syslog messages out of a stream, and as lines: the same ones however the bytes come."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.wire import frames
from gatepost.wire.frames import LONGEST, Frames, as_line, as_lines
from gatepost.wire.syslog import read_header

MESSAGE = st.binary(min_size=1, max_size=40)
PLAIN = MESSAGE.filter(lambda message: b"\n" not in message)


def counted(messages: list[bytes]) -> bytes:
    """A stream by octet counting."""
    return b"".join(b"%d %s" % (len(message), message) for message in messages)


def lined(messages: list[bytes]) -> bytes:
    """A stream by newlines."""
    return b"".join(message + b"\n" for message in messages)


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    """The same bytes in pieces."""
    at = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(at)]


def read(pieces: list[bytes]) -> tuple[list[bytes], int, str, list[bytes]]:
    """Everything that a stream says, pieces and all."""
    stream = Frames()
    found = [message for piece in pieces for message in stream.receive(piece)]
    return found, stream.cut, stream.trouble, stream.end()


@given(st.lists(MESSAGE, max_size=6))
def test_counted_messages_come_whole_wherever_the_stream_is_cut(messages: list[bytes]) -> None:
    """Octet counting: newlines and digits inside change nothing (RFC 6587 section 3.4.1)."""
    data = counted(messages)
    for cut in range(len(data) + 1):
        assert read([data[:cut], data[cut:]]) == (messages, 0, "", [])
    assert read([data[at : at + 1] for at in range(len(data))]) == (messages, 0, "", [])


@given(st.lists(PLAIN, min_size=1, max_size=6).filter(lambda messages: not messages[0][:1].isdigit()))
def test_lined_messages_come_whole_wherever_the_stream_is_cut(messages: list[bytes]) -> None:
    """Newlines, and a last message that lacks its own (RFC 6587 section 3.4.2)."""
    data = lined(messages)
    for cut in range(len(data) + 1):
        assert read([data[:cut], data[cut:]]) == (messages, 0, "", [])
    assert read([data[at : at + 1] for at in range(len(data) - 1)]) == (messages[:-1], 0, "", messages[-1:])


@given(st.binary(max_size=120), st.lists(st.integers(0, 120), max_size=8), st.integers(1, 20))
def test_any_bytes_in_any_pieces_say_the_same(data: bytes, cuts: list[int], longest: int) -> None:
    """Garbage too, with messages over the limit: what is found, cut and wrong depends on the bytes alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frames, "LONGEST", longest)
        whole = read([data])
        assert read(split(data, cuts)) == whole
        assert all(0 < len(message) <= longest for message in (*whole[0], *whole[3]))


@pytest.mark.parametrize("frame", [counted, lined])
def test_a_message_of_megabytes_is_cut_and_the_next_one_is_whole(frame: object) -> None:
    """Only its beginning is held, and it is counted."""
    assert callable(frame)
    stream = Frames()
    data = frame([b"<22>" + b"x" * 3_000_000, b"<22>next"])
    found = []
    for at in range(0, len(data), 50_000):
        found += stream.receive(data[at : at + 50_000])
        assert len(stream._held) <= LONGEST + 50_000
    assert found == [b"<22>" + b"x" * (LONGEST - 4), b"<22>next"]
    assert stream.cut == 1


@pytest.mark.parametrize("garbage", [b"<22>no count\n", b"1234567890 x", b"x", b" 3 abc"])
def test_a_stream_that_stops_counting_is_at_its_end(garbage: bytes) -> None:
    """What was whole before is given; nothing behind it can be trusted to begin where it seems to."""
    stream = Frames()
    assert stream.receive(b"3 abc" + garbage) == [b"abc"]
    assert "count" in stream.trouble
    assert stream.receive(b"3 abc") == []


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (b"<22>Mar  2 10:03:04 mx1 postfix/smtpd[7]: x\n", b"Mar  2 10:03:04 mx1 postfix/smtpd[7]: x"),
        (b"<22>Mar  2 10:03:04 postfix/smtpd[7]: x: y", b"Mar  2 10:03:04 mx9 postfix/smtpd[7]: x: y"),
        (b"<22>2026-03-02T10:03:04.5+01:00 exim: x", b"2026-03-02T10:03:04.5+01:00 mx9 exim: x"),
        (b"<22>2026-03-02T10:03:04Z mx1 exim: x", b"2026-03-02T10:03:04Z mx1 exim: x"),
        (b"<22>1 2026-03-02T10:03:04Z mx1 exim 7 - - x", b"<22>1 2026-03-02T10:03:04Z mx1 exim 7 - - x"),
        (b"Mar  2 10:03:04 mx1 exim: a\nMar  2 10:03:04 mx1 exim: b\0\r\n",
         b"Mar  2 10:03:04 mx1 exim: a#012Mar  2 10:03:04 mx1 exim: b"),
        (b"anything else", b"anything else"),
        (b"", b""),
    ],
)  # fmt: skip
def test_a_message_is_one_line_of_a_log(message: bytes, line: bytes) -> None:
    """Priority out, a missing host in, breaks escaped: then files and streams read alike."""
    assert as_line(message, b"mx9") == line


@given(st.binary(max_size=200))
def test_no_message_becomes_two_lines(message: bytes) -> None:
    """Whatever a client put into a log line."""
    for text in (message, b"<22>Mar  2 10:03:04 postfix/smtpd[7]: " + message):
        line = as_line(text, b"mx9")
        assert not set(line) & {0, 10, 13}
    assert line.startswith(b"Mar  2 10:03:04 mx9 postfix/smtpd[7]: ")
    header = read_header(line.decode("latin-1"))
    assert header is not None and (header.host, header.program) == ("mx9", "postfix/smtpd")


OLD, ISO = b"Mar  2 10:03:04 ", b"2026-03-02T10:03:04Z "
BEGINNINGS = st.sampled_from([b"", b"<22>", OLD, b"<22>" + OLD, ISO, b"<22>" + ISO, b"<22>1 " + ISO])
REST = st.sampled_from(
    [b"", b"mx1 a: b", b"a: b", b"a[7]: b", b"a", b": ", b"\n", b"\r", b"\x00", b"a\n" + OLD + b"b: c"]
)
WRITTEN = st.tuples(BEGINNINGS, REST, st.binary(max_size=8) | REST).map(b"".join)


@given(st.lists(WRITTEN | st.binary(max_size=30), max_size=8), st.sampled_from([b"mx9", rb"\g<0>", rb"\1"]))
def test_many_messages_are_the_same_lines_as_each(messages: list[bytes], host: bytes) -> None:
    """In one pass or one by one, whatever stands in their neighbours and whatever the host is called."""
    assert as_lines(messages, host) == [as_line(message, host) for message in messages]


def test_a_long_message_among_others_is_cut_as_alone() -> None:
    """What is left out of it is left out in one pass too."""
    messages = [b"a" * (LONGEST + 9), b"<22>Mar  2 10:03:04 b: c", b"x" * (LONGEST - 1) + b"\n\n"]
    assert as_lines(messages, b"mx9") == [as_line(message, b"mx9") for message in messages]
