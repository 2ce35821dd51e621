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

PIECES = 128
"""Pieces between blanks, and then words, that are looked at; an honest reply has given its reason by then."""

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
    r"|[a-z0-9](?>[a-z0-9-]{0,62})(?:\.[a-z0-9](?>[a-z0-9-]*))+(?:/(?>[\w./%~-]*))?"  # a host, with the path of a URL
    r"|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"  # scripts without blanks: each character
    rf"|[{_LETTER}](?>[0-9{_LETTER}]*)(?:['\u2019](?>[{_LETTER}]+)|_(?>[0-9]+))?"  # a word
)
_ESCAPE = re.compile(r"\\[nrt]|(?:\\[0-3][0-7]{2})+")
"""What Exim's log has for a line end and for octets that are not ASCII (string_printing() in src/src/string.c)."""
_WHOLE = str.maketrans("łøđı\u2019", "lodi'")
"""Letters whose accent Unicode does not take apart, and the other apostrophe."""
_NO_CASE = "\u3000"
"""From here on there are scripts without spellings: a character is a rule's, or strange."""
_MARKS = re.compile("[\u0300-\u036f]+")
"""Accents, taken apart from their letters."""
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
            found = _TOKEN.findall(_plain(spelt[:WIDEST].decode("utf-8", "replace")))
            return self._keep(spelt, " ".join(filter(None, map(self._word, found))))
        return self._keep(spelt, STRANGE) if spelt.isalpha() else STRANGE

    def _keep(self, spelt: bytes, said: str) -> str:
        """Remember a spelling, unless it is long; when there are too many, all but the rules' are forgotten."""
        if len(spelt) <= LONGEST:
            if len(self) >= MANY:
                self.forget()
            self[spelt] = said
        return said

    def forget(self) -> None:
        """Keep the rules' own words only."""
        self.clear()
        self.update(self._known)

    def shape(self, text: str) -> Shape:
        """What a text says; linear in its length, which is bounded."""
        return " ".join(map(self.__getitem__, _pieces(text)))

    def phrase(self, text: str) -> list[str]:
        """A piece of a phrase as words, without fillers."""
        tokens = (token for piece in _pieces(_plain(text)) for token in _TOKEN.findall(piece.decode()))
        return [word for word in map(self.folded, tokens) if word not in self.drop]

    def folded(self, token: str) -> str:
        """A plain spelling as the word it stands for."""
        if "'" in token and token not in self.fold:
            head, _, tail = token.partition("'")
            token = head if len(tail) < 3 else tail
        return self.fold.get(token, token)

    def _word(self, token: str) -> str:
        if token in self.words or is_code(token):
            return token
        if token >= _NO_CASE:
            return STRANGE
        if "." in token:
            return self._host(token)
        word = self.folded(token)
        if word in self.drop:
            return NOTHING
        return word if word in self.words else STRANGE

    def _host(self, token: str) -> str:
        """A host that rules know by name, or by a label that says what it is for ("dnsbl.example.org")."""
        labels = token.partition("/")[0].split(".")
        for name in (".".join(labels[-2:]), ".".join(labels[-3:])):
            known = self.fold.get(name, name)
            if known in self.words:
                return known
        if LISTS in map(self.fold.get, labels):
            return LISTS
        if labels[-1].isalpha() and len(labels[-1]) < LONG:
            return NOTHING
        return " ".join(map(self._word, filter(str.isalpha, labels)))


class Plain(dict[int, str]):
    """Character to what it is without case and accent, as `str.translate` asks; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        """Work out one character; those of scripts without spellings are not kept."""
        found = _MARKS.sub("", unicodedata.normalize("NFD", chr(code).casefold())).translate(_WHOLE)
        if code < ord(_NO_CASE):
            self[code] = found
        return found


_PLAIN = Plain()


def _plain(text: str) -> str:
    """A text, or a piece of one, without capitals and accents."""
    return text.lower() if text.isascii() else text.translate(_PLAIN)[:MOST]


LISTS = "blocklist"
"""The word that a label of a host may stand for."""


def _pieces(text: str) -> list[bytes]:
    """What stands between blanks and marks, so far as it is looked at."""
    seen = text[:MOST]
    if "\\" in seen:
        seen = _ESCAPE.sub(_meant, seen)
    return seen.encode("utf-8", "replace").translate(_APART).split()[:PIECES]


def _meant(found: re.Match[str]) -> str:
    """The octets behind escapes; a blank for a line end, which parts two words."""
    octets = found[0].split("\\")[1:]
    return " " if octets[0].isalpha() else bytes(int(octet, 8) for octet in octets).decode("utf-8", "replace")


def _codes() -> Iterator[str]:
    """Every reply code of a failure, and those that stand before one."""
    return (str(code) for code in range(200, 600) if not 300 <= code < 400)


def is_code(word: str) -> bool:
    """Whether a word is a reply code or an enhanced status code (RFC 5321 section 4.2, RFC 3463)."""
    return word[:1] in "245" and _CODE.fullmatch(word) is not None
