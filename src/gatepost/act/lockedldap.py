"""Passwords in a directory: a mark beside them, and the lock of the password policy.

Owns which values are added and taken away. All changes of an entry are made at once or not at all (RFC 4511 section
4.6); a value is only added where it is not, and only taken away where it is. The password itself is never asked for.
"""

from collections.abc import Sequence

from gatepost.act.credentials import GONE, MARK
from gatepost.core.errors import ActionError
from gatepost.core.ports import Directory, Entries, Entry, Modification
from gatepost.wire.filters import escaped

LOCKED = "pwdAccountLockedTime"
FOR_EVER = "000001010000Z"
"""A lock that only an administrator ends (slapo-ppolicy(5), draft-behera-ldap-password-policy section 5.3.3)."""

MANY = 20
"""Entries of one login that are counted."""


class LdapLock:
    """Passwords in a directory."""

    def __init__(
        self, directory: Directory, base: str, filter: str, mark: str, *, policy: bool = False, name: str = ""
    ) -> None:
        """Say where, and how.

        Args:
            directory: where.
            base: below which entry the accounts are.
            filter: finds an account; "{login}" is its login.
            mark: the attribute that holds the mark; it must take several values.
            policy: whether to lock by the password policy, too; else the mail server looks at the mark itself.
            name: what the operator calls it; "" is the directory's address.
        """
        self.place = name or directory.place
        self._directory, self._base, self._filter = directory, base, filter
        self._mark, self._policy = mark, policy

    def lock(self, names: Sequence[str], mark: str) -> str:
        """Set the mark on each entry that one of the names is a login of."""
        with self._directory.session() as session:
            entries = self._entries(session, names)
            if not entries:
                msg = f"{self.place}: no entry has the login {names[0]!r}: it is elsewhere, or correct base and filter"
                raise ActionError(msg)
            done = [entry.dn for entry in entries if self._locks(session, entry, mark)]
        return f"{'; '.join(done)} locked in {self.place}" if done else f"locked in {self.place} already"

    def unlock(self, names: Sequence[str], mark: str) -> str:
        """Take the mark away."""
        with self._directory.session() as session:
            entries = [entry for entry in self._entries(session, names) if mark in entry.values[self._mark]]
            notes = [self._unlocks(session, entry, mark) for entry in entries]
        return "; ".join(notes) or f"{self.place}: {GONE}"

    def changed(self, locked: Sequence[tuple[Sequence[str], str]]) -> Sequence[bool]:
        """Whether an entry is there and none has the mark, or with the policy its lock."""
        with self._directory.session() as session:
            return [self._changed(self._entries(session, names), mark) for names, mark in locked]

    def _changed(self, found: Sequence[Entry], mark: str) -> bool:
        marked = [entry for entry in found if mark in entry.values[self._mark]]
        held = any(not self._policy or entry.values[LOCKED] for entry in marked)
        return bool(found) and not held

    def _entries(self, session: Entries, names: Sequence[str]) -> list[Entry]:
        """The entries of these logins, each once; none may be that of two."""
        found: dict[str, Entry] = {}
        wanted = [self._mark, LOCKED] if self._policy else [self._mark]
        for name in names:
            entries = session.search(self._base, self._filter.replace("{login}", escaped(name)), wanted, MANY)
            if len(entries) > 1:
                msg = f"{self.place}: {len(entries)} entries have the login {name!r}, none was locked: correct filter"
                raise ActionError(msg)
            found.update((entry.dn, entry) for entry in entries)
        return list(found.values())

    def _locks(self, session: Entries, entry: Entry, mark: str) -> bool:
        """Lock one entry; False when it is locked already."""
        ours, until = entry.values[self._mark], entry.values.get(LOCKED, ())
        changes = [] if mark in ours else [Modification("add", self._mark, mark)]
        if self._policy and not until:
            changes.append(Modification("add", LOCKED, FOR_EVER))
        elif self._policy and (FOR_EVER not in until or not any(value.startswith(MARK) for value in ours)):
            return self._theirs(entry, until)
        if changes:
            self._change(session, entry, changes)
        return bool(changes)

    def _theirs(self, entry: Entry, until: Sequence[str]) -> bool:
        """Somebody else locked it: for ever is as good as ours; for a while must have ended first."""
        if FOR_EVER in until:
            return False
        msg = f"{self.place}: {entry.dn} is locked for a while by the password policy: by gatepost when that ends"
        raise ActionError(msg, retry=True)

    def _unlocks(self, session: Entries, entry: Entry, mark: str) -> str:
        gone = Modification("delete", self._mark, mark)
        others = [value for value in entry.values[self._mark] if value.startswith(MARK) and value != mark]
        if not self._policy or others:
            self._change(session, entry, [gone])
        elif FOR_EVER in entry.values[LOCKED]:
            self._change(session, entry, [gone, Modification("delete", LOCKED, FOR_EVER)])
        else:
            self._change(session, entry, [gone])
            return f"{entry.dn} was unlocked since by someone else: only gatepost's mark was taken away"
        return f"{entry.dn} unlocked in {self.place}"

    def _change(self, session: Entries, entry: Entry, changes: Sequence[Modification]) -> None:
        if not session.modify(entry.dn, changes):
            raise ActionError(f"{self.place}: {entry.dn} was changed by someone else meanwhile", retry=True)
