"""Tables of one key a line, with the incident in a comment above it.

Owns the text that both postmap(1) and Dovecot read: to them a line with # is a comment, to us `#= ann@example.org#3`
says why the next line is there.
"""

from collections.abc import Mapping

from gatepost.act.forms import HEAD, octets
from gatepost.act.keys import Format, unfit

_WHY = "#= "


def render(entries: Mapping[str, str], value: str = "") -> bytes:
    """The whole file.

    Args:
        entries: key to incident; the keys are such as keys.unfit lets pass for a format of one word a line.
        value: written behind each key.
    """
    behind = f" {value}" if value else ""
    lines = (f"{_WHY}{entries[key]}\n{key}{behind}\n" for key in sorted(entries))
    return HEAD + octets("".join(lines))


def parse(content: bytes, form: Format) -> dict[str, str]:
    """The entries of a file as we write it, and keys that somebody added; their incident is "".

    Lines that deny nobody, or nobody exactly, are passed over.
    """
    found: dict[str, str] = {}
    why = ""
    for line in content.decode("utf-8", "surrogateescape").split("\n"):
        if line.startswith(_WHY):
            why = line.removeprefix(_WHY)
        elif line.strip() and not line.startswith("#"):
            key = line.split(":")[0] if form == "passwd-file" else line.split(None, 1)[0]
            if not line[0].isspace() and not unfit(key, form):
                found[key] = why
            why = ""
    return found
