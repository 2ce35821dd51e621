"""Questions to the programs of a mail server: postconf, postmap, doveconf, doveadm."""

import os
import shutil
import subprocess

PATIENCE = 15
"""Seconds for one call."""

FOLDERS = "/usr/sbin:/usr/local/sbin:/usr/local/bin"


def there(name: str) -> bool:
    """Whether a program is on this host."""
    return _place(name) is not None


def ask(name: str, *words: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a call.

    Raises:
        OSError: it is not there or cannot be started.
        subprocess.SubprocessError: it takes too long.
    """
    place = _place(name)
    if place is None:
        msg = f"{name} was not found on this host"
        raise OSError(msg)
    done = subprocess.run([place, *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace").strip()


def answer(name: str, *words: str) -> str:
    """What a program answers.

    Raises:
        OSError: it is not there or cannot be started.
        subprocess.SubprocessError: it takes too long, or ends with an error.
    """
    code, said, complaint = ask(name, *words)
    if code:
        msg = f"{name} {' '.join(words)}: {complaint[:200] or f'exit code {code}'}"
        raise subprocess.SubprocessError(msg)
    return said


def _place(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:{FOLDERS}")
