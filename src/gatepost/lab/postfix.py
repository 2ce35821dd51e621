"""Writes a story as a mail log of Postfix 3.7 and Dovecot 2.3 in one file, as rsyslog writes it.

Wordings as in Postfix's `smtpd/smtpd_sasl_proto.c`, `global/log_adhoc.c`, `bounce/` and `qmgr/`, with
`smtpd_tls_loglevel = 1`, and Dovecot's `login-common/client-common.c`.
"""

from time import gmtime, strftime

from gatepost.lab.lines import GREYLISTED, REFUSED, Writer, is_local, version
from gatepost.lab.mail import Arrival, Failure, Fate, Look, Mail, Scan
from gatepost.lab.world import remote

_DIGITS = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"
_HOST = "mail"


def stamp(at: float) -> str:
    """The beginning of a line: ISO 8601 with microseconds, and the host."""
    return f"{strftime('%Y-%m-%dT%H:%M:%S', gmtime(at))}.{int(at % 1 * 1_000_000):06}+00:00 {_HOST}"


def vowelless(number: int, base: int = 52) -> str:
    """A number in the digits of Postfix's long queue ids (`global/mail_queue.h`): the inode's base is 51, because `z`
    stands before it."""
    text = ""
    while number:
        number, rest = divmod(number, base)
        text = _DIGITS[rest] + text
    return text


