"""What the settings mean together: ranges, order, doubles.

Works on the TOML values themselves, so that a block with one mistake is still looked at for others; values of the
wrong kind are passed over here, because `shape.py` has listed them.
"""

from collections.abc import Callable, Iterator, Mapping
from os.path import normpath
from pathlib import Path as File
from typing import Any

from msgspec.structs import asdict

from gatepost.config import acting, customers, delivered, described, doors, heard, hosts, locals, naming, owners, words
from gatepost.config.mistakes import Found, shown
from gatepost.config.places import Path, spoken
from gatepost.core.units import Seconds, fold_account
from gatepost.judge.score import Levels

Block = Mapping[str, Any]
Word = Callable[[str], words.Wrong]


def check(root: Block, folder: File) -> Iterator[Found]:
    """Every mistake in meaning.

    Args:
        root: the whole configuration, as TOML values.
        folder: what relative paths start from.
    """
    yield from _words(root, ("tag",), words.tag)
    yield from customers.check(_table(root, "letter"))
    yield from delivered.check(_table(root, "reports"))
    yield from _levels(_table(root, "levels"))
    yield from _numbers(root)
    for key, word in _WORDS.items():
        yield from _words(root, key, word)
    yield from _accounts(_table(root, "account"))
    yield from _domains(_table(root, "domain"))
    yield from described.check(_table(root, "network"), _table(root, "data").get("asn"))
    yield from _blocks(root, "source", _SOURCE)
    for number, block in _tables(root, "source"):
        if block.get("kind") == "syslog":
            yield from heard.check(block, ("source", number))
    yield from _blocks(root, "action", _ACTION)
    yield from _blocks(root, "door", _DOOR)
    yield from _spools(root)
    yield from naming.check(_table(_table(root, "accounts"), "aliases"))
    yield from locals.check(_tables(root, "source"))
    yield from hosts.check(_table(root, "host"), _tables(root, "source"))
    yield from _idle(root)
    yield from acting.check(_tables(root, "action"))
    for number, block in _tables(root, "door"):
        yield from doors.check(block, ("door", number))
    yield from _doubles(root, folder)


_WORDS: dict[Path, Word] = {
    ("domains", "local"): words.domain,
    ("accounts", "default_domain"): words.domain,
    ("accounts", "detail_separator"): words.separator,
    ("accounts", "aliases", "path"): words.path,
    ("exempt", "accounts"): words.account,
    ("exempt", "networks"): words.network,
    ("exempt", "protected"): words.account,
    ("state", "path"): words.path,
    ("data", "asn"): words.table,
    ("data", "country"): words.table,
    ("data", "folder"): words.path,
    ("bounces", "rules"): words.path,
    ("reports", "contact"): words.address,
    ("letter", "from"): words.address,
    ("letter", "smtp"): words.server,
    ("letter", "templates"): words.path,
    ("letter", "contact"): words.line,
    ("letter", "bulk"): words.line,
}
_SOURCE: dict[str, Word] = {
    "name": words.source,
    "path": words.path,
    "zone": words.zone,
    "host": words.name,
    "mode": words.mode,
    "spool": words.path,
    "units": words.unit,
    "users": words.user,
}
_ACTION: dict[str, Word] = {
    "path": words.path,
    "mode": words.mode,
    "deny": words.said,
    "services": words.service,
    "to": words.address,
    "from": words.address,
    "smtp": words.server,
}
_DOOR: dict[str, Word] = {
    "name": words.name,
    "listen": words.listen,
    "mode": words.mode,
    "deny": words.said,
    "defer": words.said,
    "hold": words.said,
    "owns": words.name,
    "route": words.route,
    "secret": words.path,
    "services": words.service,
    "users": words.user,
    "peers": words.network,
}
_LETTER = tuple(("letter", name) for name in ("from", "templates", "contact", "bulk"))
_OTHERS = (
    ("accounts", "default_domain"),
    ("accounts", "detail_separator"),
    ("bounces", "rules"),
    ("data", "folder"),
    ("reports", "contact"),
)
_MAY_BE_EMPTY = frozenset({*_OTHERS, *_LETTER})


