"""The mail domains hosted here, from the configuration and its file."""

from pathlib import Path

from gatepost.config import words
from gatepost.config.settings import Settings
from gatepost.core.errors import ConfigError


def local_domains(settings: Settings) -> tuple[str, ...]:
    """Every domain named, lower-cased, each once; () when the log has to teach them.

    The file has one domain a line; what stands after a colon or a blank is passed over, so that the tables of a mail
    server can be used as they are; "#" starts a comment.

    Raises:
        ConfigError: the file cannot be read, or a line of it starts with no domain.
    """
    named = [*settings.domains.local, *(_listed(Path(settings.domains.file)) if settings.domains.file else ())]
    return tuple(dict.fromkeys(domain.lower() for domain in named))


def _listed(path: Path) -> list[str]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"the list of domains cannot be read: {getattr(error, 'strerror', None) or error}; see domains.file"
        raise ConfigError(msg, str(path)) from error
    return [word for number, line in enumerate(lines, 1) if (word := _domain(line, f"{path}:{number}"))]


def _domain(line: str, place: str) -> str:
    fields = line.partition("#")[0].replace(":", " ").split()
    wrong = words.domain(fields[0]) if fields else None
    if wrong is not None:
        raise ConfigError("; ".join(wrong), place)
    return fields[0] if fields else ""
