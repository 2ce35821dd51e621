"""Renders happenings as the lines of an Exim 4.9x main log.

The order and spelling of fields follow the Exim specification, chapter "Log files", with the selectors
`+received_recipients +subject +incoming_port +sender_on_delivery +tls_cipher +smtp_connection` (the last on demand).
"""

from random import Random
from time import gmtime, strftime

from bench.mail import Arrival, Failure, Fate, Happening, Mail, Noise
from bench.networks import remote

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

TLS13 = "TLS1.3:TLS_AES_256_GCM_SHA384:256"

_REFUSED: dict[Fate, tuple[str, str]] = {
    "dead": ("RCPT TO:<{}>", "550 5.1.1 <{}>: Recipient address rejected: User unknown in virtual mailbox table"),
    "spam": ("end of data", "554 5.7.1 Message rejected as spam by content filter"),
    "listed": ("MAIL FROM:<{}>", "554 5.7.1 Service unavailable; client host blocked using bl.example.com"),
    "full": ("RCPT TO:<{}>", "552 5.2.2 <{}>: mailbox is full"),
}


def base62(number: int, width: int) -> str:
    """A number in Exim's digits, padded to a width."""
    text = ""
    while number:
        number, rest = divmod(number, 62)
        text = _DIGITS[rest] + text
    return text.rjust(width, "0")


