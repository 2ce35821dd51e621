"""words.py: single words of a configuration."""

from collections.abc import Callable

import pytest

from gatepost.config import words

Word = Callable[[str], words.Wrong]

GOOD: dict[Word, list[str]] = {
    words.domain: ["example.org", "EXAMPLE.org", "xn--bcher-kva.example", "localhost", "_x.example.test"],
    words.address: ["ann@example.org", "a.b+c@example.test", "o'hara@example.org"],
    words.sender: ["*", "*@example.org", "ann@example.org"],
    words.account: ["ann@example.org", "ann", "web 1"],
    words.network: ["192.0.2.0/24", "192.0.2.7", "2001:db8::/32"],
    words.name: ["mx1", "mx1.example.org", "a_b-c", "operator"],
    words.source: ["mx1", "operators"],
    words.mode: ["0640", "640", "0600", "0644"],
    words.server: ["127.0.0.1:25", "mail.example.org:587", "[2001:db8::25]:25"],
    words.tag: ["[gatepost]", "gp:"],
    words.path: ["x", "/a b"],
    words.table: ["bundled", "none", "./asn.tsv", "asn.tsv"],
    words.zone: ["local", "UTC", "+01:00"],
}
BAD: dict[Word, list[str]] = {
    words.domain: [
        "",
        "@example.org",
        "a b",
        "example..org",
        "bücher.example",
        "a" * 64,
        "-a.example",
        "*.example.org",
    ],
    words.address: ["", "ann", "@example.org", "ann@", "Ann <ann@example.org>", "a\r\nb@example.org", "ann@a b"],
    words.sender: ["", "*@", "*.example.org", "example.org", "ann@*"],
    words.account: ["", " ann", "*@example.org", "a\nb"],
    words.network: ["", "office", "192.0.2.1/24", "192.0.2.0/33", "192.0.2"],
    words.name: ["", "a b", "-a", "mx1:log", "a" * 65],
    words.source: ["", "a b", "operator", "clock", "door", "finding"],
    words.mode: ["", "rw", "0666", "0440", "0", "06400", "0888"],
    words.server: ["", "mx", "mx:", "mx:0", "mx:65536", "2001:db8::25:25", "a b:25"],
    words.tag: ["", "a", "[gate\npost]", " [gatepost]", "ü[gatepost]", "x" * 41],
    words.path: ["", "a\0b"],
    words.table: ["", "bundeled"],
    words.zone: ["", "Mars"],
}


@pytest.mark.parametrize(("word", "text"), [(word, text) for word, texts in GOOD.items() for text in texts])
def test_good_words_pass(word: Word, text: str) -> None:
    """What operators ordinarily write is accepted."""
    assert word(text) is None


@pytest.mark.parametrize(("word", "text"), [(word, text) for word, texts in BAD.items() for text in texts])
def test_bad_words_have_a_message_and_a_remedy(word: Word, text: str) -> None:
    """What cannot be meant is refused with a printable message of bounded length and a remedy."""
    wrong = word(text)
    assert wrong is not None
    message, remedy = wrong
    assert message.isprintable() and remedy and len(message) < 200


def test_a_network_with_host_bits_is_told_the_network_meant() -> None:
    """The usual slip has its exact remedy."""
    assert words.network("192.0.2.1/24") == (
        '"192.0.2.1/24" has bits set behind its prefix',
        'did you mean "192.0.2.0/24"?',
    )
