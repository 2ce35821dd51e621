"""Mail of clients that need no login: charged to their network, never to a person (contracts 8)."""

from pathlib import Path

import pytest
from msgspec import msgpack
from tests.mta.test_locals import A, C, Log, exim, postfix

from gatepost.config.load import read
from gatepost.config.locals import of_host
from gatepost.config.mistakes import ConfigErrors
from gatepost.core.events import Delivery, Login
from gatepost.mta.locals import Locals
from gatepost.mta.message import Saved

RELAYS = Locals("MX1", networks=("192.0.2.128/25", "192.0.2.0/24", "2001:db8::/32"))
BOUNCED = (
    "to=<x@example.net>, relay=mx.example.net[203.0.113.5]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (no)"
)


def taken(client: str, sender: str = "app@example.org", number: int = 3, queue_id: str = A) -> list[str]:
    """What Postfix writes of a message without a login."""
    return [
        postfix("smtpd", f"client=app.example.org[{client}]", queue_id),
        postfix("cleanup", "message-id=<1@example.org>", queue_id),
        postfix("qmgr", f"from=<{sender}>, size=400, nrcpt={number} (queue active)", queue_id),
    ]


@pytest.mark.parametrize(
    ("client", "network"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("192.0.2.200", "192.0.2.128/25"),
        ("2001:db8::7", "2001:db8::/32"),
        ("::ffff:192.0.2.7", "192.0.2.0/24"),
    ],
)
def test_a_clients_message_is_its_networks(client: str, network: str) -> None:
    """Exim's and Postfix's lines: recipients and outcomes are the network's, of the first one that holds the client."""
    subject = f"relay/{network}@mx1"
    log = Log(locals=RELAYS).read(
        exim(f"H=app.example.org [{client}] P=esmtp S=700 for x@example.net y@example.net", "app@example.org"),
        "2026-03-02 10:00:01 1wAAAA-0001aB-2c ** x@example.net R=dnslookup T=remote_smtp: 550 5.1.1 unknown",
    )
    assert log.sent == [(subject, 2)]
    assert [each.account for each in log.events if isinstance(each, Delivery)] == [subject]
    log = Log("postfix", RELAYS).read(*taken(client), postfix("smtp", BOUNCED), postfix("qmgr", "removed"))
    assert log.sent == [(subject, 3)]
    assert [each.account for each in log.events if isinstance(each, Delivery)] == [subject]
    assert not any(isinstance(each, Login) for each in log.events)


@pytest.mark.parametrize(
    "lines",
    [
        taken("198.51.100.1"),
        taken("192.0.2.7", sender=""),
        [exim("H=app.example.org [192.0.2.7] P=esmtp S=700 for x@example.net", "<>")],
        [exim("H=(x [192.0.2.7]) [198.51.100.1] P=esmtp S=700 for x@example.net")],
        [exim("U=web12 P=local S=700")],
    ],
)
def test_others_are_nobodys(lines: list[str]) -> None:
    """Other clients, whatever they call themselves, and bounces that a relay client passes on."""
    dialect = "postfix" if "postfix" in lines[0] else "exim"
    assert Log(dialect, RELAYS).read(*lines).sent == []


def test_who_logs_in_is_himself() -> None:
    """A login from such a network is charged to the account, and to nobody else."""
    log = Log("postfix", RELAYS).read(
        postfix("smtpd", "client=x[192.0.2.7], sasl_method=PLAIN, sasl_username=ann@example.org"),
        postfix("qmgr", "from=<ann@example.org>, size=400, nrcpt=1 (queue active)"),
    )
    assert log.sent == [("ann@example.org", 1)]
    log = Log(locals=RELAYS).read(exim("H=x [192.0.2.7] P=esmtpsa A=plain:ann@example.org S=700 for x@example.net"))
    assert log.sent == [("ann@example.org", 1)]


def test_a_login_that_reads_like_a_network_is_not_it() -> None:
    """Whoever logs in under such a name has a page of his own."""
    log = Log(locals=RELAYS).read(
        exim("H=x [198.51.100.1] P=esmtpa A=plain:relay/192.0.2.0/24@mx1 S=7 for x@example.net")
    )
    assert log.sent == [("login:relay/192.0.2.0/24@mx1", 1)]


def test_a_filter_counts_nothing_twice() -> None:
    """A content filter's copy of such a message is the same message."""
    handed = "to=<x@example.net>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent"
    log = Log("postfix", RELAYS).read(
        *taken("192.0.2.7", number=1),
        postfix("smtpd", "client=localhost[127.0.0.1]", C),
        postfix("qmgr", "from=<app@example.org>, size=400, nrcpt=1 (queue active)", C),
        postfix("smtp", f"{handed} (250 2.0.0 Ok: queued as {C})"),
        postfix("qmgr", "removed"),
        postfix("smtp", BOUNCED, C),
        postfix("qmgr", "removed", C),
    )
    assert log.sent == [("relay/192.0.2.0/24@mx1", 1)]
    assert [each.account for each in log.events if isinstance(each, Delivery)] == ["relay/192.0.2.0/24@mx1"]


def test_a_message_under_way_survives_a_restart() -> None:
    """Saved between its lines, it is still the network's."""
    log = Log("postfix", RELAYS).read(*taken("192.0.2.7")[:2])
    saved, _ = log.feed.thread.save()
    packed = msgpack.encode(saved)
    other = Log("postfix", RELAYS)
    other.feed.thread.load(msgpack.decode(packed, type=list[tuple[str, Saved]]))
    other.read(taken("192.0.2.7")[2], postfix("smtp", BOUNCED))
    assert other.sent == [("relay/192.0.2.0/24@mx1", 3)]


SOURCE = '[[source]]\nkind = "tail"\nname = "mx1"\npath = "mainlog"\n'


def test_the_configuration_says_who(tmp_path: Path) -> None:
    """One address is a network of its own."""
    settings = read(f'{SOURCE}relay_clients = ["192.0.2.7", "192.0.2.0/24"]\n', "gatepost.toml", tmp_path)
    found = of_host(settings, "mx1")
    assert found is not None and found.networks == ("192.0.2.7/32", "192.0.2.0/24")


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ('relay_clients = ["192.0.2.0/33"]\n', "source[0].relay_clients[0]"),
        ('relay_clients = ["127.0.0.1"]\n', "source[0].relay_clients[0]"),
        ('relay_clients = ["::/0"]\n', "source[0].relay_clients[0]"),
        ('relay_clients = ["192.0.2.0/24"]\ndialect = "dovecot"\n', "source[0].relay_clients"),
        ('relay_clients = ["192.0.2.0/24"]\n[host.mx1]\naddresses = ["192.0.2.7"]\n', "host.mx1.addresses[0]"),
    ],
)
def test_what_cannot_be_charged_is_a_mistake(more: str, place: str, tmp_path: Path) -> None:
    """No network, this host's own filters, a log that does not say, a host whose mail is its accounts'."""
    with pytest.raises(ConfigErrors) as found:
        read(SOURCE + more, "gatepost.toml", tmp_path)
    assert [mistake.key for mistake in found.value.mistakes] == [place]
