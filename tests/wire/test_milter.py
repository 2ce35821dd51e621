"""The milter protocol: frames in any split, what is wanted of a mail server, and the limits."""

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.core.errors import BadRequest, TooLong, WireError
from gatepost.wire import milter
from gatepost.wire.milter import MAX_FRAME, MAX_LENGTH, Frames, frame
from gatepost.wire.texts import MAX_VALUE

SESSION = [
    (b"C", b"mail.example.org\x004\x00\x19192.0.2.7\x00"),
    (b"D", b"M{auth_authen}\x00ann@example.org\x00"),
    (b"M", b"<ann@example.org>\x00SIZE=400\x00"),
    (b"L", b"From\x00Ann <ann@example.org>\x00"),
    (b"E", b""),
]
BYTES = b"".join(frame(letter, data) for letter, data in SESSION)


@given(st.lists(st.integers(0, len(BYTES)), max_size=6))
def test_any_split_gives_the_same_frames(cuts: list[int]) -> None:
    """However the network cuts a session, it is the same session."""
    places = [0, *sorted(cuts), len(BYTES)]
    frames = Frames()
    found = [one for at, to in pairwise(places) for one in frames.feed(BYTES[at:to])]
    assert found == SESSION and not frames.halfway


@given(st.binary(max_size=200), st.integers(0, 200))
def test_noise_is_frames_or_an_error(noise: bytes, cut: int) -> None:
    """Nothing else comes of any bytes, and never more is held than a frame."""
    frames = Frames()
    try:
        for part in (noise[:cut], noise[cut:]):
            for letter, data in frames.feed(part):
                assert letter and len(data) <= MAX_FRAME
    except WireError:
        return


def test_a_header_and_a_body_of_any_length_are_passed_over() -> None:
    """Nothing of them is held, and what follows is read: a thief opens no door by a long header."""
    frames = Frames()
    long = frame(b"L", b"From\0" + b"x" * 1_000_000)
    found = [one for at in range(0, len(long), 65_536) for one in frames.feed(long[at : at + 65_536])]
    assert found == [(b"L", b"")] and frames.halfway is False
    assert list(frames.feed(frame(b"B", b"y" * MAX_FRAME) + frame(b"E"))) == [(b"B", b""), (b"E", b"")]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"GET / HTTP/1.1\r\n", BadRequest),
        (b"\0\0\0\0M", BadRequest),
        (b"\0\0\0\x01?", BadRequest),
        ((MAX_FRAME + 1).to_bytes(4, "big") + b"M", TooLong),
        ((MAX_LENGTH + 1).to_bytes(4, "big") + b"L", TooLong),
    ],
)
def test_what_is_no_frame_is_refused_at_once(data: bytes, error: type[WireError]) -> None:
    """Before anything of it is waited for."""
    with pytest.raises(error):
        list(Frames().feed(data))


def test_bodies_are_never_asked_for() -> None:
    """Of a server that can leave out bodies, greetings and the end of headers, and need not wait for headers."""
    said, quiet = milter.negotiated(milter.offer()[5:])
    version, does, asks = struct.unpack_from("!III", said, 5)
    assert (version, does) == (6, 0x120) and asks & 0x10 and asks == 0x11D2
    assert quiet == frozenset({b"D", b"A", b"Q", b"K", b"L", b"C"})
    assert b"{auth_authen}" in said


def test_an_old_server_is_asked_for_nothing_it_does_not_offer() -> None:
    """Version 2 without choices: everything is answered, no list of macros is sent."""
    said, quiet = milter.negotiated(milter.offer(2, 0, 0)[5:])
    assert said == frame(b"O", struct.pack("!III", 2, 0, 0)) and quiet == frozenset({b"D", b"A", b"Q", b"K"})


@pytest.mark.parametrize("data", [b"", b"\0" * 11, struct.pack("!III", 1, 0x1FF, 0x1FFFFF)])
def test_what_is_no_offer_is_refused(data: bytes) -> None:
    """Too short, or of a version that nobody speaks any more."""
    with pytest.raises(BadRequest):
        milter.negotiated(data)


@pytest.mark.parametrize(
    ("data", "address"),
    [
        (b"mail.example.org\x004\x00\x19192.0.2.7\x00", "192.0.2.7"),
        (b"[IPv6:2001:db8::7]\x006\x00\x19IPv6:2001:db8::7\x00", "2001:db8::7"),
        (b"localhost\x00L\x00\x00/run/socket\x00", ""),
        (b"unknown\x00U", ""),
        (b"", ""),
    ],
)
def test_a_client_is_its_address(data: bytes, address: str) -> None:
    """As Postfix and Sendmail write it; a client without one has none."""
    assert milter.client(data) == address


def test_texts_are_bounded_and_without_controls() -> None:
    """Whatever a client writes stays one text."""
    assert milter.texts(b"<a\r\n\xff\x1b>\0SIZE=1\0") == ["<a??\ufffd?>", "SIZE=1"]
    assert len(milter.texts(b"x" * 5000 + b"\0")[0]) == MAX_VALUE and milter.texts(b"") == []
    assert milter.macros(b"Mi\x00ABC\x00{auth_authen}\x00ann\x00odd\x00") == (b"M", {"i": "ABC", "auth_authen": "ann"})


def test_a_header_is_its_name_and_its_value() -> None:
    """As it came, without the NUL; of one that was passed over nothing is known."""
    assert milter.header(b"From\0Ann\r\n\t<ann@example.org>\0") == ("from", "Ann\r\n\t<ann@example.org>")
    assert milter.header(b"") == ("", "") == milter.header(b"\0\0")


def test_a_reply_is_one_line_of_smtp() -> None:
    """No line break gets into it, percent signs are doubled, and it is not longer than SMTP allows."""
    assert milter.refusal("550 5.7.1", "no\r\n250 100% ok") == frame(b"y", b"550 5.7.1 no??250 100%% ok\0")
    assert len(milter.refusal("550 5.7.1", "x" * 5000)) < 500
    assert milter.quarantine("kept\n") == frame(b"q", b"kept?\0") + milter.CONTINUE
