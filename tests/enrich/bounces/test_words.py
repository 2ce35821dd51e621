"""A text as words: bounded, folded, without what others choose."""

from hypothesis import given
from hypothesis import strategies as st

from gatepost.enrich.bounces.words import LONGEST, MOST, Vocabulary

FOLD = {"user": "user", "users": "user", "blocklist": "blocklist", "rbl": "blocklist", "zen.example": "zen"}


def vocabulary() -> Vocabulary:
    """A small language."""
    return Vocabulary(FOLD, {"the", "is"}, {"user", "unknown", "blocklist", "zen", "pelna", "unbekannt", "存", "在"})


def test_spellings_of_one_word_are_one() -> None:
    """Case, plural, accents and fillers make no difference."""
    words = vocabulary()
    assert words.shape("The USERS is unknown").split() == words.shape("user unknown").split() == ["user", "unknown"]
    assert words.shape("pełna").split() == ["pelna"] and words.shape("存在").split() == ["存", "在"]


def test_addresses_numbers_and_hosts_are_left_out() -> None:
    """Two replies about different people have one shape."""
    texts = (f"user <{who}@example.org> [192.0.2.{n}] unknown" for who, n in (("a", 1), ("b", 2)))
    first, second = map(vocabulary().shape, texts)
    assert first == second and first.split() == ["user", "unknown"]


def test_hosts_of_lists_are_named() -> None:
    """A host is a word where rules know it, or where a label says what it is."""
    words = vocabulary()
    assert words.shape("mx.zen.example").split() == ["zen"] and words.shape("x.rbl.example.net").split() == [
        "blocklist"
    ]


def test_escapes_of_a_log_are_what_they_stand_for() -> None:
    """A line end parts words, and octets in octal are the letters that the server wrote."""
    assert vocabulary().shape("user\\nunknown").split() == ["user", "unknown"]
    assert vocabulary().shape("pe\\305\\202na \\345\\255\\230").split() == ["pelna", "存"]
    assert vocabulary().shape("\\377 user").split() == ["user"]


def test_strange_words_stand_where_they_were() -> None:
    """A word that no rule knows keeps its place."""
    assert vocabulary().shape("user wibble unknown").split() == ["user", "?", "unknown"]


@given(st.text())
def test_what_is_remembered_is_bounded(text: str) -> None:
    """Long spellings and addresses are not kept, and only the beginning of a text is read."""
    words = vocabulary()
    words.shape(text * 50)
    assert all(len(spelt) <= LONGEST and b"@" not in spelt for spelt in words) and len(words) <= MOST
