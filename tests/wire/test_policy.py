"""Policy delegation: any split of the bytes gives the same requests, and nobody can make them long."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.core.errors import BadRequest, TooLong, WireError
from gatepost.wire import policy
from gatepost.wire.policy import MAX_NAMES, MAX_REQUEST, Attributes, Requests, action
from gatepost.wire.texts import MAX_VALUE

NAMES = st.text(st.characters(codec="ascii", exclude_characters="=\n\0\r"), min_size=1, max_size=12).filter(
    lambda name: name.isprintable()
)
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=40).filter(str.isprintable)
REQUESTS = st.lists(st.dictionaries(NAMES, VALUES, min_size=1, max_size=8), max_size=4)


def written(request: Attributes) -> bytes:
    """A request as Postfix writes it."""
    return "".join(f"{name}={value}\n" for name, value in request.items()).encode() + b"\n"


@given(REQUESTS, st.lists(st.integers(0, 200), max_size=20))
def test_any_split_of_the_bytes_gives_the_same_requests(requests: list[Attributes], cuts: list[int]) -> None:
    """However the network cuts them."""
    data = b"".join(map(written, requests))
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    reader = Requests()
    found = [one for start, end in pairwise(places) for one in reader.feed(data[start:end])]
    assert found == requests
    assert not reader.halfway


@given(st.lists(st.tuples(*[VALUES | st.text(max_size=3)] * 3), max_size=5), st.sets(st.sampled_from("abc")))
def test_a_client_that_repeats_itself_is_read_as_line_by_line(values: list[tuple[str, ...]], wanted: set[str]) -> None:
    """From the second request on a pattern reads it: the same attributes, whatever is in them, or the same error."""
    reader = Requests(wanted)
    for each in values:
        text = "".join(f"{name}={value}\n" for name, value in zip("abc", each, strict=True)).encode() + b"\n"
        found, alone = read(reader, text), read(Requests(), text)
        kept = alone if isinstance(alone, str) else [keep(one, wanted) for one in alone]
        assert found == kept
        if isinstance(found, str):
            reader = Requests(wanted)


def read(reader: Requests, data: bytes) -> list[Attributes] | str:
    """The requests, or what was wrong."""
    try:
        return list(reader.feed(data))
    except WireError as error:
        return str(error)


def keep(found: Attributes, wanted: set[str]) -> Attributes:
    """What is wanted of a request."""
    return {name: value for name, value in found.items() if not wanted or name in wanted}


def test_orders_without_end_are_read_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever names his attributes in ever new orders gets no more patterns made."""
    monkeypatch.setattr(policy, "_shapes", {})
    for number in range(policy.MAX_SHAPES + 5):
        reader = Requests()
        for _ in range(2):
            assert list(reader.feed(b"name%d=x\n\n" % number)) == [{f"name{number}": "x"}]
    assert len(policy._shapes) == policy.MAX_SHAPES


@given(st.binary(max_size=400))
def test_any_bytes_are_requests_or_an_error(data: bytes) -> None:
    """Noise never raises anything but a WireError."""
    try:
        for found in Requests().feed(data):
            assert all(value.isprintable() or max(value) >= "\xa0" for value in found.values())
    except WireError:
        pass


def test_a_request_without_end_is_an_error_not_memory() -> None:
    """One octet more than a request may hold."""
    reader = Requests()
    assert list(reader.feed(b"a" * MAX_REQUEST)) == []
    with pytest.raises(TooLong):
        list(reader.feed(b"a"))


def test_too_many_attributes_are_an_error() -> None:
    """One more than a request may hold."""
    with pytest.raises(TooLong):
        list(Requests().feed(b"a=1\n" * (MAX_NAMES + 1) + b"\n"))


@pytest.mark.parametrize("data", [b"\n\n", b"hello\n\n", b"=value\n\n", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n\n\n"])
def test_what_is_no_request_is_an_error(data: bytes) -> None:
    """An empty request, a line without a name, another protocol."""
    with pytest.raises(BadRequest):
        list(Requests().feed(data))


def test_values_are_cut_and_hold_no_controls() -> None:
    """A sender of 5,000 characters, a carriage return, an escape."""
    (found,) = Requests().feed(b"sender=" + b"a" * 5000 + b"\nhelo_name=a\r\x1b[2Jb\n\n")
    assert found == {"sender": "a" * MAX_VALUE, "helo_name": "a??[2Jb"}


def test_an_answer_is_one_line() -> None:
    """Whatever stands in its words."""
    assert action("REJECT 5.7.1 a\nb\r\n\n") == b"action=REJECT 5.7.1 a?b???\n\n"
