"""Logins on one server, mail on others: one account."""

from pathlib import Path

from tests.runtime.scene import ANN, Fixed, Machine, configured

from gatepost.core.events import AnyEvent
from gatepost.core.ports import Position
from gatepost.runtime.sources import sources
from gatepost.source.given import Lines

HOSTS = ("imap", "in1", "in2")
PEERS = ", ".join(f'{{ name = "192.0.2.{number}", host = "{host}" }}' for number, host in enumerate(HOSTS))
LISTENER = f'[[source]]\nkind = "syslog"\nname = "all"\nlisten = "tcp:127.0.0.1:601"\nzone = "UTC"\npeers = [{PEERS}]\n'
LOGIN = (
    "Mar 15 02:5{0}:00 lies dovecot: imap-login: Login: user=<ann@example.org>, method=PLAIN, rip=192.0.2.10,"
    " lip=192.0.2.1, mpid=7, TLS, session=<a{0}>"
)
MAIL = (
    "Mar 15 02:5{0}:01 lies postfix/submission/smtpd[7]: 225C022A26{0}: client=x[192.0.2.10], sasl_method=PLAIN,"
    " sasl_username=Ann@Example.org",
    "Mar 15 02:5{0}:01 lies postfix/cleanup[8]: 225C022A26{0}: message-id=<{0}@example.org>",
    "Mar 15 02:5{0}:01 lies postfix/qmgr[9]: 225C022A26{0}: from=<ann@example.org>, size=400, nrcpt=1 (queue active)",
    "Mar 15 02:5{0}:02 lies postfix/smtp[6]: 225C022A26{0}: to=<x@example.net>, relay=mx.example.net[198.51.100.1]:25,"
    " delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (host mx.example.net[198.51.100.1] said: 550 5.1.1 no such"
    " user (in reply to RCPT TO command))",
)


def test_the_hosts_of_one_account_write_on_one_page(tmp_path: Path) -> None:
    """Logins of one host, mail and bounces of two others whose queue ids are the same: nothing is mixed up."""
    machine = Machine(configured(tmp_path, more=LISTENER), Fixed(), [])
    house, seen = machine.house, list[AnyEvent]()
    house.pipeline.saw = seen.append
    by_host = {one.feed.thread.host: one for one in sources(house)[0]}
    for turn in range(3):
        mail = [line.format(turn) for line in MAIL]
        for host, lines in (("imap", [LOGIN.format(turn)]), ("in1", mail), ("in2", mail)):
            by_host[host].read(Lines(1, turn * 10_000, lines, Position(1, (turn + 1) * 10_000)))
    assert {event.account for event in seen} == {ANN}
    told = {(type(event).__name__, event.host) for event in seen}
    assert {("Login", "imap"), ("Submission", "in1"), ("Submission", "in2")} <= told
    assert {("Delivery", "in1"), ("Delivery", "in2")} <= told
    assert sum(type(event).__name__ == "Submission" for event in seen) == 6
    machine.close()
