"""Which files were the log before it was rotated.

Owns how a file is recognised again: by its first bytes, whether it was renamed, copied or packed; as long as it had
none, by device and inode. Inodes are used again, and the devices of network and stacked file systems get new numbers.
"""

from hashlib import blake2b
from pathlib import Path

from msgspec.structs import replace

from gatepost.core.errors import SourceError
from gatepost.core.ports import Position
from gatepost.source.lines import open_binary

HEAD = 512
"""Bytes at the beginning of a file by which it is recognised."""

PACKED = (".gz", ".xz", ".bz2", ".zst")


def head_of(data: bytes) -> bytes:
    """What recognises a file that begins with these bytes."""
    start = data[:HEAD]
    return len(start).to_bytes(2, "big") + blake2b(start, digest_size=16).digest()


def size_of(head: bytes) -> int:
    """How many bytes a head was made of."""
    return int.from_bytes(head[:2], "big")


def placed(place: Position, path: Path, data: bytes) -> Position:
    """A position that names the file it is in, which begins with these bytes.

    Raises:
        OSError: the file is gone.
    """
    stat = path.stat()
    return replace(place, device=stat.st_dev, inode=stat.st_ino, head=head_of(data))


def begins(path: Path, head: bytes) -> bool:
    """Whether a file, plain or packed, begins with the bytes a head was made of."""
    wanted = size_of(head)
    if not wanted:
        return False
    try:
        with open_binary(str(path)) as stream:
            start = stream.read(wanted)
    except (SourceError, OSError, EOFError, ValueError):
        return False
    return len(start) == wanted and head_of(start) == head


def predecessors(path: Path, changed_since: float = 0.0) -> list[Path]:
    """The rotated files of a log, oldest first: mainlog.1, mainlog.2.gz, mainlog-20260301 and their like.

    Args:
        path: the log.
        changed_since: files that were not written to since this instant are left out.
    """
    try:
        found = [
            (other.stat().st_mtime, other)
            for other in path.parent.iterdir()
            if other.name.startswith(path.name) and other.name[len(path.name) :][:1] in (".", "-") and other.is_file()
        ]
    except OSError:
        return []
    names = {other.name for _, other in found}
    whole = [(changed, other) for changed, other in sorted(found) if not _twin(other, names)]
    return [other for changed, other in whole if changed >= changed_since]


def _twin(path: Path, names: set[str]) -> bool:
    """Whether a file is being packed: what it is made of is still there."""
    return path.suffix in PACKED and path.name.removesuffix(path.suffix) in names


def since(path: Path, position: Position) -> tuple[Path | None, list[Path]]:
    """Where reading goes on after a rotation.

    Returns:
        The file that holds the position (None when it is gone) and the files that came after it, oldest first; the log
        itself is in neither.
    """
    old = predecessors(path)
    for number, other in enumerate(old):
        if _same(other, position):
            return other, old[number + 1 :]
    return None, []


def _same(path: Path, position: Position) -> bool:
    try:
        stat = path.stat()
    except OSError:
        return False
    plain = path.suffix not in PACKED
    if plain and stat.st_size < position.offset:
        return False
    if size_of(position.head):
        return begins(path, position.head)
    return plain and (stat.st_dev, stat.st_ino) == (position.device, position.inode)
