"""Finds eximstats, the program that gatepost's speed is compared with."""

import shutil
import subprocess
from pathlib import Path

from bench.measure import OUT

ROOT = Path(__file__).parent.parent
UNPACKED = "usr/sbin/eximstats"
KNOWN = (
    ROOT / ".live" / "exim" / UNPACKED,
    Path("/var/tmp/gatepost-live/exim") / UNPACKED,
    OUT / "exim4-base" / UNPACKED,
)


class Missing(Exception):
    """A peer that cannot be had; the message says why."""


def eximstats() -> list[str]:
    """The command that runs it, without arguments.

    Raises:
        Missing: there is no Perl, or no eximstats here and none can be downloaded.
    """
    perl = shutil.which("perl")
    if perl is None:
        raise Missing("no perl on this machine")
    installed = shutil.which("eximstats")
    for place in (*((Path(installed),) if installed else ()), *KNOWN):
        if place.is_file():
            return [perl, str(place)]
    return [perl, str(_download())]


def _download() -> Path:
    """Unpack Debian's exim4-base beside the system; nothing is installed."""
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise Missing("eximstats is not installed, and this is no Debian where its package could be unpacked")
    OUT.mkdir(exist_ok=True)
    try:
        subprocess.run(["apt-get", "download", "exim4-base"], cwd=OUT, check=True, capture_output=True, timeout=120)
        package = next(OUT.glob("exim4-base_*.deb"))
        subprocess.run(
            ["dpkg", "-x", str(package), str(OUT / "exim4-base")], check=True, capture_output=True, timeout=120
        )
    except (subprocess.SubprocessError, StopIteration) as error:
        raise Missing("eximstats is not installed, and the package exim4-base cannot be downloaded") from error
    return OUT / "exim4-base" / UNPACKED


def _quietly(*command: str) -> None:
    subprocess.run(command, cwd=OUT, check=True, capture_output=True, timeout=120)
