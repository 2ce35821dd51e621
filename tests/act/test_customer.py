"""Letters to customers: what they say, and that nothing a stranger wrote can harm who reads them."""

import re
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepost.act.customer import FILE, Case, Office, compose
from gatepost.act.wording import KINDS, LANGUAGES, WORDS, read, texts
from gatepost.core.dead import Dead
from gatepost.core.errors import ConfigError
from gatepost.core.units import Account, Instant

ANN = "ann@example.org"
NOW = Instant(1_773_543_600.0)
ANYTHING = st.text(st.characters() | st.sampled_from('<>&"$\\=+-@\r\n\0\x1b\u202e\ud800'), min_size=1, max_size=330)


def dead(address: str = "gone@example.net", reply: str = "550 5.1.1 no such user") -> Dead:
    """One refused address."""
    return Dead(Account("ann@example.org"), address, NOW, NOW, "invalid_recipient", "5.1.1", reply)


def case(kind: str = "first", found: tuple[Dead, ...] = (dead(),), account: str = ANN, to: str = ANN) -> Case:
    """A reason to write to ann."""
    since = Instant(0.0) if kind == "first" else Instant(NOW - 864_000)
    return Case(kind, Account(account), to, found, 7, since, 30, 2, 400, over=True)


def office(language: str = "en", folder: str = "", *, bulk: str = "https://www.example.org/bulk") -> Office:
    """An operator."""
    return Office("postmaster@example.org", texts(language, folder), language, "support@example.org", bulk)


def parts(mail: EmailMessage) -> dict[str, str]:
    """Text, HTML and file of a message as it arrives."""
    arrived = BytesParser(policy=policy.default).parsebytes(mail.as_bytes())
    found: dict[str, str] = {}
    for part in arrived.walk():
        if not part.is_multipart():
            assert isinstance(part, EmailMessage)
            found[part.get_content_type()] = part.get_content().replace("\r\n", "\n")
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_has_text_and_html_and_no_hole(language: str, kind: str) -> None:
    """No placeholder is left, both parts say the same, and only letters about a list carry one."""
    mail = compose(case(kind, () if kind in ("proof", "bulk") else (dead(),)), office(language), NOW)
    found = parts(mail)
    assert "$" not in found["text/plain"] + found["text/html"] + mail["Subject"]
    assert ("text/csv" in found) == (kind in ("first", "second"))
    for paragraph in found["text/plain"].strip().split("\n\n"):
        assert paragraph.split()[0] in found["text/html"]
    assert "support@example.org" in found["text/plain"]
    assert max(map(len, found["text/plain"].splitlines())) < 160
    assert mail["Auto-Submitted"] == "auto-generated"


def test_the_list_is_attached_and_its_beginning_shown() -> None:
    """The file has exact addresses; the letter shows twenty, none of which can be clicked."""
    found = tuple(dead(f"gone{number}@example.net") for number in range(50))
    mail = parts(compose(case(found=found), office(), NOW))
    assert mail["text/csv"].count("gone") == 50 and "gone49@example.net" in mail["text/csv"]
    assert mail["text/plain"].count("[@]example[.]net") == mail["text/html"].count("[@]example[.]net") == 20
    assert "gone1@example.net" not in mail["text/plain"] + mail["text/html"]


def test_a_paragraph_without_its_value_is_left_out() -> None:
    """Advice only for who needs it, a contact only where there is one."""
    without = Office("postmaster@example.org", texts("en"), "en", "", "")
    text = parts(compose(case(), without, NOW))["text/plain"]
    assert "Newsletters" not in text and "Questions" not in text
    assert "Newsletters" in parts(compose(case(), office(), NOW))["text/plain"]


def test_a_repeat_has_the_same_message_id() -> None:
    """Whenever it is tried; another letter has another one."""
    first = compose(case(), office(), NOW)["Message-ID"]
    assert compose(case(), office(), Instant(NOW + 99))["Message-ID"] == first
    assert compose(case("second"), office(), NOW)["Message-ID"] != first


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, deadline=None)
@given(ANYTHING, ANYTHING, ANYTHING)
def test_nothing_a_stranger_writes_harms_the_reader(
    language: str, kind: str, address: str, reply: str, account: str
) -> None:
    """No header, no tag, no control character, no link, no placeholder of his comes through in any template."""
    marked = f"http://evil.example/{reply}"
    mail = compose(case(kind, (dead(address, marked),), account), office(language, bulk="B"), NOW)
    plain = compose(case(kind, (dead(),)), office(language, bulk="B"), NOW)
    assert mail.keys() == plain.keys()
    found, usual = parts(mail), parts(plain)
    for one in (found["text/plain"], found["text/html"], mail["Subject"]):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", one)
        assert "http://" not in one
    tags = re.compile(r"</?\w+")
    assert tags.findall(found["text/html"]) == tags.findall(usual["text/html"])


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Hello", "first line"),
        ("Subject: x", "first line"),
        ("Subject: x\n\n$nothing here", "$nothing means nothing"),
        ("Subject: x\n\n5 $ only", "stands alone"),
    ],
)
def test_a_text_that_means_nothing_is_refused(text: str, wrong: str) -> None:
    """With the place and what to write."""
    with pytest.raises(ConfigError, match=re.escape(wrong)):
        read(text, "first.txt")


def test_own_texts_go_before_ours(tmp_path: Path) -> None:
    """File by file; what is there is told with its name when it is wrong."""
    (tmp_path / "first.txt").write_text("Subject: Hi $number\n\nCosts $$5, $account\n\n$list\n")
    mail = compose(case(), office(folder=str(tmp_path)), NOW)
    assert mail["Subject"] == "Hi 1"
    assert "Costs $5, ann@example.org" in parts(mail)["text/plain"]
    assert compose(case("second"), office(folder=str(tmp_path)), NOW)["Subject"].startswith("Still")
    (tmp_path / "proof.txt").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match=r"proof\.txt.*UTF-8"):
        texts("en", str(tmp_path))


def test_our_texts_name_everything_at_least_once() -> None:
    """No placeholder is documented that no letter uses."""
    for language in LANGUAGES:
        said = " ".join(part for text in texts(language).values() for part in (text.subject, *text.paragraphs))
        assert [word for word in sorted(WORDS) if f"${word}" not in said] == []
        assert f"{FILE}" not in said
