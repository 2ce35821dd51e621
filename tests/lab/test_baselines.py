"""Baselines fire where their words say, and not one act before."""

from gatepost.lab import baselines
from gatepost.lab.mail import Device, Fate, Mail
from gatepost.lab.score import Detection

DEVICE = Device("pc", "", "pc.example.org")


def mail(at: float, client: str = "192.0.2.1", number: int = 1, fate: Fate = "ok") -> Mail:
    """One message of ann's."""
    recipients = tuple((f"{n}@example.net", fate) for n in range(number))
    return Mail(
        at=at, account="ann@example.org", sender="ann@example.org", client=client, device=DEVICE,
        recipients=recipients, subject="x",
    )  # fmt: skip


def said(mails: list[Mail]) -> dict[str, float]:
    """Which rules fired, and when."""
    return {name: one.at for name, found in baselines.run([mails]).items() for one in found}


def test_a_hundred_dead_recipients_an_hour() -> None:
    """The hundredth within an hour fires; spread over more than an hour nothing does."""
    rule = "100 nonexistent/h"
    assert said([mail(n, number=10, fate="dead") for n in range(10)])[rule] == 9
    assert rule not in said([mail(n * 400, number=10, fate="dead") for n in range(20)])


def test_five_logins_from_three_addresses() -> None:
    """Five from two addresses are a phone; from three they fire."""
    rule = "5 logins, 3 addresses, 300 s"
    assert rule not in said([mail(n, f"192.0.2.{n % 2}") for n in range(50)])
    assert said([mail(n, f"192.0.2.{n % 3}") for n in range(50)])[rule] == 4


def test_messages_recipients_and_networks() -> None:
    """Each limit fires at the act that reaches it, and everything together at the first of them."""
    assert said([mail(n) for n in range(120)])["100 messages/h"] == 99
    assert said([mail(n, number=50) for n in range(5)])["200 recipients/h, 1,000/24 h"] == 3
    far = said([mail(n * 1000, f"10.{n}.0.1") for n in range(12)])
    assert far == {"more than 10 networks/24 h": 10_000, baselines.TOGETHER: 10_000}


def test_a_rule_fires_once_an_account() -> None:
    """What follows the first is no news."""
    found = baselines.run([[mail(n, number=250) for n in range(9)]])["200 recipients/h, 1,000/24 h"]
    assert found == [Detection(0, "ann@example.org", "block", "200 recipients/h, 1,000/24 h")]
