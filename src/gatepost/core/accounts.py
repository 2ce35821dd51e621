"""Account names made equal: one account, however its logins are written (contracts 16).

Owns the order of the steps: letters and a bare name's domain (units.py), then the operator's aliases, then the detail
behind a separator, then the aliases of domains. Nothing is guessed: a step that the operator did not ask for is none.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from gatepost.core.units import Account, fold_account, kind_of

MAX_ALIASES = 1_000_000
"""Aliases of one gatepost: about 200 bytes each."""

MAX_STEPS = 8
"""Aliases of aliases that are followed."""


class Accounts:
    """Makes logins accounts.

    `aliases` may be put in place of another at any moment; everybody who holds this object goes by it then.
    """

    def __init__(self, default_domain: str = "", separator: str = "", aliases: Mapping[str, str] | None = None) -> None:
        """Say what is equal.

        Args:
            default_domain: appended to a name without "@"; "" leaves it bare.
            separator: what stands between a user and his detail, "+" in "ann+shop@example.org"; "" when there is none.
            aliases: as `settled` makes them.
        """
        self.default_domain, self.separator = default_domain, separator
        self.aliases: Mapping[str, str] = aliases or {}

    def fold(self, login: str) -> Account:
        """The account of a login as the mail server logged it, or as the operator names it; "" for an empty one."""
        name = fold_account(login, self.default_domain)
        if not (self.aliases or self.separator) or kind_of(name) != "login":
            return name
        return Account(self._known(name))

    def _known(self, name: str) -> str:
        aliases = self.aliases
        if name in aliases:
            return aliases[name]
        if self.separator:
            name = _without_detail(name, self.separator)
        if name in aliases:
            return aliases[name]
        user, at, domain = name.rpartition("@")
        moved = aliases.get(f"@{domain}") if at else None
        return aliases.get(user + moved, user + moved) if moved is not None else name


def _without_detail(name: str, separator: str) -> str:
    """ "ann+shop@example.org" is "ann@example.org"; what has nothing in front of the separator stays."""
    user, at, domain = name.rpartition("@") if "@" in name else (name, "", "")
    head = user.partition(separator)[0]
    return f"{head}{at}{domain}" if head else name


class Settled(NamedTuple):
    """Aliases ready for use."""

    aliases: dict[str, str]
    dropped: tuple[str, ...]
    """Names that are no alias of one account, sorted: they stay accounts of their own."""


def settled(pairs: Iterable[tuple[str, str]], default_domain: str = "") -> Settled:
    """Pairs of alias and account as aliases whose accounts are no aliases themselves.

    A name with two accounts would make two people one, so it is nobody's alias; nor is one that leads in a circle, or
    to what does not log in. "@alias.example" with "@example.org" makes two domains equal.

    Args:
        pairs: in any order and spelling; doubles do no harm.
        default_domain: the domain of bare names.
    """
    targets: dict[str, set[str]] = {}
    for alias, account in pairs:
        targets.setdefault(_plain(alias, default_domain), set()).add(_plain(account, default_domain))
    single = {alias: account for alias, (account, *more) in targets.items() if not more}
    dropped = {alias for alias in targets if alias not in single}
    aliases: dict[str, str] = {}
    for alias in single:
        end = _end(alias, single)
        if end is None or not _fits(alias, end) or end in dropped:
            dropped.add(alias)
        elif end != alias:
            aliases[alias] = end
    return Settled(aliases, tuple(sorted(dropped)))


def _plain(name: str, default_domain: str) -> str:
    return fold_account(name, default_domain)


def _fits(alias: str, account: str) -> bool:
    """A login for a login, a domain for a domain."""
    if not alias or not account or kind_of(alias) != "login" or kind_of(account) != "login":
        return False
    return alias.startswith("@") == account.startswith("@") and "@" not in (alias, account)


def _end(alias: str, single: Mapping[str, str]) -> str | None:
    """Where a chain of aliases ends; None when it does not within MAX_STEPS."""
    name = alias
    for _ in range(MAX_STEPS + 1):
        following = single.get(name, name)
        if following == name:
            return name
        name = following
    return None
