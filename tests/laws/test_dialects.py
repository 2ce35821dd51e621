"""What every dialect must obey."""

import json
import os
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.laws import exim_writes
from tests.mta.corpus import CORPUS as WRITINGS
from tests.mta.corpus import WRITTEN, lines, names, pairs

from gatepost.mta import DIALECTS, UNKNOWN, detect
from gatepost.mta.base import Dialect, Record, Timed
from gatepost.mta.exim import Exim
from gatepost.surface.commands.parse import stated

SHARED = Path(os.environ.get("GATEPOST_SHARED", Path(__file__).parents[3] / "shared"))
CORPUS = lines("exim")


@pytest.mark.parametrize("name", names("exim"))
def test_every_line_of_the_corpus_is_read_as_it_says(name: str) -> None:
    """What stands above a line is what it is read as, field for field."""
    read = DIALECTS["exim"](reference=WRITTEN).read
    for line, expected in pairs("exim", name):
        said = json.loads(json.dumps(stated(read(line))))
        if not said["why"]:
            del said["why"]
        assert said == expected, line


def _agree(dialect: Dialect, line: str) -> bool:
    """Whether the skim of a line, if there is one, says what reading says; True when there was one."""
    skimmed = dialect.skim(line)
    record = dialect.read(line)
    if skimmed is not None:
        assert (record.kind, record.result, record.queue_id, record.address) == ("delivery", "delivered", *skimmed)
    return skimmed is not None


def test_the_skim_of_a_corpus_line_agrees_with_its_reading() -> None:
    """Skimming changes nothing but the time it takes, and plain delivered lines are skimmed."""
    dialect = DIALECTS["exim"](reference=WRITTEN)
    assert sum(_agree(dialect, line) for line in CORPUS) >= 5


@given(
    address=st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=30)
    | st.sampled_from(["bob@example.net", "bob <bob@example.net>", '"b b"@example.net', "|x <b@example.net>", ":b:"]),
    fields=st.sampled_from([" R=r T=t", " F=<a@b> R=r", ": x", " <x@y> R=r", "", " (p@q) <x@y> T=t", " H=x"]),
    flag=st.sampled_from(["=>", "->", ">>", "*>", "**", "==", "<="]),
    stamp=st.sampled_from(["2026-03-02 10:00:00 ", "2026-03-02 10:00:00.123 ", "2026-03-02 10:00:00 +0100 ", ""]),
)
def test_the_skim_of_any_line_agrees_with_its_reading(address: str, fields: str, flag: str, stamp: str) -> None:
    """Whatever stands where the recipient stands, skim and read say the same or skim says nothing."""
    _agree(DIALECTS["exim"](), f"{stamp}1wAAAA-0001aB-2c {flag} {address}{fields}")


def _same(line: str) -> Record:
    """What a line is read as, if the short way and the whole grammar say the same."""
    short, whole = Exim(reference=WRITTEN), Exim(reference=WRITTEN)
    record = short.read(line)
    assert record == whole.read_slowly(line), line
    return record


def test_the_short_way_reads_the_corpus_as_the_grammar_does() -> None:
    """Every line of the corpus is read the same on both ways."""
    for line in CORPUS:
        _same(line)


_Lines = st.SearchStrategy[str]
_ARRIVALS: _Lines = st.builds(exim_writes.arrival, exim_writes.sessions, exim_writes.mails)
_REFUSALS: _Lines = st.builds(
    exim_writes.refusal,
    exim_writes.sessions,
    exim_writes.addresses,
    exim_writes.recipients | st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=120),
    exim_writes.hostile,
)
_FAILURES: _Lines = st.builds(exim_writes.failure, exim_writes.sessions, exim_writes.hostile, st.booleans())
_OUTCOMES: _Lines = st.builds(
    exim_writes.outcome,
    st.sampled_from(["=>", "->", ">>", "*>", "**", "=="]),
    exim_writes.recipients,
    st.none() | exim_writes.recipients,
    exim_writes.hostile,
    st.none() | exim_writes.hostile,
)


