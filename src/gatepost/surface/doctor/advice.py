"""What an operator can set in his mail server when its log does not say what gatepost needs.

Owns the words for each dialect; nobody is told to change a setting of a server he does not run.
"""

from collections.abc import Mapping

from msgspec import Struct

UTC_HERE = 'let this host log in UTC, with zone = "UTC" for this source'


class Advice(Struct, frozen=True):
    """The remedies for one dialect."""

    server: str
    """What operators call it."""
    own: str = "let its server write a log of its own, or keep other users off this host"
    """When every local user can write into the log."""
    logins: str = "let the mail server log who logged in"
    """When messages do not say whose they are; `{names}` are the authenticators."""
    recipients: str = ""
    """When messages do not say how many recipients they have; "" where the log tells that on other lines."""
    zone: str = f"log with ISO stamps (RSYSLOG_FileFormat in rsyslog), or {UTC_HERE}"
    """When stamps name no zone."""
    forgery: str = "look at these clients: one of them writes what looks like fields of the log"


_ADVICE: Mapping[str, Advice] = {
    "exim": Advice(
        "Exim",
        own="read Exim's own log: log_file_path = /var/log/exim4/%slog",
        logins="set server_set_id in Exim's authenticator {names}: $auth2 for PLAIN, $auth1 for LOGIN",
        recipients="add +received_recipients to log_selector in Exim",
        zone='set log_timezone = true in Exim, or timezone = UTC and zone = "UTC" here',
        forgery="look at these clients; leave helo_accept_junk_hosts empty in Exim",
    ),
    "postfix": Advice("Postfix", own="let Postfix write the log itself: maillog_file = /var/log/postfix.log (3.4)"),
    "dovecot": Advice("Dovecot", own="let Dovecot write the log itself: log_path = /var/log/dovecot.log"),
    "cyrus": Advice("Cyrus IMAP"),
    "courier": Advice("Courier"),
    "sendmail": Advice("Sendmail"),
    "haraka": Advice("Haraka"),
    "stalwart": Advice("Stalwart"),
    "kumomta": Advice("KumoMTA"),
    "opensmtpd": Advice("OpenSMTPD"),
}


def advice(dialect: str) -> Advice:
    """The remedies for one dialect, by its name; general ones where nothing better is known."""
    return _ADVICE.get(dialect) or Advice(f"the mail server ({dialect})")
