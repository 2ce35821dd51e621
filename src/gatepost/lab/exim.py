"""Writes a story as the main log of an Exim 4.9x.

Order and spelling of fields follow the Exim specification, chapter "Log files", with the selectors
`+received_recipients +subject +incoming_port +sender_on_delivery +tls_cipher`.
"""

from collections.abc import Collection

from gatepost.lab.lines import GREYLISTED, REFUSED, Writer, minute
from gatepost.lab.mail import Arrival, Failure, Fate, Look, Mail, Scan
from gatepost.lab.people import LOCAL, NEW_TLS
from gatepost.lab.world import remote

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_TLS = f"TLS1.3:{NEW_TLS}:256"
_AFTER = {"RCPT TO": "RCPT TO:<{}>", "end of DATA": "end of data", "MAIL FROM": "MAIL FROM:<{}>"}


def base62(number: int, width: int) -> str:
    """A number in Exim's digits, padded to a width."""
    text = ""
    while number:
        number, rest = divmod(number, 62)
        text = _DIGITS[rest] + text
    return text.rjust(width, "0")


def stamp(at: float) -> str:
    """The beginning of a line."""
    return f"{minute(int(at) // 60, '%Y-%m-%d %H:%M:')}{int(at) % 60:02}"


class EximLog(Writer):
    """Turns happenings into lines."""

    name = "mainlog"
    remote = staticmethod(remote)
    """Name and address of a domain's mail server."""

    def __init__(self, seed: int, local: Collection[str] = LOCAL) -> None:
        """Start an empty log; a look at the mailbox leaves no line in it.

        Args:
            seed: for what does not matter, such as ports.
            local: the domains delivered here.
        """
        super().__init__(f"{seed}/lines", stamp)
        self._local = local

    def _add(self, at: float, kind: str, text: str) -> None:
        self._out.add(at, text, kind)

    def _queue_id(self, at: float) -> str:
        self._out.serial += 1
        return f"{base62(int(at), 6)}-{base62(self._out.serial, 11)}-{base62(int(at % 1 * 1_000_000), 4)}"

    def _submit(self, mail: Mail) -> None:
        queue_id, port, sender = self._queue_id(mail.at), self._out.port(), mail.sender.strip("<>")
        cipher, device = mail.device.cipher, mail.device
        self._connected(mail, port)
        tls = f"P=esmtpsa X={suite(cipher)} CV=no" if cipher else "P=esmtpa"
        names = " ".join(address for address, _ in mail.recipients)
        self._add(
            mail.at,
            "submission",
            f"{queue_id} <= {sender or '<>'} H=({device.helo}) [{mail.client}]:{port} {tls} "
            f"A={device.mechanism.lower()}_login:{mail.account} S={mail.size} "
            f'id={int(mail.at)}.{self._out.serial}@{device.mark} T="{mail.subject}" for {names}',
        )
        self._deliver(mail.at, queue_id, sender, mail.recipients)

    def _connected(self, mail: Mail, port: int) -> None:
        """What `+smtp_connection` would add; it is not among the selectors."""

    def _deliver(self, at: float, queue_id: str, sender: str, recipients: tuple[tuple[str, Fate], ...]) -> None:
        """Outcomes up to the first that is still to come, `Completed`, and the bounce of what failed."""
        last, failed, hosts = at, False, set[str]()
        for address, fate in recipients:
            domain = address.rpartition("@")[2]
            moment = at + 0.4 + 0.05 * len(hosts)
            if fate == "later":
                self._defer(moment, queue_id, address)
                moment += self._out.rng.randrange(300, 1800)
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
            host, client = self.remote(domain)
            text = f"{arrow} {address} F=<{sender}> R=dnslookup T=remote_smtp H={host} [{client}] X={_TLS} CV=yes"
            text += f' C="250 2.0.0 OK: queued" {took}'
        self._add(at, "delivered", f"{queue_id} {text}")

    def _refuse(self, at: float, queue_id: str, sender: str, address: str, fate: Fate) -> None:
        host, client = self.remote(address.rpartition("@")[2])
        command, _, reply = REFUSED[fate]
        after = _AFTER[command].format(sender if command == "MAIL FROM" else address)
        text = f"** {address} F=<{sender}> R=dnslookup T=remote_smtp H={host} [{client}] X={_TLS} CV=yes"
        text += f": SMTP error from remote mail server after {after}: {reply.format(address)} DT=0s"
        self._add(at, "failed", f"{queue_id} {text}")

    def _defer(self, at: float, queue_id: str, address: str) -> None:
        host, client = self.remote(address.rpartition("@")[2])
        text = f"== {address} R=dnslookup T=remote_smtp defer (-44) H={host} [{client}] DT=0s: SMTP error from remote"
        text += f" mail server after RCPT TO:<{address}>: {GREYLISTED.format(address)}"
        self._add(at, "deferred", f"{queue_id} {text}")

    def _bounce(self, at: float, parent: str, sender: str) -> None:
        queue_id = self._queue_id(at)
        text = f"<= <> R={parent} U=Debian-exim P=local S={2000 + self._out.serial % 900}"
        subject = "Mail delivery failed: returning message to sender"
        self._add(at, "other", f'{queue_id} {text} T="{subject}" for {sender}')
        self._hand_over(at + 0.1, at, queue_id, "", sender, "=>")
        self._add(at + 0.11, "completed", f"{queue_id} Completed")

    def _look(self, look: Look) -> None:
        if look.service != "smtp":
            return
        name, cipher = f"{look.device.mechanism.lower()}_login", look.device.cipher
        tls = f" X={suite(cipher)} CV=no" if cipher else ""
        text = f"no MAIL in SMTP connection from ({look.device.helo}) [{look.client}]:{self._out.port()} D=1s"
        self._add(look.at, "login", f"{text} A={name}:{look.account}{tls} C=EHLO,STARTTLS,EHLO,AUTH,QUIT")

    def _fail(self, failure: Failure) -> None:
        where = f"({failure.helo}) [{failure.client}]:{self._out.port()}"
        text = f"plain_login authenticator failed for {where}: 535 Incorrect authentication data"
        self._add(failure.at, "login", f"{text} (set_id={failure.claimed})")

    def _arrive(self, arrival: Arrival) -> None:
        at, domain = arrival.at, arrival.sender.rpartition("@")[2]
        queue_id = self._queue_id(at)
        host, client = self.remote(domain)
        where = f"H={host} [{client}]:{self._out.port()} P=esmtps X={_TLS} CV=no"
        text = f"{queue_id} <= {arrival.sender} {where} S={arrival.size} id={base62(self._out.serial, 12)}@{domain}"
        self._add(at, "received", f'{text} T="{arrival.subject}" for {arrival.recipient}')
        self._hand_over(at + 0.2, at, queue_id, arrival.sender, arrival.recipient, "=>")
        self._add(at + 0.21, "completed", f"{queue_id} Completed")

    def _scan(self, scan: Scan) -> None:
        where = f"H=(mail.example.com) [{scan.client}]:{self._out.port()}"
        text = f"{where} F=<spam@example.com> rejected RCPT <{scan.recipient}>: relay not permitted"
        self._add(scan.at, "other", text)


def suite(cipher: str) -> str:
    """A cipher suite as Exim names it: version of the protocol, suite, bits."""
    return f"{'TLS1.3' if cipher == NEW_TLS else 'TLS1.2'}:{cipher}:{128 if 'AES128' in cipher else 256}"
