"""Twenty connections that ask a policy server, one question after the other on each, as Postfix's smtpd does.

Owns the questions (every attribute that Postfix 3.7 sends, and what Dovecot 2.3 posts about a login), the load and what
is measured: answers a second, how long each took, and the processor that the server used.
"""

import os
import select
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from pathlib import Path

from msgspec import Struct

from gatepost.wire.posted import post

STEPS = ("RCPT", "RCPT", "DATA", "END-OF-MESSAGE")
"""The questions of one message: two recipients."""

PATIENCE = 30.0
"""Seconds any answer may take."""

SECRET = "0123456789abcdef0123456789abcdef"
"""Of the door at which logins are asked about."""

_LOGIN = b'{"device_id":"","login":"user%d@example.org","protocol":"smtp","pwhash":"2a","remote":"%s","tls":true}'

Asks = Callable[[int, int, int], Iterator[bytes]]

_TICKS = os.sysconf("SC_CLK_TCK")
_MARK = b"INSTANCE"


class Load(Struct, frozen=True):
    """What one server did under load."""

    asked: int
    wall: float
    """Seconds by the clock."""
    cpu: float
    """Seconds of processor of the server and its children."""
    p50: float
    """Milliseconds, as the others."""
    p99: float
    p999: float
    answers: Counter[str]
    """First word of each answer."""


def client(number: int) -> str:
    """The address from which an account always comes."""
    return f"10.{number % 40}.{number // 40 % 256}.{1 + number // 10_240 % 250}"


def question(login: str, address: str, to: str, state: str) -> bytes:
    """One request, with a mark in the place of its instance."""
    count = 2 if state in ("DATA", "END-OF-MESSAGE") else 0
    recipient = to if state == "RCPT" else ""
    return (
        f"request=smtpd_access_policy\nprotocol_state={state}\nprotocol_name=ESMTP\nclient_address={address}\n"
        f"client_name=unknown\nclient_port=50000\nreverse_client_name=unknown\nserver_address=192.0.2.1\n"
        f"server_port=587\nhelo_name=[192.168.1.20]\nsender={login}\nrecipient={recipient}\n"
        f"recipient_count={count}\nqueue_id=\ninstance={_MARK.decode()}\nsize={2000 if count else 0}\netrn_domain=\n"
        f"stress=\nsasl_method=PLAIN\nsasl_username={login}\nsasl_sender=\nccert_subject=\nccert_issuer=\n"
        f"ccert_fingerprint=\nccert_pubkey_fingerprint=\nencryption_protocol=TLSv1.3\n"
        f"encryption_cipher=TLS_AES_256_GCM_SHA384\nencryption_keysize=256\npolicy_context=\n\n"
    ).encode()


def messages(accounts: int, share: int, shares: int) -> Iterator[bytes]:
    """Requests for ever: every account of a share of them writes a message, then each another one."""
    made = [
        [
            question(f"user{number}@example.org", client(number), f"friend{place}@firm{number % 89}.example.net", state)
            for place, state in enumerate(STEPS)
        ]
        for number in range(share, accounts, shares)
    ]
    turn = 0
    while True:
        for number, message in enumerate(made):
            instance = f"{share:x}.{turn:x}.{number:x}".encode()
            for request in message:
                yield request.replace(_MARK, instance)
        turn += 1


def logins(accounts: int, share: int, shares: int) -> Iterator[bytes]:
    """Questions for ever: every account of a share of them logs in to send, again and again."""
    made = [
        post("allow", SECRET.encode(), _LOGIN % (number, client(number).encode()))
        for number in range(share, accounts, shares)
    ]
    return cycle(made)


def load(address: str, pid: int, accounts: int, seconds: float, connections: int = 20, ask: Asks = messages) -> Load:
    """Ask for so long.

    Args:
        address: path of a unix socket.
        pid: the server, whose processor is counted with its children's.
        accounts: who ask in turn.
        seconds: how long.
        connections: each asks, waits for its answer, asks again.
        ask: what a connection asks, of all accounts, its number and that of all connections.
    """
    links = [_connect(address) for _ in range(connections)]
    work = {link.fileno(): (link, ask(accounts, place, connections)) for place, link in enumerate(links)}
    poll = select.epoll()
    asked: dict[int, float] = {}
    for number, (link, requests) in work.items():
        poll.register(number, select.EPOLLIN)
        asked[number] = time.perf_counter()
        link.sendall(next(requests))
    took: list[float] = []
    answers: Counter[str] = Counter()
    cpu, began = used(pid), time.perf_counter()
    ends = began + seconds
    while time.perf_counter() < ends:
        for number, _ in poll.poll(PATIENCE):
            link, requests = work[number]
            said = link.recv(4096)
            now = time.perf_counter()
            took.append(now - asked[number])
            answers[_word(said)] += 1
            request = next(requests)
            asked[number] = time.perf_counter()
            link.sendall(request)
    wall, cpu = time.perf_counter() - began, used(pid) - cpu
    for link in links:
        link.close()
    took.sort()
    p50, p99, p999 = (1000 * _at(took, share) for share in (0.5, 0.99, 0.999))
    return Load(len(took), wall, cpu, p50, p99, p999, answers)


def _word(said: bytes) -> str:
    """The first word of an answer; of HTTP, its body."""
    _, _, body = said.partition(b"\r\n\r\n")
    return (body or said.partition(b" ")[0]).strip().decode("ascii", "replace")


def _at(values: Sequence[float], share: float) -> float:
    """The value that a share of sorted values does not exceed."""
    return values[min(len(values) - 1, int(share * len(values)))] if values else 0.0


def _connect(address: str) -> socket.socket:
    link = socket.socket(socket.AF_UNIX)
    link.connect(address)
    link.settimeout(PATIENCE)
    return link


def used(pid: int) -> float:
    """Seconds of processor of a process and its living children and theirs."""
    parents: dict[int, list[int]] = {}
    spent: dict[int, int] = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = place.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        number = int(place.parent.name)
        parents.setdefault(int(fields[1]), []).append(number)
        spent[number] = int(fields[11]) + int(fields[12])
    family, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        family += spent.get(one, 0)
        waiting += parents.get(one, [])
    return family / _TICKS
