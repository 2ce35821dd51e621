"""gatepost: notices a stolen SMTP account, says why, stops its sending, and undoes it."""

__version__ = "0.1.0"
