"""Dovecot, in the wordings of 2.2, 2.3 and 2.4: behind a syslog header, and in a file it writes itself."""

from gatepost.mta.dovecot.file import DovecotFile
from gatepost.mta.dovecot.program import Dovecot

__all__ = ["Dovecot", "DovecotFile"]
