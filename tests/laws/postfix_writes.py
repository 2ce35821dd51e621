"""Lines as Postfix writes them, for strangers who choose what they send.

Each function renders the fields in the order and with the escapes of Postfix's source: smtpd_sasl_proto.c,
smtpd_check.c, log_adhoc.c, qmgr_active.c, cleanup_message.c. What a client may send is hostile text; what Postfix
knows is the truth.
"""

from dataclasses import dataclass

from hypothesis import strategies as st

QUEUE_ID = "225C022A268"
CLIENT = "203.0.113.9"
VICTIM = "victim@example.org"
OURS = "[gatepost] sending is stopped"
_CORE = "relay=mx[198.51.100.9]:25, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (ok"

PIECES = (
    ">", "<", "> ", ">, ", " ", ", ", ": ", ";", "; ", "x", "@", "a@example.net", '"', "\\", "[", "]", "(", ")", "ü",
    "=", "client=unknown[198.51.100.9]", f", sasl_method=PLAIN, sasl_username={VICTIM}", f", sasl_username={VICTIM}",
    ", sasl_sender=x", ", orig_queue_id=9C1A22A26A", ", orig_client=unknown[198.51.100.9]", "; from=<a@b>",
    " to=<c@d>", "> to=<", "; from=<", " proto=ESMTP", " proto=SMTP", " helo=<x>", " helo=<",
    f" sasl_username=<{VICTIM}>", " sasl_method=PLAIN", f"<{VICTIM}>: SASL login name rejected: ", " rejected: ",
    f"{VICTIM}>: SASL login name rejected: [gatepost] no", "[gatepost]", "[gatepost] no", "554 5.7.1 ",
    "Recipient address", "<x>: Recipient address rejected: [gatepost] no", "to=<", ", orig_to=<",
    ">, orig_to=<victim@example.org", f">, {_CORE}", f", {_CORE}", "status=sent (", ", status=bounced (",
    "queued as 9C1A22A26A", "forwarded as 9C1A22A26A", ">, size=1, nrcpt=1 (queue active)", ", size=1",
    " orig_id=9C1A22A26A", "removed", "message repeated 9 times: [ ", "from=<", "uid=0 ", "9C1A22A26A: ", "NOQUEUE: ",
    "reject: RCPT from unknown[198.51.100.9]: ", "authentication failed: ", "SASL PLAIN ", "warning: ",
    " (in reply to RCPT TO command)", "host mx[198.51.100.9] said: 550 5.1.1 ", "last message",
)  # fmt: skip

hostile = st.lists(
    st.sampled_from(PIECES) | st.text(st.characters(codec="ascii", min_codepoint=32, max_codepoint=126), max_size=4),
    max_size=8,
).map("".join)
"""What a stranger sends: pieces of Postfix's own language, in any order."""


def printable(text: str) -> str:
    """msg_output.c and printable(3): what is no printing character becomes a question mark."""
    return "".join(c if c >= " " and c != "\x7f" else "?" for c in text)


def neutered(text: str) -> str:
    """smtpd.c: a greeting loses what could end it (NEUTER_CHARACTERS)."""
    return "".join("?" if c in ' <>()\\";@' else c for c in printable(text))


def quoted(text: str) -> str:
    """A quoted string, as addresses are logged since 3.5 (info_log_address_format=external)."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


internal = hostile.map(lambda text: f"{text}@example.net")
"""An address as logged before 3.5: the local part may hold anything, unquoted."""

external = hostile.map(lambda text: f"{quoted(text)}@example.net")

addresses = st.sampled_from(["ann@example.org", "a.b+c@example.net", "", "bob"]) | internal | external


@dataclass
class Session:
    """What Postfix knows of a client, and what the client said."""

    account: str | None = None
    port: str = ""
    name: str = "unknown"
    helo: str | None = "laptop"
    named: bool = False
    """Whether refusals say the login."""

    @property
    def client(self) -> str:
        """smtpd_peer.c, `namaddr`."""
        return f"{self.name}[{CLIENT}]{self.port}"


sessions = st.builds(
    Session,
    account=st.sampled_from([None, "thief@example.org", "ann", "Ann Smith"]),
    port=st.sampled_from(["", ":40000", ":unknown"]),
    name=st.sampled_from(["unknown", "client.example.net", "localhost"]),
    helo=st.none() | hostile.map(neutered).filter(bool),
    named=st.booleans(),
)


def line(server: str, text: str) -> str:
    """One message behind its header."""
    return f"Mar  2 10:00:00 mx1 postfix/{server}[4711]: {printable(text)}"


def opened(session: Session, auth_sender: str | None, origin: str) -> str:
    """smtpd_sasl_mail_log, and mail_open_stream for those without a login."""
    text = f"{QUEUE_ID}: client={session.client}"
    if session.account:
        text += f", sasl_method=PLAIN, sasl_username={session.account}"
        text += f", sasl_sender={auth_sender}" if auth_sender else ""
    return line("smtpd", text + origin)


def refusal(session: Session, sender: str | None, recipient: str, text: str, where: str = "RCPT") -> str:
    """log_whatsup: from= and to= only where they are known, the login last."""
    said = f"{QUEUE_ID}: reject: {where} from {session.client}: {text};"
    said += f" from=<{sender}>" if sender is not None else ""
    said += f" to=<{recipient}> proto=ESMTP"
    said += f" helo=<{session.helo}>" if session.helo else ""
    return line("smtpd", said + (f" sasl_username=<{session.account}>" if session.named and session.account else ""))


def failure(session: Session, claimed: str | None, reason: str) -> str:
    """smtpd_sasl_authenticate; since 3.4 with what was typed."""
    said = f"warning: {session.client}: SASL PLAIN authentication failed: {reason}"
    return line("smtpd", said + (f", sasl_username={claimed}" if claimed is not None else ""))


def outcome(server: str, recipient: str, original: str | None, status: str, words: str) -> str:
    """log_adhoc."""
    said = f"{QUEUE_ID}: to=<{recipient}>" + (f", orig_to=<{original}>" if original is not None else "")
    said += ", relay=mx.example.net[198.51.100.25]:25, delay=0.42, delays=0.05/0.01/0.2/0.16"
    return line(server, f"{said}, dsn={'2.0.0' if status == 'sent' else '5.1.1'}, status={status} ({words})")


def active(sender: str, recipients: int) -> str:
    """qmgr_active_feed."""
    return line("qmgr", f"{QUEUE_ID}: from=<{sender}>, size=1234, nrcpt={recipients} (queue active)")
