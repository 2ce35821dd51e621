"""Lines as Exim writes them, for strangers who choose what they send.

Each function renders the fields in the order and with the escapes of Exim's source: receive.c, smtp_in.c, host.c,
deliver.c. What a client may send is hostile text; what Exim knows (account, address, protocol) is the truth.
"""

from dataclasses import dataclass, field

from hypothesis import strategies as st

QUEUE_ID = "1wAAAA-0001aB-2c"
STAMP = "2026-03-02 10:00:00 "
CLIENT = "203.0.113.9"
VICTIM = "victim@example.org"

PIECES = (
    ") [198.51.100.1]", "(", ") [", "[198.51.100.1]", ":25", " H=(", " H=mx.example.net [198.51.100.1]", " P=esmtpa",
    " I=[192.0.2.1]:25", " P=smtp", " P=esmtpsa", " P=esmtp", " X=TLS1.3:x:256", " CV=no", ' DN="', " SNI=", ' SNI="',
    " U=", f" A=plain:{VICTIM}", f" A=plain:{VICTIM}:", " A=plain:", " K", " PRDR", " S=1", " S=400", " id=", " id=a@b",
    ' T="', '"', '" ', "\\", '\\"', " for ", " for a@b", " from <a@b>", "a@b", "@", "x", " ", ":", ": ", "<", ">",
    " F=<a@b>", " rejected RCPT <c@d>: ", " rejected RCPT <c@d>", " temporarily rejected after DATA: ", " D=1s", "ü",
    " rejected MAIL <", "[gatepost] no", " C=EHLO,AUTH", ": 535 Incorrect authentication data", f" (set_id={VICTIM})",
    " R=a T=b", " => ", " Completed", f": 435 Unable to authenticate at present (set_id={VICTIM}): [gatepost] no",
    "): [gatepost] no", ": [gatepost] no", " SMTP error from remote mail server after RCPT TO:<a@b>: 250 2.0.0 ok",
    " 550 5.1.1 ", "\t",
)  # fmt: skip

hostile = st.lists(
    st.sampled_from(PIECES) | st.text(st.characters(codec="ascii", min_codepoint=32), max_size=4), max_size=9
).map("".join)
"""What a stranger sends: pieces of Exim's own language, in any order."""


