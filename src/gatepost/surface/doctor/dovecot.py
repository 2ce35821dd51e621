"""Whether Dovecot looks into deny files before it checks a password; needs no root.

The proof asks `doveadm auth test` about a stopped account with a password that is nobody's: Dovecot says
`user_disabled` only when a deny file named it, so no password and no account of ours is needed.
Source: doveconf(1), doveadm-auth(1); tried with 2.3 and 2.4.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from gatepost.config.settings import TableSettings
from gatepost.surface.doctor.check import Check
from gatepost.surface.doctor.program import answer, ask

PAGE = "docs/mta/dovecot.md has the block"
_BLOCK = re.compile(r"(?m)^passdb\b[^{]*\{\n(.*?)^\}", re.DOTALL)
_PLAIN = re.compile(r"[a-z0-9@._+-]{1,200}")


def look(table: TableSettings, entries: Iterable[str], *, offline: bool) -> Iterator[Check]:
    """The order of the databases, then a login that must be turned away.

    Raises:
        OSError, subprocess.SubprocessError: Dovecot's programs did not answer.
    """
    yield order(table, _BLOCK.findall(answer("doveconf", "-n")))
    there = next(filter(_PLAIN.fullmatch, entries), "")
    if there and not offline:
        yield from (_tried(table, service, there) for service in table.services)


def order(table: TableSettings, blocks: Sequence[str]) -> Check:
    """Whether the deny files are the first password database.

    Args:
        table: whose files.
        blocks: the inside of every passdb, in Dovecot's order.
    """
    name = f"table {table.path}: consulted"
    files = re.compile(
        rf"(?m)^\s*(?:args|passwd_file_path) = (?:\S+ )*{re.escape(table.path)}\.%(?:s|\{{(?:service|protocol)\}})$"
    )
    ours = [at for at, block in enumerate(blocks) if files.search(block)]
    if not ours:
        return Check(name, "fail", "no passdb of Dovecot's looks into it: nobody is stopped", PAGE)
    if not re.search(r"(?m)^\s*deny = yes$", blocks[ours[0]]):
        return Check(name, "fail", "its passdb has no deny = yes: every name in it may log in without one", PAGE)
    before = [block for block in blocks[: ours[0]] if not re.search(r"(?m)^\s*deny = yes$", block)]
    if before:
        says = "another passdb stands before it, and a password it knows is never looked up in the deny files"
        return Check(name, "fail", says, "move the block in front of every other passdb")
    return Check(name, "ok", "Dovecot looks into it before it checks a password")


def _tried(table: TableSettings, service: str, account: str) -> Check:
    name = f"table {table.path}: login to {service}"
    _, said, complaint = ask("doveadm", "auth", "test", "-x", f"service={service}", account, "gatepost-doctor")
    if "user_disabled" in said:
        return Check(name, "ok", f"Dovecot turns {account} away")
    if "auth failed" in said and "temp_fail" not in said:
        says = f"Dovecot does not know that {account} is stopped"
        return Check(name, "fail", says, f"see the order of passdb in doveconf -n, and auth_username_format; {PAGE}")
    return Check(
        name, "unknown", (complaint or said).strip()[:160], "run doctor as a user that may ask Dovecot, or as root"
    )
