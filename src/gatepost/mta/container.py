"""What a container's log driver puts around a line.

Owns taking it off: what is left is the line as the mail server wrote it. Nothing of what is taken off is believed, not
even its time: a server's own line says when it was written. A driver's frame stands at the very beginning of a line,
where no server lets a client write.
Source: `docker compose logs` ("mail-1  | "), `docker logs --timestamps`, Docker's json-file driver, the log format of
Kubernetes' container runtime interface (time, stream, "F" for a whole line).
"""

import re

import msgspec

MAX_LINE = 1 << 18
"""Characters of a json-file line that is looked into: Docker cuts messages at 16 kB, each may be escaped as six."""

_COMPOSE = re.compile(r"[A-Za-z0-9_.-]{2,64} +\| ")
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,18}(?:Z|[+-][0-9]{2}:[0-9]{2}) "
_STAMPED = re.compile(_TIME + r'(?=[A-Z][a-z]{2} [ 0-9][0-9] |[0-9]{4}-|<[0-9]{1,3}>|\{"type":")')
_CRI = re.compile(_TIME + r"std(?:out|err) F ")
_JSON = '{"log":"'


class _Said(msgspec.Struct, frozen=True):
    """One line of Docker's json-file driver."""

    log: str


_decoder = msgspec.json.Decoder(_Said)


def bare(line: str) -> str:
    """A line without what a container's log driver put around it. Never raises."""
    if line.startswith(_JSON):
        return _from_json(line)
    found = _COMPOSE.match(line)
    at = found.end() if found is not None else 0
    stamped = _CRI.match(line, at) or _STAMPED.match(line, at)
    if stamped is not None:
        at = stamped.end()
    return line[at:] if at else line


def _from_json(line: str) -> str:
    if len(line) > MAX_LINE:
        return line
    try:
        return _decoder.decode(line).log.rstrip("\n")
    except (msgspec.MsgspecError, UnicodeError):
        return line
