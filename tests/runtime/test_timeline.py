"""What one account did, day by day."""

from pathlib import Path

from tests.runtime.scene import ANN, HOME, NIGHT, habits, mail, theft

from gatepost.runtime.replay import Replay
from gatepost.runtime.timeline import MAX_PLACES, Witness


def witnessed(tmp_path: Path, lines: list[str]) -> Witness:
    """A replay that watches ann."""
    log = tmp_path / "mainlog"
    log.write_text("".join(f"{line}\n" for line in lines))
    run = Replay([str(log)], zone="UTC", pipeline=Witness)
    assert isinstance(run.pipeline, Witness)
    run.pipeline.account, run.pipeline.days = ANN, {}
    list(run.changes())
    return run.pipeline


def test_days_hold_messages_recipients_causes_and_networks(tmp_path: Path) -> None:
    """Six mails of an honest day, then a theft; nobody else's."""
    days = witnessed(tmp_path, [*habits(), *theft()]).days
    honest, stolen = days["2026-03-10"], days["2026-03-15"]
    assert (honest.messages, honest.recipients) == (6, 6)
    assert len(honest.networks) == 1
    assert (stolen.messages, stolen.recipients) == (12, 120)
    assert dict(stolen.refused) == {"invalid_recipient": 36}


def test_networks_of_a_day_are_bounded(tmp_path: Path) -> None:
    """A botnet of thousands names two hundred."""
    lines = [
        line
        for n in range(MAX_PLACES + 50)
        for line in mail(NIGHT + n, ANN, f"10.{n % 250}.{n // 250}.9", ["x@example.net"])
    ]
    lines += mail(NIGHT + 600, ANN, HOME[ANN], ["x@example.net"])
    (day,) = witnessed(tmp_path, lines).days.values()
    assert len(day.networks) == MAX_PLACES
    assert day.messages == MAX_PLACES + 51
