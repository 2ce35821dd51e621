"""Sendmail: logins, messages, refusals and deliveries of its MTA and of its submission program."""

from gatepost.mta.sendmail.program import Sendmail

__all__ = ["Sendmail"]
