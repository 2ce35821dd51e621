"""A real Postfix on loopback: port 25 and submission, with Dovecot as its login server.

Owns its configuration, its queue and its processes, in the folder with Postfix that tree.sh made. Every message goes to
the sink. A client says where it comes from by XCLIENT.
"""

import contextlib
import os
import re
import shutil
import signal
import smtplib
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.live.client import HOME, PASSWORD, letter
from tests.live.dovecot import Dovecot, call, own_folder
from tests.live.ports import alive, answers, end, free_port, until


@dataclass(frozen=True)
class Cuts:
    """What a test adds to the configuration."""

    main: str = ""
    """Lines at the end of main.cf; a setting that stands there already is replaced."""
    submission: tuple[str, ...] = ()
    """Options of the submission service, "smtpd_sender_restrictions=" for instance."""
    master: str = ""
    """Lines at the end of master.cf."""


@dataclass(frozen=True)
class Postfix:
    """One running Postfix."""

    tree: Path
    folder: Path
    port: int
    submission: int

    @property
    def config(self) -> Path:
        """The folder with main.cf and master.cf."""
        return self.folder / "conf"

    @property
    def maillog(self) -> Path:
        """What gatepost reads."""
        return self.folder / "maillog"

    def log(self) -> str:
        """The log so far."""
        return self.maillog.read_text(errors="replace") if self.maillog.exists() else ""

    def call(self, name: str, *words: str, text: str = "") -> "subprocess.CompletedProcess[str]":
        """Call a Postfix command on this instance; exit codes are the caller's to judge."""
        return call(self.tree, name, "-c", str(self.config), *words, text=text)

    def run(self, name: str, *words: str, text: str = "") -> str:
        """The same, and its output.

        Raises:
            AssertionError: it failed.
        """
        done = self.call(name, *words, text=text)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def queue(self, *, held: bool = False) -> set[str]:
        """Ids of the queued messages, or of those on hold alone."""
        found = re.findall(r"(?m)^([0-9A-Za-z]+)([*!]?) ", self.run("postqueue", "-p"))
        return {name for name, mark in found if not held or mark == "!"}

    def master(self) -> int:
        """Process id of master(8); 0 when it does not run."""
        place = self.folder / "queue/pid/master.pid"
        return int(place.read_text()) if place.exists() else 0

    def stop(self) -> None:
        """End all processes and delete the folder."""
        master = self.master()
        self.call("postfix", "abort")
        if master:
            end(master)
            until(lambda: not any(map(alive, self.processes())), "Postfix's processes end")
        shutil.rmtree(self.folder, ignore_errors=True)

    def processes(self, name: str = "") -> list[int]:
        """Processes that work in this queue folder, or those with this name alone."""
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if self.folder in (place / "cwd").resolve().parents and name in (place / "comm").read_text():
                    found.append(int(place.name))
        return found

    def reap(self, name: str) -> None:
        """End the processes with this name; master(8) starts new ones."""
        for pid in self.processes(name):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)


def start_postfix(tree: Path, sink_port: int, dovecot: Dovecot, cuts: Cuts | None = None) -> Postfix:
    """Start a Postfix of its own for a test.

    Args:
        tree: the folder that tree.sh made.
        sink_port: where all mail goes.
        dovecot: who knows the accounts.
        cuts: access control under test.
    """
    postfix = Postfix(tree, own_folder(tree, "p-"), free_port(), free_port())
    cuts = cuts or Cuts()
    for name in ("conf", "queue", "data"):
        (postfix.folder / name).mkdir(mode=0o755)
    shutil.chown(postfix.folder / "data", _uid(tree))
    options = "".join(f"\n  -o {{ {option} }}" for option in ("syslog_name=postfix/submission", *cuts.submission))
    given = {"postfix": postfix, "sink": sink_port, "auth": dovecot.auth, "submission": options}
    (postfix.config / "main.cf").write_text(_without_doubles(MAIN.format(**given), cuts.main))
    (postfix.config / "master.cf").write_text(MASTER.format(**given) + cuts.master)
    postfix.run("postfix", "start")
    until(lambda: answers(postfix.port) and answers(postfix.submission), f"Postfix listens; its log: {postfix.log()}")
    return postfix


def _uid(tree: Path) -> int:
    """Number of Postfix's user in the folder."""
    return int(re.findall(r"(?m)^postfix:x:(\d+)", (tree / "etc/passwd").read_text())[0])


def _without_doubles(ours: str, theirs: str) -> str:
    """main.cf in which each setting stands once: Postfix warns of the others."""
    names = set(re.findall(r"(?m)^(\w+)\s*=", theirs))
    return "".join(line for line in ours.splitlines(keepends=True) if line.split(" =")[0] not in names) + theirs


class MailProgram(smtplib.SMTP):
    """smtplib that tells Postfix, or Dovecot's submission service, where it comes from."""

    def __init__(self, port: int, client: str = HOME) -> None:
        super().__init__("127.0.0.1", port, local_hostname="desk.example.test", timeout=30)
        self.ehlo()
        code, reply = self.docmd("XCLIENT", f"ADDR={client} NAME=[UNAVAILABLE]")
        assert code == 220, reply
        self.ehlo()


def log_in(port: int, account: str, client: str = HOME) -> MailProgram:
    """A session in which an account has authenticated.

    Raises:
        smtplib.SMTPAuthenticationError: the server refused it.
    """
    program = MailProgram(port, client)
    try:
        program.user, program.password = account, PASSWORD
        program.auth("PLAIN", program.auth_plain)
    except smtplib.SMTPException:
        program.close()
        raise
    return program


def send(port: int, account: str, to: list[str], client: str = HOME, sender: str = "") -> dict[str, tuple[int, bytes]]:
    """One message in a session of its own, from the account's address or another; returns the refused recipients.

    Raises:
        smtplib.SMTPException: the server refused the login, the sender, all recipients or the message.
    """
    with log_in(port, account, client) as program:
        return program.sendmail(sender or account, to, letter(sender or account, to[0]))


def outcome(port: int, account: str, to: str) -> str:
    """What became of one message: "sent", or the reply that refused it."""
    try:
        send(port, account, [to])
    except smtplib.SMTPRecipientsRefused as refused:
        return _reply(*refused.recipients[to])
    except smtplib.SMTPResponseException as refused:
        return _reply(refused.smtp_code, refused.smtp_error)
    return "sent"


def _reply(code: int, said: bytes | str) -> str:
    return f"{code} {said.decode() if isinstance(said, bytes) else said}"


MAIN = """\
compatibility_level = 3.6
queue_directory = {postfix.folder}/queue
data_directory = {postfix.folder}/data
maillog_file = {postfix.folder}/maillog
maillog_file_prefixes = {postfix.folder}
myhostname = mx1.example.test
mydestination =
local_recipient_maps =
local_transport = error:no local delivery
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
mynetworks =
relayhost = [127.0.0.1]:{sink}
relay_domains = example.test
disable_dns_lookups = yes
smtp_tls_security_level = none
smtpd_tls_security_level = none
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{auth}
smtpd_sasl_security_options = noanonymous
smtpd_sasl_authenticated_header = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_client_connection_count_limit = 0
smtpd_authorized_xclient_hosts = 127.0.0.0/8
minimal_backoff_time = 10s
maximal_backoff_time = 60s
queue_run_delay = 10s
"""

MASTER = """\
127.0.0.1:{postfix.port} inet n - n - 100 smtpd
127.0.0.1:{postfix.submission} inet n - n - 100 smtpd{submission}
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
showq     unix  n - n - - showq
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""
