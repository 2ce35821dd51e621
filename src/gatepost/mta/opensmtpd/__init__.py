"""OpenSMTPD: logins, messages, refusals and deliveries."""

from gatepost.mta.opensmtpd.program import OpenSMTPD

__all__ = ["OpenSMTPD"]