@given(_ARRIVALS | _REFUSALS | _FAILURES | _OUTCOMES, st.integers(0, 400), st.sampled_from(exim_writes.PIECES))
def test_the_short_way_reads_any_line_as_the_grammar_does(line: str, at: int, piece: str) -> None:
    """Whatever strangers send, and whatever is planted or cut anywhere in a line, both ways say the same."""
    _same(line)
    _same(line[:at] + piece + line[at:])
    _same(line[:at])


@given(st.sampled_from(CORPUS), st.integers(0, 400), st.integers(0, 8), st.sampled_from((*exim_writes.PIECES, "")))
def test_the_short_way_reads_damaged_lines_as_the_grammar_does(line: str, at: int, gone: int, piece: str) -> None:
    """A corpus line with a piece lost or planted reads the same on both ways."""
    _same(line[:at] + piece + line[at + gone :])


_STAMPS = st.builds(
    "2026-10-25 {}:{}{}{} {}".format,
    st.sampled_from(["02:10", "02:59", "03:00", "23:59"]),
    st.sampled_from(["00", "07", "60", "61", "5x"]),
    st.sampled_from(["", ".000", ".999", ".12"]),
    st.sampled_from(["", " +0100", " -0330", " +01"]),
    st.sampled_from(["", "[4711] ", "[x] ", "+", "- "]),
)


@given(st.lists(st.tuples(_STAMPS, _ARRIVALS | _REFUSALS | _FAILURES | _OUTCOMES), max_size=12), st.booleans())
def test_any_stamps_in_any_order_are_read_as_the_grammar_does(written: list[tuple[str, str]], skimmed: bool) -> None:
    """Seconds that are remembered, zones that come and go and a repeated hour change no time, skimmed before or not."""
    short, whole, timed = (Exim(ZoneInfo("Europe/Berlin"), reference=WRITTEN) for _ in range(3))
    for stamp, plain in written:
        line = stamp + plain[len(exim_writes.STAMP) :]
        told = short.skim(line) if skimmed else None
        record = whole.read_slowly(line)
        assert short.read(line) == record, line
        assert timed.when(line) == record.time, line
        assert told is None or (record.result, record.queue_id, record.address) == ("delivered", *told), line


@pytest.mark.parametrize("stamp", ["10:00:00", "10:00:00.123", "10:00:00 +0100", "10:00:00.123 -0330", "10:00:00 [42]"])
def test_usual_lines_take_the_short_way(stamp: str) -> None:
    """Ordinary lines of each kind are not left to the grammar, whatever the stamp, or it would be for nothing."""
    client, mail = (
        exim_writes.Session(account="ann@example.org", helo="laptop", port=":51234", tls=True),
        exim_writes.Mail(),
    )
    for line in (
        exim_writes.arrival(client, mail),
        exim_writes.arrival(exim_writes.Session(name="mx.example.net"), exim_writes.Mail(message_id="1@x")),
        exim_writes.outcome("=>", "bob@example.net", None, "250 Ok", None),
        exim_writes.outcome("**", "bob@example.net", None, "550 5.1.1 no", None),
        exim_writes.outcome("==", "bob@example.net", None, "451 later", None),
    ):
        written = line.replace("10:00:00", stamp, 1)
        assert Exim().read_usual(written) is not None, written
        assert (Exim().skim(written) is not None) == (" => " in written)
    for line in (
        exim_writes.refusal(client, "ann@example.org", "bob@example.net", "no"),
        exim_writes.failure(client, "ann", flagged=False),
    ):
        assert "[42]" in stamp or Exim().read_usual(line.replace("10:00:00", stamp, 1)) is not None, line


