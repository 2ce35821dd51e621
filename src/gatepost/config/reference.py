"""The reference page of all settings, made from the structs themselves.

`python -m gatepost.config.reference` prints docs/settings.md. Meanings are the "#:" comments behind the fields.
"""

import ast
import inspect
import types
from collections.abc import Iterator, Mapping
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from msgspec import NODEFAULT, Struct
from msgspec.structs import FieldInfo, fields

from gatepost.config import asking, locks, lookups, measures, naming, plans, settings, streams, tellers, unlocking
from gatepost.core.units import DAY, Seconds, spoken
from gatepost.detect import KINDS
from gatepost.detect.base import Detector
from gatepost.detect.quota import Limits
from gatepost.judge.score import Levels

HEAD = """\
# Settings

One TOML file. Every setting has a default, so an empty file is valid; [`gatepost check`](commands/check.md) finds every
mistake in it. The smallest useful one is [examples/gatepost.toml](../examples/gatepost.toml).

Durations are texts with a unit: `"90s"`, `"15m"`, `"1h"`, `"30d"`, `"2w"`, `"3y"`. Relative paths start from the
folder of the file. Logins are compared without upper and lower case.

This page is made from the program: `python -m gatepost.config.reference`.
"""

BLOCKS: tuple[tuple[str, str, type[Struct]], ...] = (
    ("[state]", "", settings.State),
    ("[start]", "", settings.Start),
    ("[domains]", "", settings.Domains),
    ("[accounts]", "See [accounts](accounts.md).", naming.Naming),
    ('[accounts.aliases] kind = "file"', "", naming.AliasFile),
    ('[accounts.aliases] kind = "sql"', "See [accounts](accounts.md#from-a-database).", lookups.AliasSql),
    ('[accounts.aliases] kind = "ldap"', "See [accounts](accounts.md#from-a-directory).", lookups.AliasLdap),
    ("[levels]", "They must ascend. One kind of fact alone needs 90 points for a block.", Levels),
    ('[account."ann@example.org"]', "", settings.AccountSettings),
    ('[domain."example.org"]', "", settings.DomainSettings),
    ("[plan.name]", "See [accounts](accounts.md#plans).", plans.Plan),
    ("quota = { … }", "In `[account]`, `[domain]` and `[plan]` blocks; the account's own wins.", Limits),
    ("measures = { … }", "In `[account]`, `[domain]` and `[plan]` blocks.", plans.Measures),
    ("[exempt]", "", settings.Exempt),
    (
        '[[source]] kind = "tail"',
        "One log a mail server: Exim's rejectlog repeats its mainlog and is not needed.",
        settings.Tail,
    ),
    ('[[source]] kind = "syslog"', "See [syslog](sources/syslog.md).", streams.Syslog),
    ("peers = [{ … }]", "In a syslog source.", streams.Peer),
    ('[[source]] kind = "journal"', "See [journal](sources/journal.md).", streams.Journal),
    ('[[source]] kind = "stdin"', "See [stdin](sources/stdin.md).", streams.Stdin),
    ('[[action]] kind = "table"', "How the mail server reads it: [Exim](mta/exim.md).", settings.TableSettings),
    ('[[action]] kind = "notify"', "See [notify](actions/notify.md).", settings.NotifySettings),
    ('[[action]] kind = "hook"', "See [hook](actions/hook.md).", tellers.HookSettings),
    ('[[action]] kind = "sql"', "See [sql](actions/sql.md).", locks.SqlSettings),
    ('[[action]] kind = "ldap"', "See [ldap](actions/ldap.md).", locks.LdapSettings),
    ('[[action]] kind = "passwd"', "See [passwd](actions/passwd.md).", locks.PasswdSettings),
    ('[[action]] kind = "command"', "See [command](actions/command.md).", locks.CommandSettings),
    ('[[action]] kind = "siem"', "See [siem](actions/siem.md).", tellers.SiemSettings),
    ('[[action]] kind = "chat"', "See [chat](actions/chat.md).", tellers.ChatSettings),
    ('[[action]] kind = "queue"', "See [queue](actions/queue.md).", measures.QueueSettings),
    ('[[action]] kind = "customer"', "See [customer](actions/customer.md).", tellers.CustomerSettings),
    ('[[action]] kind = "sessions"', "See [sessions](actions/sessions.md).", measures.SessionsSettings),
    (
        '[[door]] kind = "postfix"',
        "See [doors](doors/postfix.md).",
        asking.PostfixDoor,
    ),
    ('[[door]] kind = "exim"', "See [Exim asks](doors/exim.md).", asking.EximDoor),
    ('[[door]] kind = "dovecot"', "See [Dovecot asks](doors/dovecot.md).", asking.DovecotDoor),
    ('[[door]] kind = "milter"', "See [milter](doors/milter.md).", asking.MilterDoor),
    ("[letter]", "See [letter](actions/letter.md).", settings.LetterSettings),
    ("[breaker]", "", settings.Breaker),
    ("[life]", "", settings.Life),
    ('[network."name"]', "See [networks](networks.md).", settings.NetworkSettings),
    ('[host."mx1.example.org"]', "See [several hosts](hosts.md).", settings.HostSettings),
    ("[data]", "See [networks](networks.md).", settings.Data),
    ("[bounces]", "", settings.Bounces),
    ("[selfservice]", "See [self-service](selfservice.md).", unlocking.SelfService),
    ("[reports]", "See [ingest](commands/ingest.md) and [report](commands/report.md).", settings.Reports),
)

