"""Renders happenings as the lines of a Postfix 3.x log in syslog's form.

Kinds of lines are those of the Exim log: a submission is the line that names the login. The order and spelling of
fields follow Postfix's sources; delivery to our own mailboxes goes over LMTP.
"""

import re

from bench.mail import Noise
from bench.networks import remote
from bench.spool import Spool
from gatepost.lab.lines import GREYLISTED, REFUSED, minute
from gatepost.lab.mail import Arrival, Failure, Fate, Mail

_CLIENT = re.compile(r"\[([0-9.]+)\]")


def stamp(at: float) -> str:
    """The beginning of a line, in syslog's form."""
    return f"{minute(int(at) // 60, '%b %e %H:%M:')}{int(at) % 60:02} mx1"


class PostfixSpool(Spool):
    """Turns happenings into Postfix's lines."""

    stamp = staticmethod(stamp)

    def _queue_id(self, at: float) -> str:
        self._out.serial += 1
        return f"{int(at % 1 * 1_000_000):05X}{self._out.serial:06X}"

    def _say(self, at: float, kind: str, server: str, text: str) -> None:
        self._add(at, kind, f"postfix/{server}[{3000 + hash_of(server)}]: {text}")

    def _noise(self, noise: Noise) -> None:
        """A stranger's recipient that is refused; a line of no interest for any other."""
        client = _CLIENT.search(noise.text)
        if "rejected RCPT" not in noise.text or client is None:
            rate = "statistics: max connection rate 1/60s for (smtp:192.0.2.1) at Mar  2 00:00:00"
            self._say(noise.at, "other", "anvil", rate)
            return
        said = "550 5.1.1 <nobody@example.org>: Recipient address rejected: User unknown in virtual mailbox table"
        rest = "from=<spam@example.com> to=<nobody@example.org> proto=ESMTP helo=<mail.example.com>"
        self._say(noise.at, "other", "smtpd", f"NOQUEUE: reject: RCPT from unknown[{client[1]}]: {said}; {rest}")

    def _submit(self, mail: Mail) -> None:
        at, queue_id = mail.at, self._queue_id(mail.at)
        server, where = "submission/smtpd", f"unknown[{mail.client}]"
        self._say(at - 0.5, "other", server, f"connect from {where}")
        if mail.device.cipher:
            tls = "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)"
            self._say(at - 0.4, "other", server, f"Anonymous TLS connection established from {where}: {tls}")
        login = f"sasl_method=PLAIN, sasl_username={mail.account}"
        self._say(at, "submission", server, f"{queue_id}: client={where}, {login}")
        self._begin(
            at, queue_id, f"{int(at)}.{self._out.serial}@{mail.device.mark}", mail.sender, mail.size, mail.recipients
        )
        number = len(mail.recipients)
        end = f"ehlo=2 starttls=1 auth=1 mail=1 rcpt={number} data=1 quit=1 commands={number + 7}"
        self._say(at + 0.3, "other", server, f"disconnect from {where} {end}")
        self._deliver(at, queue_id, mail.sender, mail.recipients)

    def _begin(
        self,
        at: float,
        queue_id: str,
        message_id: str,
        sender: str,
        size: int,
        recipients: tuple[tuple[str, Fate], ...],
    ) -> None:
        self._say(at + 0.01, "other", "cleanup", f"{queue_id}: message-id=<{message_id}>")
        text = f"from=<{sender}>, size={size}, nrcpt={len(recipients)} (queue active)"
        self._say(at + 0.02, "other", "qmgr", f"{queue_id}: {text}")

    def _add(self, at: float, kind: str, text: str) -> None:
        """As every spool's, but for `Completed`, which Postfix says in its own way."""
        if kind == "completed":
            text = f"postfix/qmgr[{3000 + hash_of('qmgr')}]: {text.partition(' ')[0]}: removed"
        super()._add(at, kind, text)

    def _hand_over(self, at: float, since: float, queue_id: str, sender: str, address: str, arrow: str) -> None:
        domain = address.rpartition("@")[2]
        delay = f"delay={at - since:.1f}, delays={max(0.0, at - since - 0.3):.1f}/0.01/0.1/0.2"
        if domain in self._local:
            words = f"relay=mx1[private/dovecot-lmtp], {delay}, dsn=2.0.0, status=sent (250 2.0.0 <{address}> Saved)"
            self._say(at, "delivered", "lmtp", f"{queue_id}: to=<{address}>, {words}")
        else:
            host, client = remote(domain)
            words = f"relay={host}[{client}]:25, {delay}, dsn=2.0.0, status=sent (250 2.0.0 OK: queued)"
            self._say(at, "delivered", "smtp", f"{queue_id}: to=<{address}>, {words}")

    def _refuse(self, at: float, queue_id: str, sender: str, address: str, fate: Fate) -> None:
        host, client = remote(address.rpartition("@")[2])
        after, status, reply = REFUSED[fate]
        words = f"host {host}[{client}] said: {reply.format(address)} (in reply to {after} command)"
        text = f"relay={host}[{client}]:25, delay=0.4, delays=0.1/0/0.2/0.1, dsn={status}, status=bounced ({words})"
        self._say(at, "failed", "smtp", f"{queue_id}: to=<{address}>, {text}")

    def _defer(self, at: float, queue_id: str, address: str) -> None:
        host, client = remote(address.rpartition("@")[2])
        words = f"host {host}[{client}] said: {GREYLISTED.format(address)}"
        text = f"relay={host}[{client}]:25, delay=0.4, delays=0.1/0/0.2/0.1, dsn=4.7.1, status=deferred ({words} "
        self._say(at, "deferred", "smtp", f"{queue_id}: to=<{address}>, {text}(in reply to RCPT TO command))")

    def _bounce(self, at: float, parent: str, sender: str) -> None:
        queue_id = self._queue_id(at)
        recipients: tuple[tuple[str, Fate], ...] = ((sender, "ok"),)
        self._begin(at - 0.021, queue_id, f"{queue_id}@mx1.example.org", "", 2000 + self._out.serial % 900, recipients)
        self._say(at + 0.001, "other", "bounce", f"{parent}: sender non-delivery notification: {queue_id}")
        self._hand_over(at + 0.1, at, queue_id, "", sender, "=>")
        self._add(at + 0.11, "completed", f"{queue_id} Completed")

    def _fail(self, failure: Failure) -> None:
        where, server = f"unknown[{failure.client}]", "submission/smtpd"
        self._say(failure.at - 0.5, "other", server, f"connect from {where}")
        words = f"SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username={failure.claimed}"
        self._say(failure.at, "login", server, f"warning: {where}: {words}")
        self._say(failure.at + 0.5, "other", server, f"disconnect from {where} ehlo=1 auth=0/1 quit=1 commands=2/3")

    def _arrive(self, arrival: Arrival) -> None:
        at, domain = arrival.at, arrival.sender.rpartition("@")[2]
        queue_id = self._queue_id(at)
        host, client = remote(domain)
        self._say(at - 0.5, "other", "smtpd", f"connect from {host}[{client}]")
        self._say(at, "received", "smtpd", f"{queue_id}: client={host}[{client}]")
        recipients: tuple[tuple[str, Fate], ...] = ((arrival.recipient, "ok"),)
        self._begin(at, queue_id, f"{queue_id}@{domain}", arrival.sender, arrival.size, recipients)
        end = "ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=7"
        self._say(at + 0.1, "other", "smtpd", f"disconnect from {host}[{client}] {end}")
        self._hand_over(at + 0.2, at, queue_id, arrival.sender, arrival.recipient, "=>")
        self._add(at + 0.21, "completed", f"{queue_id} Completed")


def hash_of(server: str) -> int:
    """A process id of a server's own."""
    return sum(map(ord, server)) % 997
