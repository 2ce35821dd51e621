"""Stalwart's log: its lines, sessions and logins, and what becomes of messages."""

from gatepost.mta.stalwart.program import Stalwart

__all__ = ["Stalwart"]
