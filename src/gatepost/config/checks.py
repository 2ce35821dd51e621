"""What the settings mean together: ranges, order, doubles.

Works on the TOML values themselves, so that a block with one mistake is still looked at for others; values of the
wrong kind are passed over here, because `shape.py` has listed them.
"""

from collections.abc import Callable, Iterator, Mapping
from os.path import normpath
from pathlib import Path as File
from typing import Any

from gatepost.config import (
    acting,
    customers,
    delivered,
    described,
    doors,
    heard,
    hosts,
    limits,
    locals,
    naming,
    owners,
    plans,
    unlocking,
    words,
)
from gatepost.config.blocks import Block, table, tables
from gatepost.config.mistakes import Found, shown
from gatepost.config.places import Path, spoken
from gatepost.core.units import fold_account

Word = Callable[[str], words.Wrong]


def check(root: Block, folder: File) -> Iterator[Found]:
    """Every mistake in meaning.

    Args:
        root: the whole configuration, as TOML values.
        folder: what relative paths start from.
    """
    yield from _words(root, ("tag",), words.tag)
    yield from customers.check(table(root, "letter"))
    yield from delivered.check(table(root, "reports"))
    yield from limits.levels(table(root, "levels"))
    yield from limits.numbers(root)
    for key, word in _WORDS.items():
        yield from _words(root, key, word)
    yield from _accounts(table(root, "account"))
    yield from _domains(table(root, "domain"))
    yield from plans.check(root)
    yield from unlocking.check(table(root, "selfservice"))
    for name, block in table(root, "plan").items():
        yield from limits.quota(block if isinstance(block, Mapping) else {}, ("plan", name))
    yield from described.check(table(root, "network"), table(root, "data").get("asn"))
    yield from _blocks(root, "source", _SOURCE)
    for number, block in tables(root, "source"):
        if block.get("kind") == "syslog":
            yield from heard.check(block, ("source", number))
    yield from _blocks(root, "action", _ACTION)
    yield from _blocks(root, "door", _DOOR)
    yield from _spools(root)
    yield from naming.check(table(table(root, "accounts"), "aliases"))
    yield from locals.check(tables(root, "source"))
    yield from hosts.check(table(root, "host"), tables(root, "source"))
    yield from _idle(root)
    yield from acting.check(tables(root, "action"))
    for number, block in tables(root, "door"):
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
    "mark": words.header,
    "secret": words.path,
    "services": words.service,
    "users": words.user,
    "certificate": words.path,
    "key": words.path,
    "authority": words.path,
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


def _words(root: Block, key: Path, word: Word) -> Iterator[Found]:
    """One text, or a list of them."""
    value: Any = root
    for part in key:
        value = table({"": value}, "").get(str(part))
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


_ONLY_FOR: Mapping[str, tuple[str, ...]] = {"deny": ("hash", "lmdb", "cdb"), "services": ("passwd-file",)}


def _idle(root: Block) -> Iterator[Found]:
    """Settings of a deny table that its format does not use."""
    for number, block in tables(root, "action"):
        form = block.get("format", "lsearch")
        for setting, forms in _ONLY_FOR.items():
            if setting in block and block.get("kind") == "table" and form not in forms:
                message = f"a table of format {shown(str(form))} does not use it"
                yield Found(("action", number, setting), message, f"remove it; it is for {', '.join(forms)}")


def _accounts(accounts: Block) -> Iterator[Found]:
    seen: dict[str, str] = {}
    for name, block in accounts.items():
        key: Path = ("account", name)
        yield from _each(name, key, words.account)
        other = seen.setdefault(fold_account(name), name)
        if other != name:
            message = f"{shown(name)} and {shown(other)} are the same account: upper and lower case are equal"
            yield Found(key, message, "make one block of them")
        yield from limits.quota(block if isinstance(block, Mapping) else {}, key)
        yield from _each(table(accounts, name).get("mail") or None, (*key, "mail"), words.address)
        yield from _each(table(accounts, name).get("senders"), (*key, "senders"), words.sender)


def _domains(domains: Block) -> Iterator[Found]:
    for name, block in domains.items():
        yield from _each(name, ("domain", name), words.domain)
        yield from limits.quota(block if isinstance(block, Mapping) else {}, ("domain", name))


def _blocks(root: Block, name: str, rules: Mapping[str, Word]) -> Iterator[Found]:
    for number, block in tables(root, name):
        for setting, word in rules.items():
            value = block.get(setting)
            if value != "" or not _may_be_empty(block, setting):
                yield from _each(value, (name, number, setting), word)
        for setting in ("to", "on", "services", "units", "users"):
            if block.get(setting) == []:
                yield Found((name, number, setting), "an empty list switches it off", "name one, or remove the block")


def _spools(root: Block) -> Iterator[Found]:
    """Only Exim keeps such files."""
    for number, source in tables(root, "source"):
        dialect = _text(source, "dialect") or "auto"
        if _text(source, "spool") and dialect not in ("auto", "exim"):
            message = f"spool is Exim's, and this log is {dialect}'s"
            yield Found(("source", number, "spool"), message, "leave it out")


def _may_be_empty(block: Block, setting: str) -> bool:
    """A setting whose default is nothing."""
    return setting in ("host", "spool", "owns", *heard.FILES) or (setting == "path" and block.get("kind") == "journal")


def _doubles(root: Block, folder: File) -> Iterator[Found]:
    """What may be there only once."""
    sources, actions, doors = (tables(root, name) for name in ("source", "action", "door"))
    remedy = "give each source a name of its own"
    yield from _twice([(("source", n, "name"), _text(b, "name"), "name") for n, b in sources], remedy)
    yield from owners.check(sources, doors)
    remedy = "give each a name and an address of its own"
    yield from _twice([(("door", n, "name"), _text(b, "name") or _text(b, "kind"), "name") for n, b in doors], remedy)
    heard = [*(("source", n, b) for n, b in sources), *(("door", n, b) for n, b in doors)]
    yield from _twice([((what, n, "listen"), _text(b, "listen"), "address") for what, n, b in heard], remedy)
    files: list[tuple[Path, str, str]]
    files = [(("state", "path"), _file(_text(table(root, "state"), "path") or "state.db", folder), "file")]
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
