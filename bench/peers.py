"""Finds eximstats and pflogsumm, the programs that gatepost's speed and totals are compared with."""

import shutil
import subprocess
from collections.abc import Sequence
from fcntl import LOCK_EX, flock
from pathlib import Path

from bench.measure import OUT

ROOT = Path(__file__).parent.parent
SBIN = Path("usr/sbin")
PLACES = (ROOT / ".live" / "exim", Path("/var/tmp/gatepost-live/exim"))
"""Where the live tests unpack an Exim."""


class Missing(Exception):
    """A peer that cannot be had; the message says why."""


def eximstats() -> list[str]:
    """The command that runs Exim's statistics, without arguments.

    Raises:
        Missing: there is no Perl, or the program is neither here nor to be had.
    """
    return _perl("eximstats", "exim4-base")


def pflogsumm() -> list[str]:
    """The command that runs the usual summary of Postfix's log, without arguments.

    Raises:
        Missing: there is no Perl, or the program is neither here nor to be had.
    """
    return _perl("pflogsumm", "pflogsumm")


def _perl(program: str, package: str) -> list[str]:
    perl = shutil.which("perl")
    if perl is None:
        raise Missing("no perl on this machine")
    installed = shutil.which(program)
    for place in (
        *((Path(installed),) if installed else ()),
        *(at / SBIN / program for at in (*PLACES, OUT / package)),
    ):
        if place.is_file():
            return [perl, str(place)]
    return [perl, str(_download(program, package))]


def _download(program: str, package: str) -> Path:
    """Unpack a Debian package beside the system; nothing is installed."""
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise Missing(f"{program} is not installed, and this is no Debian where its package could be unpacked")
    OUT.mkdir(exist_ok=True)
    with (OUT / "lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not (OUT / package / SBIN / program).is_file():
            _unpack(program, package, OUT / package)
    return OUT / package / SBIN / program


def unpacked(name: str, packages: Sequence[str]) -> Path:
    """A folder with Debian packages unpacked beside the system; nothing is installed.

    Raises:
        Missing: this is no Debian, or one of them cannot be had.
    """
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise Missing(f"this is no Debian where the package {packages[0]} could be unpacked")
    OUT.mkdir(exist_ok=True)
    with (OUT / "lock").open("w") as lock:
        flock(lock, LOCK_EX)
        for package in packages:
            if not list(OUT.glob(f"{package}_*.deb")) or not (OUT / name).is_dir():
                _unpack(name, package, OUT / name)
    return OUT / name


def _unpack(program: str, package: str, place: Path) -> None:
    try:
        _quietly("apt-get", "download", package)
        found = next(OUT.glob(f"{package}_*.deb"))
        _quietly("dpkg", "-x", str(found), str(place))
    except (subprocess.SubprocessError, StopIteration) as error:
        raise Missing(f"{program} is not installed, and the package {package} cannot be downloaded") from error


def _quietly(*command: str) -> None:
    subprocess.run(command, cwd=OUT, check=True, capture_output=True, timeout=120)