class PostfixLog(Writer):
    """Turns happenings into lines."""

    name = "maillog"

    def __init__(self, seed: int) -> None:
        """Start an empty log."""
        super().__init__(f"{seed}/lines", stamp)

    def _add(self, at: float, program: str, text: str) -> None:
        self._out.add(at, f"postfix/{program}: {text}" if "[" in program else f"postfix/{program}[2900]: {text}")

    def _queue_id(self, at: float) -> str:
        self._out.serial += 1
        fine = vowelless(int(at % 1 * 1_000_000)).rjust(4, _DIGITS[0])
        return f"{vowelless(int(at))}{fine}z{vowelless(10**6 + self._out.serial, 51)}"

    def _submit(self, mail: Mail) -> None:
        at, queue_id, sender = mail.at, self._queue_id(mail.at), mail.sender.strip("<>")
        where, device = f"unknown[{mail.client}]", mail.device
        smtpd = self._connect(at, where, device.cipher)
        mechanism = f"sasl_method={device.mechanism}, sasl_username={mail.account}"
        self._add(at, smtpd, f"{queue_id}: client={where}, {mechanism}")
        number = len(mail.recipients)
        self._queue(at + 0.01, queue_id, sender, f"{int(at)}.{self._out.serial}@{device.mark}", mail.size, number)
        starttls = "ehlo=2 starttls=1" if device.cipher else "ehlo=1"
        told = f"{starttls} auth=1 mail=1 rcpt={number} data=1 quit=1 commands={number + 5 + bool(device.cipher) * 2}"
        self._add(at + 0.05, smtpd, f"disconnect from {where} {told}")
        self._deliver(at, queue_id, sender, mail.recipients)

    def _connect(self, at: float, where: str, cipher: str = "", service: str = "submission/smtpd") -> str:
        """A session begins; the process that has it, because the pid is what joins its lines."""
        self._out.serial += 1
        smtpd = f"{service}[{3000 + self._out.serial % 29_000}]"
        self._add(at - 0.05, smtpd, f"connect from {where}")
        if cipher:
            tls = f"{version(cipher)} with cipher {cipher} (256/256 bits)"
            self._add(at - 0.03, smtpd, f"Anonymous TLS connection established from {where}: {tls}")
        return smtpd

    def _queue(self, at: float, queue_id: str, sender: str, message_id: str, size: int, number: int) -> None:
        self._add(at, "cleanup", f"{queue_id}: message-id=<{message_id}>")
        self._add(at + 0.005, "qmgr", f"{queue_id}: from=<{sender}>, size={size}, nrcpt={number} (queue active)")

    def _deliver(self, at: float, queue_id: str, sender: str, recipients: tuple[tuple[str, Fate], ...]) -> None:
        last, failed = at, False
        for place, (address, fate) in enumerate(recipients):
            moment = at + 0.4 + 0.01 * place
            if fate == "later":
                self._outcome(moment, queue_id, address, "deferred", "4.7.1", GREYLISTED.format(address), "RCPT TO")
                moment += self._out.rng.randrange(300, 1800)
            if fate == "queued":
                return
            if fate in ("ok", "later"):
                self._outcome(moment, queue_id, address, "sent", "2.0.0", "250 2.0.0 OK: queued", "")
            else:
                failed = True
                command, status, reply = REFUSED[fate]
                self._outcome(moment, queue_id, address, "bounced", status, reply.format(address), command)
            last = max(last, moment)
        if failed and sender:
            self._bounce(last + 0.01, queue_id, sender)
        self._add(last + 0.02, "qmgr", f"{queue_id}: removed")

    def _outcome(self, at: float, queue_id: str, to: str, status: str, dsn: str, reply: str, after: str) -> None:
        if is_local(to):
            name, program = f"{_HOST}.example.org[private/dovecot-lmtp]", "lmtp"
        else:
            host, client = remote(to.rpartition("@")[2])
            name, program = f"{host}[{client}]:25", "smtp"
        command = after if after == "end of DATA" else f"{after} command"
        said = f"host {name.removesuffix(':25')} said: {reply} (in reply to {command})" if after else reply
        text = f"{queue_id}: to=<{to}>, relay={name}, delay=0.4, delays=0.05/0.01/0.1/0.24, dsn={dsn}"
        self._add(at, program, f"{text}, status={status} ({said})")

    def _bounce(self, at: float, parent: str, sender: str) -> None:
        queue_id = self._queue_id(at)
        size = 2000 + self._out.serial % 900
        self._queue(at, queue_id, "", f"{int(at)}.{queue_id}@mail.example.org", size, 1)
        self._add(at + 0.006, "bounce", f"{parent}: sender non-delivery notification: {queue_id}")
        self._outcome(at + 0.1, queue_id, sender, "sent", "2.0.0", "250 2.0.0 Saved", "")
        self._add(at + 0.11, "qmgr", f"{queue_id}: removed")

    def _look(self, look: Look) -> None:
        if look.service == "imap":
            session = f"session=<{vowelless(10**12 + self._out.serial)}>"
            where = f"rip={look.client}, lip=192.0.2.1, mpid={4000 + self._out.serial % 999}, TLS, {session}"
            text = f"imap-login: Info: Login: user=<{look.account}>, method=PLAIN, {where}"
            self._out.add(look.at, f"dovecot: {text.replace('Info: ', '')}")
            return
        where = f"unknown[{look.client}]"
        smtpd = self._connect(look.at, where, look.device.cipher)
        told = "ehlo=2 starttls=1 auth=1 quit=1 commands=5" if look.device.cipher else "ehlo=1 auth=1 quit=1 commands=3"
        self._add(look.at, smtpd, f"disconnect from {where} {told}")

    def _fail(self, failure: Failure) -> None:
        where = f"unknown[{failure.client}]"
        smtpd = self._connect(failure.at, where)
        text = "SASL PLAIN authentication failed: (reason unavailable)"
        line = f"warning: {where}: {text}, sasl_username={failure.claimed}"
        self._add(failure.at, smtpd, line)
        self._add(failure.at + 0.05, smtpd, f"disconnect from {where} ehlo=1 auth=0/1 quit=1 commands=2/3")

    def _arrive(self, arrival: Arrival) -> None:
        at, domain = arrival.at, arrival.sender.rpartition("@")[2]
        queue_id = self._queue_id(at)
        host, client = remote(domain)
        where = f"{host}[{client}]"
        smtpd = self._connect(at, where, service="smtpd")
        self._add(at, smtpd, f"{queue_id}: client={where}")
        self._queue(
            at + 0.01, queue_id, arrival.sender, f"{vowelless(10**9 + self._out.serial)}@{domain}", arrival.size, 1
        )
        self._add(at + 0.05, smtpd, f"disconnect from {where} ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5")
        self._outcome(at + 0.2, queue_id, arrival.recipient, "sent", "2.0.0", "250 2.0.0 Saved", "")
        self._add(at + 0.21, "qmgr", f"{queue_id}: removed")

    def _scan(self, scan: Scan) -> None:
        where = f"unknown[{scan.client}]"
        smtpd = self._connect(scan.at, where, service="smtpd")
        text = f"NOQUEUE: reject: RCPT from {where}: 454 4.7.1 <{scan.recipient}>: Relay access denied"
        self._add(
            scan.at,
            smtpd,
            f"{text}; from=<spam@example.com> to=<{scan.recipient}> proto=ESMTP helo=<mail.example.com>",
        )
        self._add(scan.at + 0.05, smtpd, f"disconnect from {where} ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4")
