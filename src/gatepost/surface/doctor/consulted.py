"""Whether Exim looks into a deny table: where, by which key, and as which user."""

import re
from collections.abc import Iterable, Iterator, Mapping

from gatepost.config.settings import TableSettings
from gatepost.surface.doctor.check import Check
from gatepost.surface.doctor.exim import freezes
from gatepost.surface.doctor.eximconf import Config, Exim

STEPS: Mapping[str, tuple[str, ...]] = {
    "MAIL": ("acl_smtp_mail",),
    "RCPT": ("acl_smtp_rcpt",),
    "DATA": ("acl_smtp_data", "acl_smtp_predata"),
}
PAGE = "docs/mta/exim.md has the lines for Exim"
_PLAIN = re.compile(r"[a-z0-9@._+-]{1,200}")
PROBE = "gatepost-doctor-probe"


def look(table: TableSettings, config: Config) -> Iterator[Check]:
    """Where an active line of the configuration looks the login up in this table."""
    name = f"table {table.path}: consulted"
    steps = {step: _lookups(config.reached(*entries), table.path) for step, entries in STEPS.items()}
    logins = [line for lines in config.authenticators.values() for line in _lookups(lines, table.path)]
    found = [line for lines in steps.values() for line in lines] + logins
    if not found:
        says = "no active line of Exim's ACLs or authenticators looks into it: nobody is stopped"
        yield Check(name, "fail", says, PAGE)
        return
    wrong = [line for line in found if not re.search(rf"\b{table.format}\b", line)]
    if wrong:
        says = f"it is made for {table.format}, Exim reads it otherwise: {wrong[0][:120]}"
        yield Check(name, "fail", says, "write the same form in both places")
        return
    yield _covered(name, steps, logins, freezes(config))
    yield from _keys(f"table {table.path}: key", found)


def _lookups(lines: Iterable[str], path: str) -> list[str]:
    """Lines that look something up in a file, in braces or after a semicolon."""
    pattern = re.compile(
        rf"[a-z]search\b[^{{}};]*(?:\{{\s*{re.escape(path)}/?\s*\}}|;\s*{re.escape(path)}/?(?![\w./-]))"
    )
    return [line for line in lines if pattern.search(line)]


def _covered(name: str, steps: Mapping[str, list[str]], logins: list[str], frozen: bool) -> Check:
    """At MAIL, RCPT and DATA (contracts 16); freezing happens at DATA alone."""
    at = [step for step, lines in steps.items() if lines]
    where = ", ".join([*at, *(["AUTH"] if logins else [])])
    if len(at) == len(STEPS) or (at == ["DATA"] and frozen):
        return Check(name, "ok", f"Exim looks into it at {where}")
    missing = ", ".join(step for step in steps if step not in at)
    says = f"Exim looks into it at {where}, not at {missing}: a session that is under way goes on"
    return Check(name, "warn", says, PAGE)


def _keys(name: str, found: list[str]) -> Iterator[Check]:
    strange = [line for line in found if not re.search(r"\$\{?(?:authenticated_id|auth[123])\b", line)]
    if strange:
        says = f"looked up by something other than the login: {strange[0][:120]}"
        yield Check(name, "fail", says, "look up ${lc:$authenticated_id}")
        return
    cased = [line for line in found if not re.search(r"\$\{lc:", line)]
    if cased:
        says = f"looked up as the client wrote it, the table has lower case: {cased[0][:120]}"
        yield Check(name, "warn", says, "look up ${lc:$authenticated_id}: a thief may write ANN@example.org")


def tried(table: TableSettings, entries: Iterable[str], exim: Exim) -> Check:
    """Look a name that is there and one that is not up, as Exim does it (-be, string expansion).

    Raises:
        subprocess.SubprocessError: Exim did not answer.
    """
    name = f"table {table.path}: looked up"
    there = next(filter(_PLAIN.fullmatch, entries), "")
    for key, expected in ((there, "yes"), (PROBE, "no")):
        if key:
            said = exim.ask("-be", f"${{lookup{{{key}}}{table.format}{{{table.path}}}{{yes}}{{no}}}}").strip()
            if said != expected:
                return Check(name, "fail", f"{key}: Exim says {said[:160]!r}, not {expected!r}", PAGE)
    return Check(name, "ok", f"Exim finds {there}, and nobody else" if there else "Exim can look into it")
