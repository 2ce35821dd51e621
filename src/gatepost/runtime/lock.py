"""One gatepost for each state: a lock that dies with its process."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from gatepost.core.errors import StoreError


class Lock:
    """An exclusive lock beside the state file; holds the owner's pid.

    Raises:
        StoreError: somebody else has it; the message names the pid.
    """

    def __init__(self, state: Path) -> None:
        self._path = state.with_name(f"{state.name}.lock")
        self._file: int | None = None

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        except OSError as error:
            msg = f"{self._path}: {error.strerror}; check owner and mode of the folder, or [state] path"
            raise StoreError(msg) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = os.pread(self._file, 20, 0).decode(errors="replace").strip() or "unknown"
            os.close(self._file)
            self._file = None
            msg = f"{self._path}: another gatepost works on this state, pid {owner}; stop it first"
            raise StoreError(msg) from error
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
