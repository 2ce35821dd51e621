"""A mail program that says where it comes from.

Owns the PROXY header (the PROXY protocol, version 1) in front of an SMTP session, so that a test chooses the client
address that Exim sees and logs.
"""

import smtplib
import socket

PASSWORD = "secret"
"""Of every account of the live tests."""

HOME = "203.0.113.7"
"""Where honest people sit."""


class MailProgram(smtplib.SMTP):
    """smtplib behind a PROXY header."""

    def __init__(self, port: int, client: str = HOME) -> None:
        self.client = client
        super().__init__("127.0.0.1", port, local_hostname="desk.example.test", timeout=30)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        link = socket.create_connection((host, port), timeout)
        link.sendall(f"PROXY TCP4 {self.client} 127.0.0.1 {link.getsockname()[1]} {port}\r\n".encode())
        return link


def log_in(port: int, account: str, client: str = HOME) -> MailProgram:
    """A session in which an account has authenticated.

    Raises:
        smtplib.SMTPAuthenticationError: the server refused it.
    """
    program = MailProgram(port, client)
    program.user, program.password = account, PASSWORD
    program.ehlo_or_helo_if_needed()
    program.auth("PLAIN", program.auth_plain)
    return program


def send(port: int, account: str, to: list[str], client: str = HOME, sender: str = "") -> dict[str, tuple[int, bytes]]:
    """One message in a session of its own, from the account's address or another; returns the refused recipients.

    Raises:
        smtplib.SMTPException: the server refused the login, the sender, all recipients or the message.
    """
    program = log_in(port, account, client)
    try:
        return program.sendmail(sender or account, to, letter(sender or account, to[0]))
    finally:
        program.close()  # without QUIT: Exim would wait 0.2 s for us to hang up


def letter(sender: str, to: str, subject: str = "hello") -> bytes:
    """A small message."""
    return f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\n\r\nhello\r\n".encode()
