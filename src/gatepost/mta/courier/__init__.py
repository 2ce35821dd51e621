"""Courier: logins to its IMAP, POP3 and web mail servers, and the mail of its MTA."""

from gatepost.mta.courier.program import Courier

__all__ = ["Courier"]
