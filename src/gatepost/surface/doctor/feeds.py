"""Whether strangers can speak at a source that is no file of this host: syslog from other hosts (contracts 12)."""

import os
from collections.abc import Iterator
from pathlib import Path

from gatepost.config.asking import DoorSettings
from gatepost.config.heard import FILES
from gatepost.config.streams import Stdin, Syslog
from gatepost.surface.doctor.check import Check


def look(source: Syslog) -> Iterator[Check]:
    """Who can put lines into this source, and whether its certificates can be read."""
    name, (kind, _, place) = f"source {source.name}: forgery", source.listen.partition(":")
    if kind == "udp":
        says = f"whoever can send packets to {place} can forge their sender, and with it every line"
        yield Check(name, "warn", says, 'listen = "tls:…": a certificate says who sends')
    elif kind == "tcp":
        says = f"whoever has one of the peers' addresses can add lines at {place}; nothing is encrypted"
        yield Check(name, "warn", says, 'listen = "tls:…": a certificate says who sends')
    elif kind == "unix":
        yield _socket(name, source)
    else:
        yield Check(name, "ok", "a certificate says who sends")
        yield from files(f"source {source.name}", source)


def piped(source: Stdin) -> Check:
    """Of standard input nothing can be seen from here."""
    says = "what another program writes there is seen by gatepost watch alone, and believed"
    remedy = "put some of it through gatepost parse -; a file or the journal can be looked at, and read again"
    return Check(f"source {source.name}: standard input", "unknown", says, remedy)


def _socket(name: str, source: Syslog) -> Check:
    if int(source.mode, 8) & 0o002:
        says = f"mode {source.mode} lets every user of this host add lines"
        return Check(name, "warn", says, 'set mode = "0660" and group to the one the mail server runs in')
    return Check(name, "ok", f"mode {source.mode}: only its owner and group {source.group or 'of gatepost'} add lines")


def files(name: str, settings: Syslog | DoorSettings) -> Iterator[Check]:
    """Whether the certificates can be read, of a source or a door."""
    for setting in FILES:
        path = Path(getattr(settings, setting))
        if getattr(settings, setting) and not os.access(path, os.R_OK):
            why = "cannot be read by this user" if path.exists() else "does not exist"
            remedy = f"correct {setting}, or let the user gatepost runs as read it"
            yield Check(f"{name}: {setting}", "fail", f"{path} {why}", remedy)
