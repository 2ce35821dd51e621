"""Writes a story as the main log of an Exim 4.9x.

Order and spelling of fields follow the Exim specification, chapter "Log files", with the selectors
`+received_recipients +subject +incoming_port +sender_on_delivery +tls_cipher`.
"""

from time import gmtime, strftime

from gatepost.lab.lines import GREYLISTED, REFUSED, Waiting, is_local
from gatepost.lab.mail import Arrival, Failure, Fate, Happening, Look, Mail, Scan
from gatepost.lab.people import NEW_TLS
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
    return strftime("%Y-%m-%d %H:%M:%S", gmtime(at))


class EximLog:
    """Turns happenings into lines."""

    name = "mainlog"

    def __init__(self, seed: int) -> None:
        """Start an empty log; a look at the mailbox leaves no line in it."""
        self._out = Waiting(seed, stamp)
        self.take = self._out.take

    def put(self, happening: Happening) -> None:
        """Add the lines of one happening."""
        match happening:
            case Mail():
                self._submit(happening)
            case Look(service="smtp"):
                self._look(happening)
            case Failure():
                self._fail(happening)
            case Arrival():
                self._arrive(happening)
            case Scan():
                where = f"H=(mail.example.com) [{happening.client}]:{self._out.port()}"
                text = f"{where} F=<spam@example.com> rejected RCPT <{happening.recipient}>: relay not permitted"
                self._out.add(happening.at, text)

    def _queue_id(self, at: float) -> str:
        self._out.serial += 1
        return f"{base62(int(at), 6)}-{base62(self._out.serial, 11)}-{base62(int(at % 1 * 1_000_000), 4)}"

    def _submit(self, mail: Mail) -> None:
        queue_id, sender = self._queue_id(mail.at), mail.sender.strip("<>")
        cipher, device = mail.device.cipher, mail.device
        tls = f"P=esmtpsa X={version_of(cipher)}:{cipher}:256 CV=no" if cipher else "P=esmtpa"
        names = " ".join(address for address, _ in mail.recipients)
        self._out.add(
            mail.at,
            f"{queue_id} <= {sender or '<>'} H=({device.helo}) [{mail.client}]:{self._out.port()} {tls} "
            f"A={device.mechanism.lower()}_login:{mail.account} S={mail.size} "
            f'id={int(mail.at)}.{self._out.serial}@{device.mark} T="{mail.subject}" for {names}',
        )
        self._deliver(mail.at, queue_id, sender, mail.recipients)

    def _deliver(self, at: float, queue_id: str, sender: str, recipients: tuple[tuple[str, Fate], ...]) -> None:
        last, failed, hosts = at, False, set[str]()
        for address, fate in recipients:
            domain = address.rpartition("@")[2]
            moment = at + 0.4 + 0.05 * len(hosts)
            if fate == "later":
                self._defer(moment, queue_id, address)
                moment += self._out.rng.randrange(300, 1800)
            if fate in ("ok", "later"):
                self._hand_over(moment, at, queue_id, sender, address, "->" if domain in hosts else "=>")
            else:
                failed = True
                self._refuse(moment, queue_id, sender, address, fate)
            hosts.add(domain)
            last = max(last, moment)
        if failed and sender:
            self._bounce(last + 0.01, queue_id, sender)
        self._out.add(last + 0.02, f"{queue_id} Completed")

    def _hand_over(self, at: float, since: float, queue_id: str, sender: str, address: str, arrow: str) -> None:
        local_part, _, domain = address.rpartition("@")
        took = f"QT={int(at - since)}s DT=0s"
        if is_local(address):
            text = f"{arrow} {local_part} <{address}> F=<{sender}> R=virtual_user T=dovecot_lmtp"
            text += f' C="250 2.0.0 <{address}> Saved" {took}'
        else:
            host, client = remote(domain)
            text = f"{arrow} {address} F=<{sender}> R=dnslookup T=remote_smtp H={host} [{client}] X={_TLS} CV=yes"
            text += f' C="250 2.0.0 OK: queued" {took}'
        self._out.add(at, f"{queue_id} {text}")

    def _refuse(self, at: float, queue_id: str, sender: str, address: str, fate: Fate) -> None:
        host, client = remote(address.rpartition("@")[2])
        command, _, reply = REFUSED[fate]
        after = _AFTER[command].format(sender if command == "MAIL FROM" else address)
        text = f"** {address} F=<{sender}> R=dnslookup T=remote_smtp H={host} [{client}] X={_TLS} CV=yes"
        text += f": SMTP error from remote mail server after {after}: {reply.format(address)} DT=0s"
        self._out.add(at, f"{queue_id} {text}")

    def _defer(self, at: float, queue_id: str, address: str) -> None:
        host, client = remote(address.rpartition("@")[2])
        text = f"== {address} R=dnslookup T=remote_smtp defer (-44) H={host} [{client}] DT=0s: SMTP error from remote"
        text += f" mail server after RCPT TO:<{address}>: {GREYLISTED.format(address)}"
        self._out.add(at, f"{queue_id} {text}")

    def _bounce(self, at: float, parent: str, sender: str) -> None:
        queue_id = self._queue_id(at)
        text = f"<= <> R={parent} U=Debian-exim P=local S={2000 + self._out.serial % 900}"
        subject = "Mail delivery failed: returning message to sender"
        self._out.add(at, f'{queue_id} {text} T="{subject}" for {sender}')
        self._hand_over(at + 0.1, at, queue_id, "", sender, "=>")
        self._out.add(at + 0.11, f"{queue_id} Completed")

    def _look(self, look: Look) -> None:
        name, cipher = f"{look.device.mechanism.lower()}_login", look.device.cipher
        tls = f" X={version_of(cipher)}:{cipher}:256 CV=no" if cipher else ""
        text = f"no MAIL in SMTP connection from ({look.device.helo}) [{look.client}]:{self._out.port()} D=1s"
        self._out.add(look.at, f"{text} A={name}:{look.account}{tls} C=EHLO,STARTTLS,EHLO,AUTH,QUIT")

    def _fail(self, failure: Failure) -> None:
        where = f"({failure.helo}) [{failure.client}]:{self._out.port()}"
        text = f"plain_login authenticator failed for {where}: 535 Incorrect authentication data"
        self._out.add(failure.at, f"{text} (set_id={failure.claimed})")

    def _arrive(self, arrival: Arrival) -> None:
        at, domain = arrival.at, arrival.sender.rpartition("@")[2]
        queue_id = self._queue_id(at)
        host, client = remote(domain)
        where = f"H={host} [{client}]:{self._out.port()} P=esmtps X={_TLS} CV=no"
        text = f"{queue_id} <= {arrival.sender} {where} S={arrival.size} id={base62(self._out.serial, 12)}@{domain}"
        self._out.add(at, f'{text} T="{arrival.subject}" for {arrival.recipient}')
        self._hand_over(at + 0.2, at, queue_id, arrival.sender, arrival.recipient, "=>")
        self._out.add(at + 0.21, f"{queue_id} Completed")


def version_of(cipher: str) -> str:
    """The protocol version of a cipher suite as Exim names it."""
    return "TLS1.3" if cipher == NEW_TLS else "TLS1.2"
