"""A log of very many accounts, each of which writes twice: what memory costs."""

from pathlib import Path
from time import gmtime, strftime

from bench.habits import DAY
from bench.traffic import START
from gatepost.lab.exim import base62, suite
from gatepost.lab.people import NEW_TLS

_TLS = suite(NEW_TLS)

_BATCH = 2000


def write(path: Path, accounts: int, days: int = 2) -> int:
    """Write the log: every account sends one message a day from an address of its own; returns the lines."""
    lines = 0
    with path.open("w") as out:
        for day in range(days):
            for first in range(0, accounts, _BATCH):
                text = "".join(
                    _message(day, number, accounts) for number in range(first, min(first + _BATCH, accounts))
                )
                lines += text.count("\n")
                out.write(text)
    return lines


def _message(day: int, number: int, accounts: int) -> str:
    """One message in a second of its own share of the day."""
    return message(
        int(START + day * DAY + 72_000 * number / accounts),
        f"user{number}@example.org",
        number,
        number + day * accounts,
    )


def message(at: int, login: str, number: int, serial: int) -> str:
    """Arrival, delivery and completion of one message of one account.

    Args:
        at: when.
        login: whose it is.
        number: of the account: makes its address, one of 40 networks, and whom it writes to.
        serial: of the message: makes its ids.
    """
    stamp = strftime("%Y-%m-%d %H:%M:%S", gmtime(at))
    queue_id = f"{base62(at, 6)}-{base62(serial, 6)}-00"
    client = f"10.{number % 40}.{number // 40 % 256}.{1 + number // 10_240 % 250}"
    to = f"friend{number % 997}@firm{number % 89}.example.net"
    return (
        f"{stamp} {queue_id} <= {login} H=([192.168.1.20]) [{client}]:50000 P=esmtpsa X={_TLS} CV=no "
        f'A=plain_login:{login} S=2000 id={serial}@desk.example.org T="Hello" for {to}\n'
        f"{stamp} {queue_id} => {to} F=<{login}> R=dnslookup T=remote_smtp H=mx1.example.net [198.18.0.25] X={_TLS} "
        f'CV=yes C="250 2.0.0 OK: queued" QT=0s DT=0s\n'
        f"{stamp} {queue_id} Completed\n"
    )
