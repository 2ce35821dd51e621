"""One gatepost for each state."""

import os
from pathlib import Path

import pytest

from gatepost.core.errors import StoreError
from gatepost.runtime.lock import Lock


def test_the_second_one_is_told_the_first_ones_pid(tmp_path: Path) -> None:
    """It refuses, and the first one keeps its lock."""
    state = tmp_path / "state.db"
    with Lock(state):
        for _ in range(2):
            with pytest.raises(StoreError, match=rf"pid {os.getpid()}; stop it first"), Lock(state):
                pass


def test_the_lock_ends_with_its_owner(tmp_path: Path) -> None:
    """Whoever comes later gets it, whatever is left in the file."""
    state = tmp_path / "state.db"
    with Lock(state):
        pass
    with Lock(state):
        assert (tmp_path / "state.db.lock").read_text() == f"{os.getpid()}\n"


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """With path and remedy."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"\[state\] path"), Lock(tmp_path / "file" / "state.db"):
        pass