class Spool:
    """Turns happenings into lines and keeps them until their time has come."""

    def __init__(self, seed: int, local: frozenset[str], *, connections: bool = False, short_ids: bool = False) -> None:
        """Start an empty log.

        Args:
            seed: for what does not matter, such as ports and sizes.
            local: the domains delivered here.
            connections: also write the lines of `+smtp_connection`.
            short_ids: 16-character ids of Exim up to 4.96 in place of 23-character ones.
        """
        self._rng = Random(f"{seed}/spool")
        self._local = local
        self._connections = connections
        self._widths = (6, 2) if short_ids else (11, 4)
        self._serial = 4000
        self._lines: list[tuple[float, int, str, str]] = []
        self._stamps: dict[int, str] = {}

    def put(self, happening: Happening) -> None:
        """Add the lines of one happening."""
        if isinstance(happening, Mail):
            self._submit(happening)
        elif isinstance(happening, Failure):
            self._fail(happening)
        elif isinstance(happening, Arrival):
            self._arrive(happening)
        else:
            self._note(happening)

    def take(self, before: float) -> list[tuple[str, str]]:
        """All lines older than an instant, in order of time, as kind and text without newline."""
        self._lines.sort()
        ready = [line for line in self._lines if line[0] < before]
        del self._lines[: len(ready)]
        return [(kind, f"{self._stamp(int(at))} {text}") for at, _, kind, text in ready]

    def _note(self, noise: Noise) -> None:
        self._add(noise.at, "other", noise.text)

    def _stamp(self, second: int) -> str:
        minute = second // 60
        text = self._stamps.get(minute)
        if text is None:
            if len(self._stamps) > 4096:
                self._stamps.clear()
            text = self._stamps[minute] = strftime("%Y-%m-%d %H:%M:", gmtime(second))
        return f"{text}{second % 60:02}"

    def _add(self, at: float, kind: str, text: str) -> None:
        self._serial += 1
        self._lines.append((at, self._serial, kind, text))

    def _queue_id(self, at: float) -> str:
        self._serial += 1
        wide, fine = self._widths
        return f"{base62(int(at), 6)}-{base62(self._serial, wide)}-{base62(int(at % 1 * 2 ** (5 * fine)), fine)}"

    def _submit(self, mail: Mail) -> None:
        at, rng = mail.at, self._rng
        queue_id, port = self._queue_id(at), rng.randrange(32768, 61000)
        where = f"({mail.device.helo}) [{mail.client}]:{port}"
        if self._connections:
            self._add(at - 0.3, "other", f"SMTP connection from [{mail.client}]:{port} (TCP/IP connection count = 1)")
            self._add(at + 0.02, "other", f"SMTP connection from {where} closed by QUIT")
        tls = f"P=esmtpsa X={mail.device.cipher} CV=no" if mail.device.cipher else "P=esmtpa"
        names = " ".join(address for address, _ in mail.recipients)
        self._add(
            at,
            "submission",
            f"{queue_id} <= {mail.sender or '<>'} H={where} {tls} A=plain_login:{mail.account} S={mail.size} "
            f'id={int(at)}.{self._serial}@{mail.device.mark} T="{mail.subject}" for {names}',
        )
        self._deliver(at, queue_id, mail.sender, mail.recipients)

    def _deliver(self, at: float, queue_id: str, sender: str, recipients: tuple[tuple[str, Fate], ...]) -> None:
        """Outcomes up to the first that is still to come, `Completed`, and the bounce of what failed."""
        last, failed, hosts = at, False, set[str]()
        for address, fate in recipients:
            domain = address.rpartition("@")[2]
            moment = at + 0.4 + 0.05 * len(hosts)
            if fate == "later":
                self._defer(moment, queue_id, address)
                moment += self._rng.randrange(300, 1800)
            if fate == "queued":
                return
            if fate in ("ok", "later"):
                self._hand_over(moment, at, queue_id, sender, address, "->" if domain in hosts else "=>")
            else:
                failed = True
                self._refuse(moment, queue_id, sender, address, fate)
            hosts.add(domain)
            last = max(last, moment)
        if failed and sender:
            self._bounce(last + 0.01, queue_id, sender)
        self._add(last + 0.02, "completed", f"{queue_id} Completed")

    def _hand_over(self, at: float, since: float, queue_id: str, sender: str, address: str, arrow: str) -> None:
        local_part, _, domain = address.rpartition("@")
        took = f"QT={int(at - since)}s DT=0s"
        if domain in self._local:
            text = f"{arrow} {local_part} <{address}> F=<{sender}> R=virtual_user T=dovecot_lmtp"
            text += f' C="250 2.0.0 <{address}> Saved" {took}'
        else:
            host, client = remote(domain)
            text = f"{arrow} {address} F=<{sender}> R=dnslookup T=remote_smtp H={host} [{client}] X={TLS13} CV=yes"
            text += f' C="250 2.0.0 OK: queued" {took}'
        self._add(at, "delivered", f"{queue_id} {text}")

    def _refuse(self, at: float, queue_id: str, sender: str, address: str, fate: Fate) -> None:
        host, client = remote(address.rpartition("@")[2])
        after, reply = _REFUSED[fate]
        after, reply = after.format(sender if "MAIL" in after else address), reply.format(address)
        text = f"** {address} F=<{sender}> R=dnslookup T=remote_smtp H={host} [{client}] X={TLS13} CV=yes"
        self._add(at, "failed", f"{queue_id} {text}: SMTP error from remote mail server after {after}: {reply} DT=0s")

    def _defer(self, at: float, queue_id: str, address: str) -> None:
        host, client = remote(address.rpartition("@")[2])
        text = f"== {address} R=dnslookup T=remote_smtp defer (-44) H={host} [{client}] DT=0s: SMTP error from remote"
        text += f" mail server after RCPT TO:<{address}>: 451 4.7.1 <{address}>: greylisted, please try again later"
        self._add(at, "deferred", f"{queue_id} {text}")

    def _bounce(self, at: float, parent: str, sender: str) -> None:
        queue_id = self._queue_id(at)
        text = f"<= <> R={parent} U=Debian-exim P=local S={2000 + self._serial % 900}"
        subject = "Mail delivery failed: returning message to sender"
        self._add(at, "other", f'{queue_id} {text} T="{subject}" for {sender}')
        self._hand_over(at + 0.1, at, queue_id, "", sender, "=>")
        self._add(at + 0.11, "completed", f"{queue_id} Completed")

    def _fail(self, failure: Failure) -> None:
        where = f"({failure.helo}) [{failure.client}]:{self._rng.randrange(32768, 61000)}"
        text = f"plain_login authenticator failed for {where}: 535 Incorrect authentication data"
        self._add(failure.at, "login", f"{text} (set_id={failure.claimed})")

    def _arrive(self, arrival: Arrival) -> None:
        at, domain = arrival.at, arrival.sender.rpartition("@")[2]
        queue_id = self._queue_id(at)
        host, client = remote(domain)
        where = f"H={host} [{client}]:{self._rng.randrange(32768, 61000)} P=esmtps X={TLS13} CV=no"
        text = f"{queue_id} <= {arrival.sender} {where} S={arrival.size} id={base62(self._serial, 12)}@{domain}"
        self._add(at, "received", f'{text} T="{arrival.subject}" for {arrival.recipient}')
        self._hand_over(at + 0.2, at, queue_id, arrival.sender, arrival.recipient, "=>")
        self._add(at + 0.21, "completed", f"{queue_id} Completed")