def quoted(text: str) -> str:
    """A quoted string of RFC 5321 section 4.1.2: only quote and backslash need an escape."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def printing(text: str) -> str:
    """string_printing: control characters become escapes, quotes and backslashes stay."""
    return "".join(c if c >= " " else f"\\{ord(c):03o}" for c in text)


addresses = (
    st.just("<>")
    | st.sampled_from(["ann@example.org", "a.b+c@example.net"])
    | hostile.map(lambda text: f"{quoted(text)}@example.net")
    | hostile.map(lambda text: f"x.{quoted(text)}@example.net")
)
"""Senders: null, plain, or with a quoted local part that holds anything."""

recipients = addresses.filter(lambda address: address != "<>")


@dataclass
class Session:
    """What Exim knows of a client, and what the client said."""

    account: str | None = None
    mechanism: str = "plain"
    helo: str | None = None
    name: str | None = None
    port: str = ""
    interface: str = ""
    ident: str | None = None
    tls: bool = False
    certificate: str | None = None
    server_name: str | None = None
    old: bool = False
    greeted: str = "EHLO"

    @property
    def protocol(self) -> str:
        """smtp_in.c, `protocols`."""
        if self.greeted == "HELO":
            return "smtps" if self.tls else "smtp"
        return f"esmtp{'s' if self.tls else ''}{'a' if self.account else ''}"

    def host(self) -> str:
        """host_build_sender_fullhost."""
        address = f"[{CLIENT}]{self.port}"
        greeting = f"({self.helo}) " if self.helo else ""
        return f"{f'{self.name} ' if self.name else ''}{greeting}{address}{self.interface}"

    def ident_field(self) -> str:
        """host_and_ident."""
        return f" U={printing(self.ident)}" if self.ident else ""

    def cipher(self) -> str:
        """add_tls_info_for_log."""
        if not self.tls:
            return ""
        text = " X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no"
        if self.certificate is not None:
            text += f' DN="{printing(self.certificate)}"'
        if self.server_name:
            plain = printing(self.server_name)
            text += f' SNI="{plain}"' if self.old else " SNI=" + plain.replace(" ", "\\040")
        return text

    def login(self, sender: str | None = None) -> str:
        """A=, with the AUTH= sender when smtp_mailauth is selected."""
        if not self.account:
            return ""
        return f" A={self.mechanism}:{self.account}{f':{sender}' if sender else ''}"


@dataclass
class Mail:
    """What the client said of one message."""

    sender: str = "ann@example.org"
    auth_sender: str | None = None
    message_id: str | None = None
    subject: str | None = None
    recipients: list[str] = field(default_factory=list)


def _maybe(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str | None]:
    return st.none() | strategy


_greeting = hostile.map(lambda text: text.replace("\t", " ").strip()) | st.sampled_from(["laptop", "[192.0.2.7]"])
_ident = hostile.map(lambda text: printing(text)[:127]).filter(bool)

sessions = st.builds(
    Session,
    account=st.sampled_from([None, "ann@example.org", "thief@example.org", "Ann Smith"]),
    helo=_maybe(_greeting),
    name=st.sampled_from([None, None, "mx.example.net"]),
    port=st.sampled_from(["", ":51234"]),
    interface=st.sampled_from(["", " I=[192.0.2.1]:587"]),
    ident=st.none() | st.none() | _ident,
    tls=st.booleans(),
    certificate=st.none() | st.none() | hostile,
    server_name=_maybe(hostile),
    old=st.booleans(),
    greeted=st.sampled_from(["EHLO", "EHLO", "HELO"]),
)

mails = st.builds(
    Mail,
    sender=addresses,
    auth_sender=st.none() | st.none() | hostile.filter(bool),
    message_id=_maybe(st.just("1@laptop") | hostile.map(lambda text: f"{quoted(printing(text))}@x")),
    subject=_maybe(hostile),
    recipients=st.lists(recipients, max_size=3),
)


def arrival(session: Session, mail: Mail) -> str:
    """receive.c, "Generate a message received log entry"."""
    line = f"{STAMP}{QUEUE_ID} <= {mail.sender} H={session.host()}{session.ident_field()} P={session.protocol}"
    line += f"{session.cipher()}{session.login(mail.auth_sender)} S=400"
    if mail.message_id is not None:
        line += f" id={mail.message_id}"
    if mail.subject is not None:
        line += f" T={printing(quoted(mail.subject[:100]))}"
    return line + (f" for {' '.join(mail.recipients)}" if mail.recipients else "")


def refusal(session: Session, sender: str, recipient: str, reason: str) -> str:
    """smtp_handle_acl_fail at RCPT: the command is cut after a hundred bytes."""
    command = f"<{recipient}>".encode()[:100].decode("utf-8", "ignore")
    inner = "" if sender == "<>" else sender
    line = f"{STAMP}H={session.host()}{session.ident_field()}{session.cipher()} F=<{inner}>{session.login()}"
    return f"{line} rejected RCPT {command}{f': {reason}' if reason else ''}"


def mail_refusal(session: Session, sender: str, reason: str) -> str:
    """smtp_handle_acl_fail at MAIL: neither sender field nor login; the command is cut after a hundred bytes."""
    command = (sender if sender == "<>" else f"<{sender}>").encode()[:100].decode("utf-8", "ignore")
    line = f"{STAMP}H={session.host()}{session.ident_field()}{session.cipher()} rejected MAIL {command}"
    return f"{line}{f': {reason}' if reason else ''}"


def failure(session: Session, claimed: str, flagged: bool, trouble: str | None = None) -> str:
    """The AUTH command: from 4.99 on with "H="; `trouble` is why the server could not tell."""
    host = f"{'H=' if flagged else ''}{session.host()}{session.ident_field()}"
    answer = "535 Incorrect authentication data" if trouble is None else "435 Unable to authenticate at present"
    line = f"{STAMP}plain authenticator failed for {host}: {answer} (set_id={printing(claimed)})"
    return line if trouble is None else f"{line}: {trouble}"


def no_mail(session: Session) -> str:
    """smtp_log_no_mail."""
    host = f"{session.host()}{session.ident_field()}"
    return f"{STAMP}no MAIL in SMTP connection from {host} D=1s{session.login()}{session.cipher()} C=EHLO,AUTH,QUIT"


def outcome(flag: str, recipient: str, parent: str | None, reply: str, certificate: str | None) -> str:
    """delivery_log, failure_log and deferral_log, with what the remote server said."""
    who = f"{recipient} <{parent}>" if parent else recipient
    server = "R=dnslookup T=remote_smtp H=mx.example.net [198.51.100.25]"
    if certificate is not None:
        server += f' X=TLS1.3:x:256 CV=yes DN="{printing(certificate)}"'
    if flag == "**":
        error = f"SMTP error from remote mail server after RCPT TO:<{recipient}>: {reply}"
        return f"{STAMP}{QUEUE_ID} ** {who} {server}: {error}"
    if flag == "==":
        return f"{STAMP}{QUEUE_ID} == {who} {server.replace(' H=', ' defer (-44) H=')}: {reply}"
    return f"{STAMP}{QUEUE_ID} {flag} {who} {server} C={quoted(reply)}"
