"""Receivers that refuse everybody."""

import pytest

from gatepost.core.facts import BounceClass
from gatepost.ledger import receivers
from gatepost.ledger.receivers import HOUR, LEAST, LISTED, Receivers, house

ON_A_LIST, SPAM = BounceClass.REPUTATION_BLOCKLIST, BounceClass.SPAM_CONTENT
NOON = 1_772_366_400.0


def refused(known: Receivers, number: int, cause: BounceClass, at: float = NOON, who: int = 0) -> list[bool]:
    """So many different accounts are refused, a second apart; what each of them begins."""
    return [known.witness("example.net", cause, who + one, at + one) for one in range(number)]


def test_a_smarthost_is_no_receiver() -> None:
    """What passes through one host for many domains is theirs; a provider of a few, and one among others, is itself."""
    known = Receivers()
    names = [known.named("out.relay.example", f"x@firm{n % 12}.example") for n in range(60)]
    assert names[0] == "relay.example" and names[-1] == "firm11.example"
    known = Receivers()
    assert {known.named("mx.big.example", f"x@firm{n % 9}.example") for n in range(60)} == {"big.example"}
    known = Receivers()
    for n in range(60):
        known.named(f"mx.firm{n % 3}.example", f"x@firm{n % 3}.example")
        assert known.named("mx.big.example", f"x@firm{n}.example") == "big.example"


def test_three_on_a_blocklist_are_all_of_us() -> None:
    """Whatever is usual; trouble begins once, and lasts six hours after the last of them."""
    known = Receivers()
    assert refused(known, LISTED + 2, ON_A_LIST) == [False] * (LISTED - 1) + [True, False, False]
    assert known.troubled("example.net", ON_A_LIST, NOON + 6 * HOUR)
    assert not known.troubled("example.net", ON_A_LIST, NOON + 7 * HOUR)
    assert refused(known, 1, ON_A_LIST, NOON + 5 * HOUR) == [False]
    assert known.troubled("example.net", ON_A_LIST, NOON + 10 * HOUR)


def test_one_account_is_one_witness() -> None:
    """A newsletter of ten thousand does not make trouble, nor do three accounts on three days."""
    known = Receivers()
    assert not any(known.witness("example.net", ON_A_LIST, 1, NOON + n) for n in range(10_000))
    assert not any(known.witness("example.org", ON_A_LIST, n, NOON + n * 86400) for n in range(30))


def test_another_receiver_and_another_cause_are_not_in_trouble() -> None:
    """What a receiver says of us excuses nothing else."""
    known = Receivers()
    refused(known, LISTED, ON_A_LIST)
    assert not known.troubled("example.net", SPAM, NOON + 10)
    assert not known.troubled("example.org", ON_A_LIST, NOON + 10)


def test_what_is_usual_is_no_trouble() -> None:
    """Where ten accounts an hour are refused as spam all week, ten more are not trouble; five times as many are."""
    known = Receivers()
    for hour in range(7 * 24):
        refused(known, 10, SPAM, NOON + hour * HOUR, who=10 * hour)
    later = NOON + 7 * 24 * HOUR
    assert not any(refused(known, 20, SPAM, later, who=5000))
    assert sum(refused(known, 60, SPAM, later + 2 * HOUR, who=6000)) == 1


def test_silence_makes_what_is_usual_small_again() -> None:
    """A month later the same small number is trouble, as on the first day."""
    known = Receivers()
    for hour in range(48):
        refused(known, 10, SPAM, NOON + hour * HOUR, who=10 * hour)
    assert any(refused(known, LEAST + 1, SPAM, NOON + 60 * 86400, who=9000))


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The receiver that refused longest ago goes, and of one receiver the account."""
    monkeypatch.setattr(receivers, "MOST_RECEIVERS", 3)
    monkeypatch.setattr(receivers, "MOST_WITNESSES", 4)
    known = Receivers()
    for number in range(10):
        known.witness(f"d{number}.example", SPAM, 1, NOON)
    assert list(known.known) == [f"d{number}.example spam_content" for number in (7, 8, 9)]
    refused(known, 50, SPAM)
    assert known.accounts("example.net", SPAM) == 4


def test_a_late_line_turns_nothing_back() -> None:
    """Refusals out of order count within their hour, and end no trouble."""
    known = Receivers()
    refused(known, LISTED, ON_A_LIST)
    known.witness("example.net", ON_A_LIST, 99, NOON - 3 * HOUR)
    assert known.troubled("example.net", ON_A_LIST, NOON + HOUR)


@pytest.mark.parametrize(
    ("host", "address", "who"),
    [
        ("mx1.Mail.Example.NET.", "x@elsewhere.example", "mail.example.net"),
        ("", "x@post.Example.org", "post.example.org"),
        ("example.org", "", "example.org"),
        ("localhost", "", "localhost"),
        ("", "nobody", "nobody"),
        ("a" * 999, "", "a" * 253),
    ],
)
def test_who_runs_a_receiver(host: str, address: str, who: str) -> None:
    """Its domain; that of the recipient where the log names no host."""
    assert house(host, address) == who
