"""A real Dovecot on loopback: IMAP, its submission service, and a login server for Postfix and Exim.

Owns its configuration and its process, in the folder with Dovecot that tree.sh made. Accounts are a passwd-file; what
a test adds comes before it. A client says where it comes from: IMAP by ID, submission by XCLIENT.
"""

import base64
import imaplib
import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.live.client import HOME, PASSWORD
from tests.live.exim import ACCOUNTS
from tests.live.ports import answers, end, free_port, until


@dataclass(frozen=True)
class Dovecot:
    """One running Dovecot."""

    tree: Path
    folder: Path
    imap: int
    auth: int
    submission: int

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / "dovecot.conf"

    @property
    def logfile(self) -> Path:
        """What gatepost reads."""
        return self.folder / "log"

    def log(self) -> str:
        """The log so far."""
        return self.logfile.read_text(errors="replace") if self.logfile.exists() else ""

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Call doveadm or doveconf on this instance: run("doveadm", "who"); exit codes are the caller's to judge."""
        name, *words = command
        return call(self.tree, name, "-c", str(self.config), *words)

    def may_log_in(self, account: str, service: str, password: str = PASSWORD) -> bool:
        """Whether a login would succeed now, asked with `doveadm auth test`."""
        return self.run("doveadm", "auth", "test", "-x", f"service={service}", "--", account, password).returncode == 0

    def let_in(self, asked: Sequence[tuple[str, str]], password: str = PASSWORD) -> list[bool]:
        """Which logins would succeed now, (account, service) each, asked all at once as Postfix asks.

        Source: Dovecot's authentication protocol, version 1.
        """
        with socket.create_connection(("127.0.0.1", self.auth), 30) as link, link.makefile("rwb") as talk:
            talk.write(f"VERSION\t1\t1\nCPID\t{os.getpid()}\n".encode())
            for number, (account, service) in enumerate(asked, 1):
                proof = base64.b64encode(_octets(f"\0{account}\0{password}")).decode()
                talk.write(f"AUTH\t{number}\tPLAIN\tservice={service}\tsecured\tresp={proof}\n".encode())
            talk.flush()
            found: dict[int, bool] = {}
            while len(found) < len(asked):
                line = talk.readline()
                assert line, f"Dovecot hung up; its log says: {self.log()[-500:]}"
                words = line.split(b"\t")
                if words[0] in (b"OK", b"FAIL"):
                    found[int(words[1])] = words[0] == b"OK"
        return [found[number] for number in range(1, len(asked) + 1)]

    def stop(self) -> None:
        """End the server and delete its folder."""
        place = self.folder / "run/master.pid"
        if place.exists():
            end(int(place.read_text()))
        shutil.rmtree(self.folder, ignore_errors=True)


def open_mailbox(port: int, account: str, client: str = HOME, password: str = PASSWORD) -> imaplib.IMAP4:
    """A session of a mail program that reads, from an address; close it with logout().

    Raises:
        imaplib.IMAP4.error: the login is refused.
    """
    imaplib.Commands["ID"] = ("NONAUTH",)
    mailbox = imaplib.IMAP4("127.0.0.1", port, timeout=30)
    try:
        mailbox.xatom("ID", f'("x-originating-ip" "{client}")')
        mailbox.login(account, password)
    except imaplib.IMAP4.error:
        mailbox.shutdown()
        raise
    return mailbox


def call(tree: Path, *command: str, text: str = "") -> "subprocess.CompletedProcess[str]":
    """Run a program of the folder in the folder. Its output goes into files: a server keeps them open for ever."""
    words = ["chroot", str(tree), "/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin", *command]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        done = subprocess.run(words, input=_octets(text), stdout=out, stderr=err, timeout=60)
        return subprocess.CompletedProcess(words, done.returncode, _all_of(out), _all_of(err))


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _all_of(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "surrogateescape")


def own_folder(tree: Path, prefix: str) -> Path:
    """A new folder for one server, open to its users; its name means the same inside and outside."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=tree / "t"))
    folder.chmod(0o755)
    return folder


def start_dovecot(
    tree: Path, passdbs: str = "", accounts: Iterable[str] = ACCOUNTS, relay: int = 0, more: str = ""
) -> Dovecot:
    """Start a Dovecot of its own for a test.

    Args:
        tree: the folder that tree.sh made.
        passdbs: blocks in front of the password database.
        accounts: logins that exist; the password of each is client.PASSWORD.
        relay: where its submission service hands mail on; 0 is nowhere.
        more: configuration at the end.
    """
    dovecot = Dovecot(tree, own_folder(tree, "d-"), free_port(), free_port(), free_port())
    escaped = (re.sub(r"([\"'\\])", r"\\\1", name) for name in accounts)
    users = "".join(f"{name}:{{PLAIN}}{PASSWORD}::::::\n" for name in escaped)
    (dovecot.folder / "users").write_text(users)
    (dovecot.folder / "mail").mkdir()
    shutil.chown(dovecot.folder / "mail", 65534, 65534)
    text = CONFIG.format(dovecot=dovecot, short="/t/" + dovecot.folder.name, passdbs=passdbs, relay=relay, more=more)
    dovecot.config.write_text(text)
    done = call(tree, "dovecot", "-c", str(dovecot.config))
    assert done.returncode == 0, done.stderr
    until(lambda: answers(dovecot.imap) and answers(dovecot.auth), f"Dovecot listens; its log says: {dovecot.log()}")
    return dovecot


CONFIG = """\
base_dir = {short}/run
state_dir = {short}/state
log_path = {dovecot.folder}/log
instance_name = {dovecot.folder.name}
protocols = imap submission
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_verbose = yes
auth_failure_delay = 0
login_trusted_networks = 127.0.0.0/8
first_valid_uid = 1
mail_location = maildir:{short}/mail/%u
mailbox_list_index = no
hostname = imap.example.test
submission_relay_host = 127.0.0.1
submission_relay_port = {relay}
submission_relay_trusted = yes
{passdbs}
passdb {{
  driver = passwd-file
  args = {short}/users
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={short}/mail/%u
}}
service imap-login {{
  inet_listener imap {{
    port = {dovecot.imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service submission-login {{
  inet_listener submission {{
    port = {dovecot.submission}
  }}
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {dovecot.auth}
  }}
}}
service anvil {{
  # No growing delay for an address with failed logins: every test is 127.0.0.1.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
{more}
"""
