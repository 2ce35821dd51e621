"""Exim's own account of its configuration: what `exim -bP config` prints.

Exim has put files together and macros in by then, and left comments out; so what stands here is active. Owns asking
the binary and cutting its answer into options, ACLs and authenticators.
Source: Exim specification, chapter "The Exim command line", -bP; tried with 4.96.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

PATIENCE = 15
"""Seconds for one call."""

NAMES = ("exim", "exim4")
FOLDERS = "/usr/sbin:/usr/local/sbin:/usr/exim/bin"

_NAMED = re.compile(r"([A-Za-z0-9_]{1,64}):")
_OPTION = re.compile(r"(?:hide )?([a-z][a-z0-9_]*)(?:\s*=\s*(.*))?")
_CALLED = re.compile(r"\bacl\s*=\s*([A-Za-z0-9_]{1,64})|\$\{acl\s*\{\s*([A-Za-z0-9_]{1,64})")

Lines = Sequence[str]


class Exim(Struct, frozen=True):
    """The binary, and the configuration it is to use; "" for its own."""

    binary: str
    config: str = ""

    def ask(self, *words: str) -> str:
        """What it answers, on standard output.

        Raises:
            OSError: it cannot be started.
            subprocess.SubprocessError: it takes too long, or ends with an error.
        """
        chosen = ["-C", self.config] if self.config else []
        done = subprocess.run(
            [self.binary, *chosen, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
            env={"PATH": os.defpath, "LC_ALL": "C"},
        )
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            msg = f"{self.binary} {' '.join(words)}: {said[0][:200] if said else f'exit code {done.returncode}'}"
            raise subprocess.SubprocessError(msg)
        return done.stdout.decode("utf-8", "replace")


def find(binary: str, config: str) -> Exim | None:
    """The Exim of this host, or the one that was named; None when there is none."""
    path = f"{os.environ.get('PATH', os.defpath)}:{FOLDERS}"
    found = binary or next(filter(None, (shutil.which(name, path=path) for name in NAMES)), "")
    return Exim(found, str(Path(config).absolute()) if config else "") if found else None


class Config(Struct, frozen=True):
    """A configuration in parts."""

    options: Mapping[str, str]
    """Main options by name; a switch is "true" or "false"."""
    acls: Mapping[str, Lines]
    authenticators: Mapping[str, Lines]

    def reached(self, *entries: str) -> Iterator[str]:
        """The lines of the ACLs that these options name, and of those they call."""
        waiting = [name for entry in entries for name in self._entered(self.options.get(entry, ""))]
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in seen or name not in self.acls:
                continue
            seen.add(name)
            yield from self.acls[name]
            waiting += [one or other for line in self.acls[name] for one, other in _CALLED.findall(line)]

    def _entered(self, value: str) -> Iterable[str]:
        """The ACLs an option can name; any of them when it is worked out for each message."""
        return self.acls if "$" in value else [value]


def parse(text: str) -> Config:
    """Cut the answer of `exim -bP config` into parts."""
    options: dict[str, str] = {}
    parts: dict[str, dict[str, list[str]]] = {}
    section, name = "", ""
    for line in map(str.strip, text.splitlines()):
        if not line or line.startswith("#"):
            continue
        if line.startswith("begin "):
            section, name = line.removeprefix("begin ").strip(), ""
        elif not section:
            options.update(_option(line))
        elif _NAMED.fullmatch(line):
            name = line[:-1]
            parts.setdefault(section, {})[name] = []
        elif name:
            parts[section][name].append(line)
    return Config(options, parts.get("acl", {}), parts.get("authenticators", {}))


def _option(line: str) -> Iterator[tuple[str, str]]:
    found = _OPTION.fullmatch(line)
    if found is None:
        return
    name, value = found.groups()
    if value is not None:
        yield name, value.strip().strip('"')
    else:
        bare = name.removeprefix("not_") if name.startswith("not_") else name.removeprefix("no_")
        yield bare, "true" if bare == name else "false"
