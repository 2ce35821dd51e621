"""Whose domain, whose address: may this account send as this envelope sender.

What the operator says wins; else an account may use its own domain and everything below it. What an account uses out of
habit is the ledger's to know (`detect/identity.py`). A local user has no address of his own: nothing is known against
any that he uses, until the operator lists some.
"""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache

from gatepost.core.accounts import Accounts
from gatepost.core.facts import SenderFacts
from gatepost.core.units import kind_of

ANY = "*"


class Senders:
    """What the operator told about domains and addresses."""

    def __init__(
        self,
        local: Iterable[str] = (),
        senders: Mapping[str, Iterable[str]] | None = None,
        aliases: Mapping[str, Iterable[str]] | None = None,
        accounts: Accounts | None = None,
    ) -> None:
        """Take over the operator's lists; all compared in lower case.

        Args:
            local: domains hosted here.
            senders: per account, domains or address patterns ("*@shop.example.org") it may use; "*" is any.
            aliases: per account, further addresses of its own.
            accounts: which logins are one account: it may send as each of them.
        """
        self.local = {domain.lower() for domain in local}
        self._senders = _lowered(senders)
        self._aliases = _lowered(aliases)
        self._accounts = accounts or Accounts()
        self.facts = lru_cache(maxsize=65536)(self._facts)

    def _facts(self, account: str, sender: str) -> SenderFacts:
        """What is known of an envelope sender, "" being <>."""
        address = sender.lower()
        domain = address.rpartition("@")[2] if "@" in address else ""
        return SenderFacts(domain in self.local, self._permitted(account, address, domain), domain)

    def _permitted(self, account: str, address: str, domain: str) -> bool:
        if not address or address == account or address in self._aliases.get(account, ()):
            return True
        if kind_of(account) != "login" and account not in self._senders:
            return True
        home = account.rpartition("@")[2] if "@" in account else ""
        if home and (domain == home or domain.endswith(f".{home}")):
            return True
        if self._accounts.fold(address) == account:
            return True
        return any(_allows(pattern, address, domain) for pattern in self._senders.get(account, ()))


def _lowered(lists: Mapping[str, Iterable[str]] | None) -> dict[str, frozenset[str]]:
    return {name.lower(): frozenset(value.lower() for value in values) for name, values in (lists or {}).items()}


def _allows(pattern: str, address: str, domain: str) -> bool:
    if pattern == ANY:
        return True
    if "@" in pattern:
        return fnmatchcase(address, pattern)
    return domain == pattern or domain.endswith(f".{pattern}")
