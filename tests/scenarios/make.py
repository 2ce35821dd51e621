"""Writes the logs of the scenarios: `python tests/scenarios/make.py`.

Each scenario is a function that tells a story on a `Log`. What must follow from it is written by hand in its
`expect.toml`.
"""

from collections.abc import Callable
from pathlib import Path

from tests.scenarios.log import CELL, DESK, HOME, HOUR, OTHERS, SCRIPT, THEN, Log, far, many

from gatepost.lab.mail import Fate

FOLDER = Path(__file__).parent


def quota_fires(log: Log) -> None:
    """Eleven letters to fifty people each within half an hour, from home: more than 500 in an hour."""
    log.life(*many(50, "queued"))
    for number in range(11):
        log.mail(THEN + 150 * number, *many(50, "queued"))


def quota_silent(log: Log) -> None:
    """The usual circular: four letters of fifty, as every day."""
    for number in range(4):
        log.life(*many(49 + number % 2, "queued"))
    for number in range(4):
        log.mail(THEN + 150 * number, *many(50, "queued"))


def volume_fires(log: Log) -> None:
    """Ninety-six recipients in a quarter of an hour through a new network and a new program; all exist."""
    log.life()
    for number in range(8):
        log.mail(THEN + 110 * number, *many(12, "ok"), client=far(1), device=SCRIPT, to="lead{}@shop.example.com")


def volume_silent(log: Log) -> None:
    """The same ninety-six recipients from home with the usual program: a busy day."""
    log.life()
    for number in range(8):
        log.mail(THEN + 110 * number, *many(12, "ok"))


def spread_fires(log: Log) -> None:
    """Ten messages to one friend each, from ten networks within twenty minutes."""
    log.life()
    for number in range(10):
        log.mail(THEN + 120 * number, "ok", client=far(number))


def spread_silent(log: Log) -> None:
    """A phone that has another address of its carrier at every message, on this day as on all others."""
    for number in range(3):
        log.life(client=CELL.format(10 + number))
    for number in range(12):
        log.mail(THEN + 240 * number, "ok", client=CELL.format(40 + 7 * number))


def recipients_fires(log: Log) -> None:
    """Twelve messages from a strange place, every third recipient does not exist."""
    log.life()
    for number in range(12):
        log.mail(THEN + 240 * number, "ok", "dead", "ok", client=far(1), device=SCRIPT, to="lead{}@shop.example.com")


def recipients_silent(log: Log) -> None:
    """A club's letter to forty members from home: two of them have moved."""
    log.life()
    log.mail(THEN, *many(20, "ok"), "dead", *many(18, "ok"), "dead")


def refusals_fires(log: Log) -> None:
    """Ten messages from a strange place, half of the recipients' servers say it is spam."""
    log.life()
    for number in range(10):
        fate: Fate = "spam" if number % 2 else "listed"
        log.mail(THEN + 240 * number, "ok", fate, client=far(1), device=SCRIPT, to="lead{}@shop.example.com")


def refusals_silent(log: Log) -> None:
    """A letter to forty members from home, one of whose servers takes it for spam, and one more the next hour."""
    log.life()
    log.mail(THEN, *many(39, "ok"), "spam")
    log.mail(THEN + HOUR, *many(9, "ok"), "listed")


def identity_fires(log: Log) -> None:
    """Fifteen messages from a strange place, each with another bank's sender address."""
    log.life()
    for number in range(15):
        sender = f"service@bank{number}.example.com"
        log.mail(THEN + 240 * number, "ok", client=far(1), device=SCRIPT, sender=sender)


def identity_silent(log: Log) -> None:
    """Somebody who also writes for her club and her firm, on this day as on all others."""
    senders = ("ann@club.example.net", "office@firm.example.com", "ann@guild.example.net")
    for sender in senders:
        log.life(sender=sender)
    for number in range(15):
        log.mail(THEN + 240 * number, "ok", sender=senders[number % 3])


def guessing_fires(log: Log) -> None:
    """Sixty failed logins from twenty networks, then a message from one of them."""
    log.life()
    for number in range(60):
        log.guess(THEN - 12 * HOUR + 600 * number, far(number % 20))
    log.mail(THEN, "ok", client=far(7))


def guessing_silent(log: Log) -> None:
    """The same sixty failures, while the owner writes from home."""
    log.life()
    for number in range(60):
        log.guess(THEN - 12 * HOUR + 600 * number, far(number % 20))
    log.mail(THEN, "ok")


def rule_fires(log: Log) -> None:
    """Twenty-five failed logins within an hour: the operator's own rule asks for twenty."""
    log.life()
    for number in range(25):
        log.guess(THEN + 120 * number, far(number % 3))


def rule_silent(log: Log) -> None:
    """Fifteen failed logins within an hour: the operator's own rule asks for twenty."""
    log.life()
    for number in range(15):
        log.guess(THEN + 120 * number, far(number % 3))


def novelty_fires(log: Log) -> None:
    """A script writes to ten friends from eight blocks of the owner's own provider."""
    log.life(client="10.9.1.7")
    for number in range(10):
        log.mail(THEN + 120 * number, "ok", client=f"10.9.{2 + number % 8}.7", device=SCRIPT)