def _table(block: object, name: str) -> Block:
    value = block.get(name) if isinstance(block, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _tables(root: Block, name: str) -> list[tuple[int, Block]]:
    value = root.get(name)
    items = value if isinstance(value, list) else []
    return [(number, item) for number, item in enumerate(items) if isinstance(item, Mapping)]


def _words(root: Block, key: Path, word: Word) -> Iterator[Found]:
    """One text, or a list of them."""
    value: Any = root
    for part in key:
        value = _table({"": value}, "").get(str(part))
    if value == "" and key in _MAY_BE_EMPTY:
        return
    yield from _each(value, key, word)


def _each(value: object, key: Path, word: Word) -> Iterator[Found]:
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _each(item, (*key, number), word)
    wrong = word(value) if isinstance(value, str) else None
    if wrong is not None:
        yield Found(key, *wrong)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _levels(given: Block) -> Iterator[Found]:
    """They ascend, between 0 and 100."""
    defaults = asdict(Levels())
    scores = {name: _number(given.get(name, score)) for name, score in defaults.items()}
    below, before = 0.0, ""
    for name, score in scores.items():
        if score is None:
            return
        key = ("levels", name if name in given else before or name)
        if not 0 < score <= 100:
            yield Found(("levels", name), f"{score:g} is no score", "write a number above 0, at most 100")
        elif score <= below:
            remedy = "raise it, or lower the other: watch < throttle < hold < block"
            yield Found(key, f"{name} = {score:g} is not above {before} = {below:g}", remedy)
        below, before = score, name


def _numbers(root: Block) -> Iterator[Found]:
    """Numbers and durations that must not be nothing."""
    breaker = _table(root, "breaker")
    blocks, share = _number(breaker.get("blocks_per_hour")), _number(breaker.get("share"))
    if blocks is not None and blocks < 1:
        remedy = 'write 1 or more; to block nobody, leave mode = "observe"'
        yield Found(("breaker", "blocks_per_hour"), f"{blocks:g} blocks an hour stop every block", remedy)
    if share is not None and not 0 <= share <= 1:
        yield Found(("breaker", "share"), f"{share:g} is no share", "write 0.01 for one account in a hundred")
    kept = [
        ("state", name, "would forget at once", 'write at least "1d"') for name in ("pages", "incidents", "addresses")
    ]
    ends = ("life", "hold_ends_after", "would end every hold at once", "leave it out for never")
    held = ("life", "hold_keep", "keeps no held mail", 'write how long you need to look at it, such as "14d"')
    for table, name, trouble, remedy in (*kept, ends, held):
        text = _table(root, table).get(name)
        if isinstance(text, str) and _nothing(text):
            yield Found((table, name), f"{shown(text)} {trouble}", remedy)


def _nothing(text: str) -> bool:
    try:
        return not Seconds.parse(text)
    except ValueError:
        return False


_ONLY_FOR: Mapping[str, tuple[str, ...]] = {"deny": ("hash", "lmdb", "cdb"), "services": ("passwd-file",)}


def _idle(root: Block) -> Iterator[Found]:
    """Settings of a deny table that its format does not use."""
    for number, block in _tables(root, "action"):
        form = block.get("format", "lsearch")
        for setting, forms in _ONLY_FOR.items():
            if setting in block and block.get("kind") == "table" and form not in forms:
                message = f"a table of format {shown(str(form))} does not use it"
                yield Found(("action", number, setting), message, f"remove it; it is for {', '.join(forms)}")


def _quota(block: Block, key: Path) -> Iterator[Found]:
    """At least one recipient, and a day holds more than an hour."""
    quota = _table(block, "quota")
    hour, day = _number(quota.get("hour", 500)), _number(quota.get("day", 2000))
    for name, number in (("hour", hour), ("day", day)):
        if number is not None and number < 1:
            yield Found((*key, "quota", name), f"{number:g} recipients stop the account", "write 1 or more")
    if quota and hour is not None and day is not None and 1 <= day < hour:
        message = f"hour = {hour:g} cannot be reached, the limit of 24 hours is {day:g}"
        yield Found((*key, "quota"), message, f"write day = {hour:g} or more")


def _accounts(accounts: Block) -> Iterator[Found]:
    seen: dict[str, str] = {}
    for name, block in accounts.items():
        key: Path = ("account", name)
        yield from _each(name, key, words.account)
        other = seen.setdefault(fold_account(name), name)
        if other != name:
            message = f"{shown(name)} and {shown(other)} are the same account: upper and lower case are equal"
            yield Found(key, message, "make one block of them")
        yield from _quota(block if isinstance(block, Mapping) else {}, key)
        yield from _each(_table(accounts, name).get("mail") or None, (*key, "mail"), words.address)
        yield from _each(_table(accounts, name).get("senders"), (*key, "senders"), words.sender)


def _domains(domains: Block) -> Iterator[Found]:
    for name, block in domains.items():
        yield from _each(name, ("domain", name), words.domain)
        yield from _quota(block if isinstance(block, Mapping) else {}, ("domain", name))


def _blocks(root: Block, name: str, rules: Mapping[str, Word]) -> Iterator[Found]:
    for number, block in _tables(root, name):
        for setting, word in rules.items():
            value = block.get(setting)
            if value != "" or not _may_be_empty(block, setting):
                yield from _each(value, (name, number, setting), word)
        for setting in ("to", "on", "services", "units", "users"):
            if block.get(setting) == []:
                yield Found((name, number, setting), "an empty list switches it off", "name one, or remove the block")


def _spools(root: Block) -> Iterator[Found]:
    """Only Exim keeps such files."""
    for number, source in _tables(root, "source"):
        dialect = _text(source, "dialect") or "auto"
        if _text(source, "spool") and dialect not in ("auto", "exim"):
            message = f"spool is Exim's, and this log is {dialect}'s"
            yield Found(("source", number, "spool"), message, "leave it out")


def _may_be_empty(block: Block, setting: str) -> bool:
    """Of a source: a setting whose default is nothing."""
    return setting in ("host", "spool") or (setting == "path" and block.get("kind") == "journal")


def _doubles(root: Block, folder: File) -> Iterator[Found]:
    """What may be there only once."""
    sources, actions, doors = (_tables(root, name) for name in ("source", "action", "door"))
    remedy = "give each source a name of its own"
    yield from _twice([(("source", n, "name"), _text(b, "name"), "name") for n, b in sources], remedy)
    yield from owners.check(sources, doors)
    remedy = "give each a name and an address of its own"
    yield from _twice([(("door", n, "name"), _text(b, "name") or _text(b, "kind"), "name") for n, b in doors], remedy)
    heard = [*(("source", n, b) for n, b in sources), *(("door", n, b) for n, b in doors)]
    yield from _twice([((what, n, "listen"), _text(b, "listen"), "address") for what, n, b in heard], remedy)
    files: list[tuple[Path, str, str]]
    files = [(("state", "path"), _file(_text(_table(root, "state"), "path") or "state.db", folder), "file")]
    files += [(("source", n, "path"), _file(_text(b, "path"), folder), "file") for n, b in sources]
    files += [(("action", n, "path"), _file(_text(b, "path"), folder), "file") for n, b in actions]
    yield from _twice(files, "give each its own: gatepost reads logs, and overwrites tables and its state")


def _text(block: Block, name: str) -> str:
    value = block.get(name)
    return value if isinstance(value, str) else ""


def _file(text: str, folder: File) -> str:
    return normpath(File(folder, text)) if text and "\0" not in text else ""


def _twice(places: list[tuple[Path, str, str]], remedy: str) -> Iterator[Found]:
    first: dict[str, Path] = {}
    for key, value, noun in places:
        if value and first.setdefault(value, key) != key:
            yield Found(key, f"the {noun} {shown(value)} is that of {spoken(first[value])} already", remedy)
