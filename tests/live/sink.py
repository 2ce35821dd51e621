"""An SMTP sink on loopback that plays the rest of the Internet.

Usage: sink.py PORT FOLDER. RCPT is answered by the recipient's local part, first match wins (RULES), else 250;
`dataspam*` is accepted at RCPT and refused after DATA. Before all that, FOLDER/replies.json may say what an address is
answered: {address: [stage, reply]}, stage being "rcpt" or "data". FOLDER/rcpt.jsonl has a line for every RCPT,
FOLDER/mail.jsonl one for every accepted message. Runs as a process of its own, so that a test can stop it.
"""

import asyncio
import email.parser
import fnmatch
import json
import signal
import sys
import time
from pathlib import Path
from typing import TextIO

from aiosmtpd.smtp import SMTP, Envelope, Session

RULES = (
    ("nouser*", "550 5.1.1 <{rcpt}>: Recipient address rejected: User unknown"),
    ("spam*", "554 5.7.1 <{rcpt}>: Message rejected as spam"),
    ("full*", "452 4.2.2 <{rcpt}>: Mailbox full"),
    ("later*", "451 4.7.1 <{rcpt}>: Greylisted, try again later"),
    ("disabled*", "550 5.2.1 <{rcpt}>: The account is disabled"),
    ("*", "250 2.1.5 OK"),
)
"""Local part of a recipient to the reply."""


class Sink:
    """Hooks of aiosmtpd."""

    def __init__(self, folder: Path) -> None:
        self.replies = folder / "replies.json"
        self.rcpt = (folder / "rcpt.jsonl").open("a", buffering=1)
        self.mail = (folder / "mail.jsonl").open("a", buffering=1)

    async def handle_RCPT(self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]) -> str:
        """Answer one recipient."""
        local = address.rpartition("@")[0].lower()
        reply = self.told(address, "rcpt")
        reply = reply or next(text for glob, text in RULES if fnmatch.fnmatchcase(local, glob)).format(rcpt=address)
        note(self.rcpt, {"from": envelope.mail_from, "to": address, "reply": reply})
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, _: SMTP, session: Session, envelope: Envelope) -> str:
        """Accept one message, or refuse it as spam."""
        if any(address.lower().startswith("dataspam") for address in envelope.rcpt_tos):
            return "554 5.7.1 Message content rejected"
        told = next(filter(None, (self.told(address, "data") for address in envelope.rcpt_tos)), "")
        if told:
            return told
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        head = email.parser.BytesHeaderParser().parsebytes(content)
        headers = [[key, str(value)] for key, value in head.items()]
        mail = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "subject": head.get("Subject"),
            "peer": (session.peer or ("",))[0],
        }
        note(self.mail, {**mail, "headers": headers, "text": content.decode("utf-8", "replace")})
        return "250 2.0.0 OK: queued"

    def told(self, address: str, stage: str) -> str:
        """What a test wants an address to be answered; "" if nothing."""
        told = json.loads(self.replies.read_text("utf-8")) if self.replies.exists() else {}
        wanted, reply = told.get(address, ("", ""))
        return reply if wanted == stage else ""


def note(file: TextIO, what: dict[str, object]) -> None:
    """One JSON object a line, with the time."""
    file.write(json.dumps({"t": time.time(), **what}) + "\n")


async def main(port: int, folder: Path) -> None:
    """Serve until SIGTERM."""
    sink = Sink(folder)
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    server = await loop.create_server(
        lambda: SMTP(sink, hostname="sink.example.test", enable_SMTPUTF8=True, timeout=60),
        "127.0.0.1",
        port,
        backlog=512,
    )
    async with server:
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2])))
