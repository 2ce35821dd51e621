"""A real Exim on loopback, with the access control a test asks for.

Owns its configuration and its process. AUTH PLAIN and LOGIN against a list of accounts; every domain is routed to the
sink; every connection starts with a PROXY header (client.py). The binary is the one install.sh unpacked.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.live.client import PASSWORD
from tests.live.ports import answers, end, free_port, until

INSTALL = Path(__file__).with_name("install.sh")
ACCOUNTS = tuple(f"u{number}@example.test" for number in range(1, 101))
MESSAGE_ID = re.compile(r"\b[0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4}\b")
"""16 characters, from Exim 4.97 on 23."""

SELECTORS = "+received_recipients +subject +smtp_no_mail +smtp_incomplete_transaction"


@dataclass(frozen=True)
class Rules:
    """What a test adds to the configuration."""

    main: str = ""
    """Macros and main options."""
    acls: str = ""
    """Whole ACLs."""
    mail: str = ""
    """Statements at MAIL; so too the next ones."""
    rcpt: str = ""
    data: str = ""
    routers: str = ""
    """Whole routers, which go first."""
    transport: str = ""
    """Options of the transport to the sink; whole transports may follow."""
    condition: str = "PASSWORD_IS_RIGHT"
    """server_condition of the authenticators; USER is the login, PASSWORD_IS_RIGHT the usual check."""
    proxied: str = "127.0.0.0/8"
    """Clients that say by a PROXY header where they come from; "" is nobody."""
    relays: str = ""
    """Clients that may send without authentication."""
    selectors: str = SELECTORS


@dataclass(frozen=True)
class Exim:
    """One running Exim."""

    folder: Path
    port: int
    binary: Path

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / "exim.conf"

    @property
    def mainlog(self) -> Path:
        """What gatepost reads."""
        return self.folder / "log" / "mainlog"

    @property
    def pid(self) -> int:
        """The daemon."""
        return int((self.folder / "exim.pid").read_text())

    def log(self) -> str:
        """The main log so far."""
        return self.mainlog.read_text(errors="replace") if self.mainlog.exists() else ""

    def run(self, *args: str, text: str = "") -> str:
        """Call the binary with this configuration (-bp, -be, -Mt ID …); returns its output.

        Raises:
            AssertionError: it failed.
        """
        done = subprocess.run(
            [str(self.binary), "-C", str(self.config), *args],
            input=text,
            capture_output=True,
            timeout=60,
            encoding="utf-8",
            errors="surrogateescape",
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def queue(self, *, frozen: bool = False) -> set[str]:
        """Ids of the queued messages, or of the frozen ones alone."""
        lines = self.run("-bp").splitlines()
        found = {name[0]: line for line in lines if (name := MESSAGE_ID.search(line)) is not None}
        return {name for name, line in found.items() if not frozen or line.endswith("*** frozen ***")}

    def stop(self) -> None:
        """End the daemon and whatever still works for it, and take its claim on system files back."""
        end(self.pid)
        until(lambda: not any(map(end_child, self.children())), "Exim's children end")
        subprocess.run([str(INSTALL), "release", str(self.config)], check=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def children(self) -> Iterable[int]:
        """Processes that name this configuration."""
        wanted = str(self.config).encode()
        for place in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = place.read_bytes().split(b"\0")
            except OSError:
                continue
            if wanted in words and b"exim" in words[0]:
                yield int(place.parent.name)


def end_child(pid: int) -> bool:
    """End one process; True, for there was one."""
    end(pid)
    return True


def where(server: str = "exim") -> tuple[Path | None, str]:
    """The folder of what install.sh unpacked ("exim", or "servers": Postfix and Dovecot), or None and the reason."""
    done = subprocess.run([str(INSTALL), "where", server], capture_output=True, text=True)
    return (Path(done.stdout.strip()), "") if done.returncode == 0 else (None, done.stderr.strip())


def start_exim(live: Path, sink_port: int, rules: Rules | None = None, accounts: Iterable[str] = ACCOUNTS) -> Exim:
    """Start an Exim of its own for a test.

    Args:
        live: the folder that install.sh made.
        sink_port: where all mail goes.
        rules: access control under test.
        accounts: logins that exist; the password of each is client.PASSWORD.
    """
    folder = Path(tempfile.mkdtemp(prefix="exim-"))
    folder.chmod(0o755)
    exim = Exim(folder, free_port(), live / "exim/usr/sbin/exim4")
    (folder / "users").write_text("".join(f'"{name}": {PASSWORD}\n' for name in accounts))
    exim.config.write_text(_config(exim, sink_port, rules or Rules()))
    subprocess.run([str(INSTALL), "claim", str(exim.config)], check=True)
    for name in ("spool", "log"):
        (folder / name).mkdir()
        shutil.chown(folder / name, "Debian-exim", "Debian-exim")
    exim.run("-bd", "-q5s")
    until(lambda: answers(exim.port), f"Exim listens; its log says: {exim.log()}")
    return exim


def _config(exim: Exim, sink_port: int, rules: Rules) -> str:
    found = f"${{lookup{{USER}}lsearch{{{exim.folder}/users}}{{$value}}{{}}}}"
    check = f"and{{{{!eq{{{found}}}{{}}}}{{eq{{SECRET}}{{{found}}}}}}}"
    return CONFIG.format(
        exim=exim, sink=sink_port, rules=rules,
        plain=_condition(rules.condition, check, "$auth2", "$auth3"),
        login=_condition(rules.condition, check, "$auth1", "$auth2"),
    )  # fmt: skip


def _condition(wanted: str, check: str, login: str, secret: str) -> str:
    condition = wanted.replace("PASSWORD_IS_RIGHT", f"${{if {check}{{yes}}{{no}}}}")
    return condition.replace("USER", login).replace("SECRET", secret)


CONFIG = """\
{rules.main}
exim_path = {exim.binary}
spool_directory = {exim.folder}/spool
log_file_path = {exim.folder}/log/%slog
pid_file_path = {exim.folder}/exim.pid
primary_hostname = mx1.example.test
local_interfaces = 127.0.0.1
daemon_smtp_ports = {exim.port}
hosts_proxy = {rules.proxied}
tls_advertise_hosts =
auth_advertise_hosts = *
keep_environment =
host_lookup =
host_lookup_order =
rfc1413_hosts =
smtp_accept_max = 200
smtp_accept_queue_per_connection = 0
queue_run_max = 5
remote_max_parallel = 10
bounce_return_body = false
message_logs = false
log_selector = {rules.selectors}
acl_smtp_mail = acl_mail
acl_smtp_rcpt = acl_rcpt
acl_smtp_data = acl_data
begin acl
{rules.acls}
acl_mail:
{rules.mail}
  accept
acl_rcpt:
{rules.rcpt}
  accept authenticated = *
         control = submission/sender_retain
  accept domains = example.test
  accept hosts = {rules.relays}
  deny   message = authentication required
acl_data:
{rules.data}
  accept
begin routers
{rules.routers}
to_sink:
  driver = manualroute
  transport = to_sink
  route_list = * 127.0.0.1::{sink} byname
  self = send
begin transports
to_sink:
  driver = smtp
  allow_localhost
  hosts_try_fastopen =
  hosts_avoid_tls = *
{rules.transport}
begin retry
* * F,1h,10s; G,4d,1h,1.5
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = {plain}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = {login}
  server_set_id = $auth1
"""
