"""A reply's text as words: what is said, without addresses, hosts, numbers and filler.

Owns how a text is cut and which words mean the same. Two replies that differ only in whom and where they are about
have the same *shape*, so that a shape is judged once. Looks at the first MOST characters and no further: a reply line
is at most 512 octets (RFC 5321 section 4.5.3.1.5), and what follows in a long report repeats it.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping

MOST = 1000
"""Characters of a text that are looked at."""
MANY = 50_000
"""Spellings remembered; when there are more, all are forgotten and learnt again."""
LONGEST = 48
"""Octets of the longest spelling that is remembered."""
WIDEST = 400
"""Octets of a piece without blanks that are looked at: a whole sentence in scripts that have none."""

Shape = str
"""Words parted by blanks; STRANGE for one that no rule knows."""
STRANGE = "?"
LONG = 5
"""Letters of a last label that is hardly a top-level domain's: "queue.expired" is two words."""
NOTHING = ""
"""What says nothing: an address, a host, a number, a filler."""

_APART = bytes(
    code if chr(code).isalnum() or chr(code) in "@./_%~'-" or code > 127 else 32 for code in bytes(range(256)).lower()
)
"""Each octet in lower case, or a blank where words are parted; what is not ASCII stays."""
_LETTER = r"a-z\u00aa-\u1fff"
_TOKEN = re.compile(
    r"(?<![\w.])[245]\d\d(?![\w.])"  # a reply code
    r"|(?<![\w.])[245]\.\d{1,3}\.\d{1,3}(?![\w.]*\w)"  # an enhanced status code
    r"|[a-z0-9][a-z0-9-]{0,62}+(?:\.[a-z0-9][a-z0-9-]*+)+(?:/[\w./%~-]*+)?"  # a host or address, with the path of a URL
    r"|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"  # scripts without blanks: each character
    rf"|[{_LETTER}][0-9{_LETTER}]*+(?:['\u2019][{_LETTER}]++|_[0-9]++)?"  # a word
)
_WHOLE = str.maketrans("łøđı", "lodi")
"""Letters whose accent Unicode does not take apart."""
_CODE = re.compile(r"[245](?:\d\d|\.\d{1,3}\.\d{1,3})")


class Vocabulary(dict[bytes, str]):
    """Spelling, as it stands between blanks, to the words it is; filled as spellings are met.

    Args:
        fold: spelling to the word it stands for.
        drop: words that say nothing.
        words: the words that rules use, folded; all others become STRANGE.
    """

    def __init__(self, fold: Mapping[str, str], drop: Collection[str], words: Collection[str] = ()) -> None:
        super().__init__()
        self.fold, self.drop, self.words = fold, drop, frozenset(words)
        self._known = {spelt.encode(): self._word(spelt) for spelt in (*self.words, *self.fold, *self.drop, *_codes())}
        self.update(self._known)

    def __missing__(self, spelt: bytes) -> str:
        """Learn a spelling; addresses, numbers and ids, which hardly come again, are not kept."""
        if b"@" in spelt or spelt.isdigit():
            return NOTHING
        if not spelt.isalnum():
            found = _TOKEN.findall(spelt[:WIDEST].decode("utf-8", "replace").lower())
            return self._keep(spelt, " ".join(filter(None, map(self._word, found))))
        return self._keep(spelt, STRANGE) if spelt.isalpha() else STRANGE

    def _keep(self, spelt: bytes, said: str) -> str:
        """Remember a spelling, unless it is long; when there are too many, all but the rules' are forgotten."""
        if len(spelt) <= LONGEST:
            if len(self) >= MANY:
                self.clear()
                self.update(self._known)
            self[spelt] = said
        return said

    def shape(self, text: str) -> Shape:
        """What a text says; linear in its length, which is bounded."""
        return " ".join(map(self.__getitem__, _pieces(text)))

    def phrase(self, text: str) -> list[str]:
        """A piece of a phrase as words, without fillers."""
        tokens = (token for piece in _pieces(text) for token in _TOKEN.findall(piece.decode().lower()))
        return [word for word in map(self.folded, tokens) if word not in self.drop]

    def folded(self, token: str) -> str:
        """A spelling as the word it stands for; accents do not count."""
        plain = token.replace("\u2019", "'")
        if not plain.isascii():
            parts = unicodedata.normalize("NFKD", plain.casefold())
            plain = "".join(part for part in parts if not unicodedata.combining(part)).translate(_WHOLE)
        if plain not in self.fold and "'" in plain:
            head, _, tail = plain.partition("'")
            plain = head if len(tail) < 3 else tail
        return self.fold.get(plain, plain)

    def _word(self, token: str) -> str:
        if _CODE.fullmatch(token):
            return token
        if "." in token:
            return self._host(token)
        word = self.folded(token)
        if word in self.drop:
            return NOTHING
        return word if word in self.words else STRANGE

    def _host(self, token: str) -> str:
        """A host that rules know by name, or by a label that says what it is for ("dnsbl.example.org")."""
        labels = token.partition("/")[0].split(".")
        for length in (2, 3):
            name = ".".join(labels[-length:])
            known = self.fold.get(name, name)
            if known in self.words:
                return known
        if any(self.fold.get(label) == LISTS for label in labels):
            return LISTS
        if labels[-1].isalpha() and len(labels[-1]) < LONG:
            return NOTHING
        return " ".join(map(self._word, filter(str.isalpha, labels)))


LISTS = "blocklist"
"""The word that a label of a host may stand for."""


def _pieces(text: str) -> list[bytes]:
    """What stands between blanks and marks."""
    return text[:MOST].encode("utf-8", "replace").translate(_APART).split()


def _codes() -> Iterator[str]:
    """Every reply code of a failure, and those that stand before one."""
    return (str(code) for code in range(200, 600) if not 300 <= code < 400)


def is_code(word: str) -> bool:
    """Whether a word is a reply code or an enhanced status code (RFC 5321 section 4.2, RFC 3463)."""
    return word[:1] in "245" and _CODE.fullmatch(word) is not None