DETECTORS = """\
## [[detector]]

All built-in detectors are on. A block changes the one that its `kind` names; `kind = "rule"` adds a counting rule of
yours. A curve is a list of pairs `[measured, points]`: straight lines in between, nothing below the first, no more
above the last. Besides its own settings every block has:

| setting | default | meaning |
|---|---|---|
| `kind` | must be set | which detector is meant |
| `enabled` | `true` | `false` takes it away |
| `shadow` | `false` | `true` lets it work and be shown, but add no points and demand nothing |
"""

TABLES = tuple(field.name for field in fields(settings.Settings) if field.name not in ("mode", "tag"))
"""What has a heading of its own."""

BELOW: Mapping[type, Mapping[str, str]] = {
    Detector: {"shadow": "true lets it work and be shown, but add no points and demand nothing"},
    Levels: {level: f"score from which an account is at {level}" for level in ("watch", "throttle", "hold", "block")},
    Limits: {"hour": "recipients in any 60 minutes", "day": "recipients in any 24 hours"},
}
"""Meanings of fields whose structs carry no comments."""


def page() -> str:
    """The whole page."""
    parts = [HEAD, "## At the top of the file\n\n" + table(settings.Settings, skip=TABLES)]
    for heading, more, kind in BLOCKS:
        text = "\n".join(filter(None, [_first(kind), more]))
        parts.append(f"## {heading}\n\n{text}\n\n{table(kind)}")
    parts.append(DETECTORS)
    for name, detector in KINDS.items():
        link = f"See [{name}](detectors/{name}.md)."
        parts.append(f'### kind = "{name}"\n\n{_first(detector)} {link}\n\n{table(detector, skip=("shadow",))}')
    return "\n".join(parts)


def table(kind: type[Struct], skip: tuple[str, ...] = ()) -> str:
    """One row a setting: its name in TOML, its default, its meaning with units."""
    meanings = comments(kind)
    hints = get_type_hints(kind)
    rows = [
        f"| `{field.encode_name}` | {_default(field, hints[field.name])} | {meanings[field.name]} |"
        for field in fields(kind)
        if field.name not in skip
    ]
    return "\n".join(["| setting | default | meaning |", "|---|---|---|", *rows]) + "\n"


def comments(kind: type[Struct]) -> dict[str, str]:
    """The "#:" comment of every field, inherited ones too."""
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if base.__module__.startswith("gatepost."):
            found.update(_own_comments(base))
            found.update(BELOW.get(base, {}))
    return found


def _own_comments(kind: type) -> Iterator[tuple[str, str]]:
    text = inspect.getsource(kind)
    lines = text.splitlines()
    for node in ast.parse(text).body[0].body:  # type: ignore[attr-defined]
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            comment = lines[(node.end_lineno or node.lineno) - 1].partition("#: ")[2]
            if comment:
                yield node.target.id, comment.strip()


def _first(kind: type) -> str:
    """The first sentence of a docstring."""
    return inspect.cleandoc(kind.__doc__ or "").partition("\n")[0]


def _default(field: FieldInfo, hint: Any) -> str:
    if field.required:
        return "must be set"
    value = field.default if field.default is not NODEFAULT else field.default_factory()
    if value is None:
        return "unset"
    return f"`{written(value)}`" + _choice(hint)


def _choice(hint: Any) -> str:
    """The other words that can be written."""
    kinds = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    words = [word for kind in kinds if get_origin(kind) is Literal for word in get_args(kind)]
    return f" (of: {', '.join(words)})" if words else ""


def written(value: object) -> str:
    """A value as it stands in TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Seconds):
        years = value / (365 * DAY)
        return f'"{years:.0f}y"' if value and years == int(years) else f'"{spoken(value)}"'
    if isinstance(value, (int, float)):
        return f"{value:g}"
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(map(written, value))}]"
    return "{}" if value == {} else f'"{value}"'


if __name__ == "__main__":
    print(page(), end="")
