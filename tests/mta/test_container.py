"""What a container's log driver puts around a line."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.mta.corpus import CORPUS, WRITTEN, lines

from gatepost.mta import DIALECTS
from gatepost.mta.container import bare

TIME = "2026-03-02T10:00:05.123456789"
FRAMES = {
    "compose": "mail-1  | {}",
    "docker": f"{TIME}Z {{}}",
    "compose and docker": f"mail-1  | {TIME}Z {{}}",
    "kubernetes": f"{TIME}+01:00 stdout F {{}}",
}
SERVERS = sorted(path.name for path in CORPUS.iterdir() if path.name in DIALECTS)


def stamped(line: str) -> bool:
    """Whether a line begins as a server's first line of an entry does, without a frame of its own."""
    if not line or bare(line) != line:
        return False
    return line[:4].isdigit() or (line[:1].isupper() and line[6:7] == " " and line[9:10] == ":") or line[:1] in "{<"


def as_json(line: str) -> str:
    """A line of Docker's json-file driver."""
    return json.dumps({"log": f"{line}\n", "stream": "stdout", "time": f"{TIME}Z"}, separators=(",", ":"))


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("frame", [*FRAMES, "json"])
def test_a_framed_line_is_read_as_the_line(server: str, frame: str) -> None:
    """Whatever the server and the driver, every line of the corpora says the same within the frame and without."""
    plain, framed = (DIALECTS[server](reference=WRITTEN) for _ in range(2))
    said = [line for line in lines(server) if stamped(line)]
    assert len(said) > 5
    for line in said:
        wrapped = as_json(line) if frame == "json" else FRAMES[frame].format(line)
        assert framed.read(wrapped) == plain.read(line), line


@pytest.mark.parametrize(
    "line",
    [
        "2026-03-02T10:00:00Z mx1 postfix/smtpd[1]: x",
        "P | 2026-03-02 10:00:00 1wAAAA-0001aB-2c Completed",
        f"{TIME}Z stdout P half of a",
        '{"log":"not whole',
        '{"log":5}',
        '{"log":"\\ud800"}',
        '{"log":"\udcff"}',
        '{"log":"' + "x" * (1 << 18) + '"}',
    ],
)
def test_what_is_no_frame_stays(line: str) -> None:
    """A header of the server's own, a header of a refused message, half a line, broken JSON."""
    assert bare(line) == line


@pytest.mark.parametrize("server", SERVERS)
def test_frames_within_frames_are_taken_off_once(server: str) -> None:
    """A line of ten thousand frames is read at the cost of one, and nothing raises."""
    assert DIALECTS[server](reference=WRITTEN).read("ab | " * 10_000).kind in {"unread", "ignored"}


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda data: data.decode("utf-8", "surrogateescape")))
def test_no_text_makes_it_raise(text: str) -> None:
    """What is left is an end of the line, or what JSON says."""
    for line in (text, f"mail | {text}", f"{TIME}Z {text}", f'{{"log":"{text}"}}'):
        left = bare(line)
        assert line.endswith(left) or line.startswith('{"log":"')
