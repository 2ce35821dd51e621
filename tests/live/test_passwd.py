"""Locking passwords in the files of a real Dovecot and a real Exim: nobody logs in, whatever the default scheme."""

import os
import signal
import smtplib
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.act.locking import Keeper, Vault
from tests.live.client import PASSWORD, log_in
from tests.live.dovecot import Dovecot
from tests.live.exim import Exim, Rules
from tests.live.ports import until

from gatepost.act.lockedfile import FileLock, Form

pytestmark = pytest.mark.live

ANN, BEN = "u1@example.test", "u2@example.test"


class File:
    """A server's own file."""

    def __init__(self, path: Path, form: Form) -> None:
        self.path, self.lock = path, FileLock(path, form)

    def stored(self) -> dict[str, str]:
        """The file as a whole."""
        return {"": self.path.read_text()}

    def change(self, login: str, value: str) -> None:
        """Nobody does."""
        raise AssertionError(login)


def passwords(name: str) -> list[str]:
    """What a thief would try who knows the password and how gatepost locks."""
    mark = "{gatepost!" + name + "#1}"
    return [PASSWORD, mark + PASSWORD, mark + "{PLAIN}" + PASSWORD, "{PLAIN}" + PASSWORD]


@pytest.mark.parametrize("scheme", ["CRYPT", "PLAIN"])
def test_dovecot_lets_nobody_in(scheme: str, dovecots: Callable[..., Dovecot]) -> None:
    """Neither the password nor the stored text opens a locked mailbox; others log in, and so does she after it."""
    dovecot = dovecots(accounts=[ANN, BEN])
    users = dovecot.folder / "users"
    dovecot.config.write_text(dovecot.config.read_text().replace("args = /t/", f"args = scheme={scheme} /t/"))
    dovecot.run("doveadm", "reload")
    keeper, before = Keeper(_vault(users, "dovecot")), users.read_text()
    keeper.stop(ANN)
    until(lambda: not dovecot.may_log_in(ANN, "imap"), "the lock is seen")
    assert not any(dovecot.may_log_in(ANN, "smtp", password) for password in passwords(ANN))
    assert dovecot.may_log_in(BEN, "smtp")
    keeper.release(ANN)
    until(lambda: dovecot.may_log_in(ANN, "imap"), "the release is seen")
    assert users.read_text() == before


@pytest.mark.parametrize("check", ["eq", "crypteq"])
def test_exim_lets_nobody_in(check: str, exims: Callable[..., Exim]) -> None:
    """Whether Exim compares with eq or crypteq, the password no longer fits, and does after the release."""
    rules, secret = Rules(), PASSWORD
    if check == "crypteq":
        found = "${lookup{USER}lsearch{CONFIG_DIR/users}{$value}{*}}"
        rules, secret = Rules(condition="${if crypteq{SECRET}{" + found + "}}"), _hash()
    exim = exims(rules, (ANN, BEN))
    users = exim.folder / "users"
    exim.config.write_text(exim.config.read_text().replace("CONFIG_DIR", str(exim.folder)))
    users.write_text("".join(f'"{name}": {secret}\n' for name in (ANN, BEN)))
    os.kill(exim.pid, signal.SIGHUP)
    until(lambda: _lets_in(exim, BEN), "Exim reads its configuration")
    keeper, before = Keeper(_vault(users, "exim")), users.read_text()
    assert _lets_in(exim, ANN)
    keeper.stop(ANN)
    assert not _lets_in(exim, ANN)
    assert _lets_in(exim, BEN)
    keeper.release(ANN)
    assert _lets_in(exim, ANN)
    assert users.read_text() == before


def _lets_in(exim: Exim, account: str) -> bool:
    try:
        log_in(exim.port, account).close()
    except (smtplib.SMTPException, OSError):
        return False
    return True


def _vault(path: Path, form: Form) -> Vault:
    return File(path, form)


def _hash() -> str:
    words = ["openssl", "passwd", "-6", "-salt", "gatepost", PASSWORD]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
