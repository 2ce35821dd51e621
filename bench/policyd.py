"""Policy servers beside gatepost: postfwd and policyd-rate-limit from Debian, and a bare parser that judges nobody.

The packages are unpacked beside the system; nothing is installed. Each server counts per login with one generous limit.
"""

import asyncio
import contextlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.live.ports import end, until

from bench.peers import Missing, unpacked
from gatepost.wire.policy import Requests, action

POSTFWD = (
    "postfwd",
    "libnet-server-perl",
    "libnet-dns-perl",
    "libdigest-hmac-perl",
    "libio-multiplex-perl",
    "libnet-cidr-perl",
)
RATE_LIMIT = ("policyd-rate-limit", "python3-yaml", "libyaml-0-2")
"""What dpkg must unpack for each: the program and what it imports."""

YAML = """\
debug: false
user: nobody
group: nogroup
pidfile: {folder}/pid
backend: 0
sqlite_config: {{database: {folder}/db}}
SOCKET: {folder}/socket
socket_permission: 0666
limits: [[1000, 3600]]
limits_by_id: {{}}
limit_by_sasl: true
limit_by_sender: false
limit_by_ip: false
limited_networks: []
success_action: dunno
fail_action: defer_if_permit
db_error_action: dunno
report: false
delay_to_close: 300
smtp_server: [localhost, 25]
"""


@contextlib.contextmanager
def bare(folder: Path) -> Iterator[tuple[str, int]]:
    """A server that only reads requests and lets all pass; its socket and its process."""
    address = str(folder / "socket")
    with _running([sys.executable, "-m", "bench.policyd", address], address) as pid:
        yield address, pid


@contextlib.contextmanager
def postfwd(folder: Path) -> Iterator[tuple[str, int]]:
    """postfwd2 with one rate rule and a process for every connection.

    Raises:
        Missing: there is no Perl, or a package cannot be had.
    """
    if shutil.which("perl") is None:
        raise Missing("no perl on this machine")
    root = unpacked("postfwd", POSTFWD)
    _open(folder)
    rules, address, pid = folder / "rules", str(folder / "socket"), folder / "pid"
    rules.write_text("id=R1; action=rate(sasl_username/1000/3600/REJECT too much)\n")
    command = [
        "perl", "-T", "-I", str(root / "usr/share/perl5"), str(root / "usr/sbin/postfwd2"),
        "--proto", "unix", "--port", address, "--file", str(rules), "--nodns", "--norulelog",
        "--user", "nobody", "--group", "nogroup", "--umask", "0111", "--server_umask", "0111",
        "--cache_proto", "unix", "--cache_port", str(folder / "cache"), "--pidfile", str(pid),
        "--min_servers", "24", "--max_servers", "40", "--min_spare_servers", "2", "--max_spare_servers", "20",
    ]  # fmt: skip
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=True)
    until(lambda: pid.is_file() and bool(pid.read_text().strip()) and Path(address).exists(), "postfwd answers")
    number = int(pid.read_text())
    try:
        yield address, number
    finally:
        end(number)


@contextlib.contextmanager
def rate_limit(folder: Path) -> Iterator[tuple[str, int]]:
    """policyd-rate-limit on SQLite.

    Raises:
        Missing: a package cannot be had.
    """
    root = unpacked("policyd-rate-limit", RATE_LIMIT)
    _open(folder)
    config, address = folder / "config.yaml", str(folder / "socket")
    config.write_text(YAML.format(folder=folder))
    libraries = root / f"usr/lib/{platform.machine()}-linux-gnu"
    more = {"PYTHONPATH": str(root / "usr/lib/python3/dist-packages"), "LD_LIBRARY_PATH": str(libraries)}
    python = shutil.which("python3", path="/usr/bin") or sys.executable
    command = [python, str(root / "usr/bin/policyd-rate-limit"), "--file", str(config)]
    with _running(command, address, {**os.environ, **more}) as pid:
        yield address, pid


def _open(folder: Path) -> None:
    """These servers drop root's rights: their folder is everybody's while they run."""
    folder.chmod(0o777)


@contextlib.contextmanager
def _running(command: list[str], address: str, environment: dict[str, str] | None = None) -> Iterator[int]:
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment
    ) as child:
        try:
            until(lambda: Path(address).exists() or child.poll() is not None, "the server answers")
            if child.poll() is not None and child.stderr is not None:
                raise Missing(f"it does not start: {child.stderr.read().decode(errors='replace')[-200:]}")
            yield child.pid
        finally:
            end(child.pid)


class _Bare(asyncio.Protocol):
    def __init__(self) -> None:
        self._requests = Requests()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(b"".join(action("DUNNO") for _ in self._requests.feed(data)))


async def _serve(address: str) -> None:
    server = await asyncio.get_running_loop().create_unix_server(_Bare, address)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