@pytest.mark.parametrize("corpus", sorted(path.name for path in WRITINGS.iterdir() if path.is_dir()))
def test_when_a_line_was_written_is_told_as_reading_tells_it(corpus: str) -> None:
    """The time alone is the time of the whole reading, whoever wrote the line and whatever is asked to read it."""
    written = [*lines(corpus), *lines("postfix"), *lines(corpus)]
    for make in DIALECTS.values():
        timed, whole = make(reference=WRITTEN), make(reference=WRITTEN)
        if isinstance(timed, Timed):
            for line in written:
                assert timed.when(line) == whole.read(line).time, line


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda data: data.decode("utf-8", "surrogateescape")))
def test_no_text_makes_a_dialect_raise(text: str) -> None:
    """Whatever a line holds, it is read as something."""
    for make in DIALECTS.values():
        dialect = make()
        assert dialect.read(text).kind
        dialect.skim(text)


@pytest.mark.parametrize(
    "line",
    [
        "2026-03-02 10:00:00 1wAAAA-0001aB-2c <= ann@example.org H=(" + ") [192.0.2.1] P=esmtpa A=p:v" * 40_000,
        "2026-03-02 10:00:00 1wAAAA-0001aB-2c => " + '"' * 1_000_000,
        "2026-03-02 10:00:00 H=(" + "x) [192.0.2.1] U= F=<a@b> rejected RCPT <" * 25_000,
        "\0" * 1_000_000,
        "2026-03-02 10:00:00 no MAIL in SMTP connection from (" + "x) [192.0.2.1] D=1s A=p:v:" * 40_000,
        "2026-03-02 10:00:00 p authenticator failed for (" + "x) [192.0.2.1]: 535 x (set_id=" * 40_000,
    ],
    ids=["arrival", "quotes", "refusal", "nul", "session", "failure"],
)
def test_a_line_of_a_megabyte_is_unread_at_once(line: str) -> None:
    """Length is bounded before anything is looked for."""
    record = DIALECTS["exim"]().read(line)
    assert record.kind == "unread" and len(line) >= 1_000_000


def test_the_dialect_of_a_log_is_told_from_its_lines() -> None:
    """Exim's lines are Exim's, and what nobody wrote is unknown, never guessed."""
    assert detect(CORPUS) == "exim"
    assert detect(["Mar  2 10:00:00 mx1 sshd[1]: hello", "2026-03-02 10:00:00 hello", "", "x" * 100]) == UNKNOWN
    assert detect([]) == UNKNOWN


def _shared() -> list[Path]:
    folder = SHARED / "data" / "logs" / "exim"
    captured = SHARED / "captures" / "exim-mainlog.txt"
    return [
        path for path in (*folder.rglob("*"), captured) if path.is_file() and path.suffix not in {".jsonl", ".json"}
    ]


UNWRITTEN = "no time stamp that can be read"


def test_nearly_every_line_of_real_logs_is_read() -> None:
    """Of real logs and of Exim's own test suite, no stamped line is unread."""
    files = _shared()
    if not files:
        pytest.skip("no folder with real logs: set GATEPOST_SHARED")
    for path in files:
        dialect = DIALECTS["exim"]()
        for line in path.read_text("utf-8", "surrogateescape").split("\n"):
            record = dialect.read(line)
            assert record.kind != "unread" or (record.why == UNWRITTEN and not line[:4].isdigit()), (path.name, line)
            _agree(DIALECTS["exim"](), line)
            _same(line)


def test_labelled_logs_are_read_as_their_labels_say() -> None:
    """Time, client, account and queue id are those the labelled lines state."""
    files = sorted((SHARED / "data" / "logs" / "exim").glob("*.labels.jsonl"))
    if not files:
        pytest.skip("no folder with labelled logs: set GATEPOST_SHARED")
    for path in files:
        dialect = DIALECTS["exim"]()
        records = [
            dialect.read(line) for line in path.with_name(path.name.split(".")[0] + ".log").read_text().split("\n")
        ]
        for label in map(json.loads, path.read_text().splitlines()):
            record, expect = records[label["n"] - 1], label["expect"]
            if record.kind in {"login", "submission", "delivery"} and record.result in {None, "refused"}:
                assert record.client == expect.get("ip", record.client), label
                assert expect.get("account") in {None, record.account, record.address}, label
                assert record.queue_id == expect.get("msgid", record.queue_id), label
            else:
                assert expect.get("kind") not in {"auth_fail", "submit"}, label