def novelty_silent(log: Log) -> None:
    """The owner's own program from eight blocks of its provider: a telephone that changes towers."""
    log.life(client="10.9.1.7")
    for number in range(10):
        log.mail(THEN + 120 * number, "ok", client=f"10.9.{2 + number % 8}.7")


def takeover_fires(log: Log) -> None:
    """From home with the usual program: ten letters to six strangers each, every second refused once as spam."""
    log.life()
    for number in range(10):
        fates = [*many(5, "ok"), *many(1, "spam" if number % 2 == 0 else "ok")]
        log.mail(THEN + 120 * number, *fates, to=f"lead{{}}@shop{number}.example.com")


def takeover_silent(log: Log) -> None:
    """A form that a bot fills: as many strangers and refusals, one a letter."""
    log.life()
    for number in range(49):
        fates = many(1, "spam" if number % 10 == 0 else "ok")
        log.mail(THEN + 60 * number, *fates, to=f"lead{{}}@shop{number}.example.com")


def crowd_fires(log: Log) -> None:
    """A script at one address writes for four accounts in turn to people who do not exist, two messages each."""
    for who in OTHERS:
        log.life(account=who, days=4)
    for number in range(8):
        fates: list[Fate] = ["ok", "ok", "dead" if number % 2 else "ok"]
        to = f"lead{number}.{{}}@shop.example.com"
        log.mail(THEN + 600 * number, *fates, client=far(1), device=SCRIPT, to=to, account=OTHERS[number % 4])


def crowd_silent(log: Log) -> None:
    """Four colleagues write from one conference with their own programs, one of them to people who do not exist."""
    for who in OTHERS:
        log.life(account=who, days=4)
    for number in range(8):
        fate: Fate = "dead" if number == 7 else "ok"
        log.mail(THEN + 600 * number, "ok", fate, client=far(1), account=OTHERS[number % 4])


def campaign_fires(log: Log) -> None:
    """Ann's account is stopped; the same script at the same address writes one message from another account."""
    log.life()
    log.life(account=OTHERS[1], days=4)
    for number in range(6):
        to = f"lead{number}.{{}}@shop.example.com"
        log.mail(THEN + 240 * number, *many(6, "ok"), *many(4, "dead"), client=far(1), device=SCRIPT, to=to)
    log.mail(THEN + HOUR, "ok", client=far(1), device=SCRIPT, to="lead{}@shop.example.com", account=OTHERS[1])


def campaign_silent(log: Log) -> None:
    """The same theft, from a block where a neighbour of the thief is at home with a program like the thief's."""
    log.life()
    log.life(account=OTHERS[1], client=far(1), device=SCRIPT, days=4)
    for number in range(6):
        to = f"lead{number}.{{}}@shop.example.com"
        log.mail(THEN + 240 * number, *many(6, "ok"), *many(4, "dead"), client=far(1), device=SCRIPT, to=to)
    log.mail(THEN + HOUR, "ok", client=far(1), device=SCRIPT, account=OTHERS[1])


def probe_fires(log: Log) -> None:
    """A login without mail from a strange place; the next day one message to twelve strangers from elsewhere."""
    log.life()
    log.look(THEN - 20 * HOUR, far(1), SCRIPT)
    log.mail(THEN, *many(12, "ok"), client=far(2), device=SCRIPT, to="lead{}@shop.example.com")


def probe_silent(log: Log) -> None:
    """A login without mail from home, and the owner's program in a hotel."""
    log.life()
    log.look(THEN - 20 * HOUR, HOME, DESK)
    log.look(THEN - 2 * HOUR, far(1), DESK)
    log.mail(THEN, "ok", client=far(1))


STORIES: dict[str, Callable[[Log], None]] = {
    "quota/fires": quota_fires,
    "quota/stays-silent": quota_silent,
    "volume/fires": volume_fires,
    "volume/stays-silent": volume_silent,
    "spread/fires": spread_fires,
    "spread/stays-silent": spread_silent,
    "recipients/fires": recipients_fires,
    "recipients/stays-silent": recipients_silent,
    "refusals/fires": refusals_fires,
    "refusals/stays-silent": refusals_silent,
    "identity/fires": identity_fires,
    "identity/stays-silent": identity_silent,
    "guessing/fires": guessing_fires,
    "guessing/stays-silent": guessing_silent,
    "novelty/fires": novelty_fires,
    "novelty/stays-silent": novelty_silent,
    "takeover/fires": takeover_fires,
    "takeover/stays-silent": takeover_silent,
    "crowd/fires": crowd_fires,
    "crowd/stays-silent": crowd_silent,
    "campaign/fires": campaign_fires,
    "campaign/stays-silent": campaign_silent,
    "probe/fires": probe_fires,
    "probe/stays-silent": probe_silent,
    "rule/fires": rule_fires,
    "rule/stays-silent": rule_silent,
}
"""Every scenario by its folder."""


def written(name: str) -> str:
    """The log of one scenario."""
    log = Log()
    STORIES[name](log)
    return log.text()


def main() -> None:
    """Write all logs."""
    for name in STORIES:
        folder = FOLDER / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "input.log").write_text(written(name))


if __name__ == "__main__":
    main()
