"""A thief who writes log syntax into his greeting, on a real Exim: he is named, his victim is not touched."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.live.client import MailProgram, letter
from tests.live.exim import Exim, Rules
from tests.live.ports import until
from tests.live.scene import FRIEND, HOSTING, THIEF, Watch, set_up
from tests.live.world import World

pytestmark = pytest.mark.live

VICTIM = FRIEND
GREETING = f"desk) [203.0.113.30] P=esmtpa A=plain:{VICTIM}:"


@pytest.fixture
def watched(exims: Callable[..., Exim], sink: World, open_folder: Path) -> Iterator[tuple[Exim, Watch]]:
    """An Exim that takes any greeting, and a gatepost that reads its log."""
    place = open_folder / "forgery"
    (place / "deny").mkdir(parents=True)
    exim = exims(Rules(main="helo_accept_junk_hosts = *\n"))
    watch = set_up(place / "state", exim, sink, place / "deny", "dsearch")
    watch.start()
    yield exim, watch
    watch.stop()


@pytest.fixture
def asking(exims: Callable[..., Exim], sink: World, open_folder: Path) -> Iterator[tuple[Exim, Watch]]:
    """The same with messages that wait for the next queue run, and a gatepost that asks the spool."""
    place = open_folder / "asking"
    (place / "deny").mkdir(parents=True)
    exim = exims(Rules(main="helo_accept_junk_hosts = *\nqueue_only = true\n"))
    watch = set_up(place / "state", exim, sink, place / "deny", "dsearch")
    text = watch.config.read_text()
    watch.config.write_text(text.replace('zone = "UTC"\n', f'zone = "UTC"\nspool = "{exim.folder}/spool"\n'))
    watch.start()
    yield exim, watch
    watch.stop()


def forge(port: int, number: int) -> None:
    """One message behind a forged greeting."""
    program = MailProgram(port, HOSTING[0])
    program.local_hostname = GREETING
    program.user, program.password = THIEF, "secret"
    program.ehlo(GREETING)
    program.auth("PLAIN", program.auth_plain)
    to = [f"v{number}x{n}@prey{n}.example.net" for n in range(10)]
    program.sendmail(THIEF, to, letter(THIEF, to[0]))
    program.close()


def test_a_forged_greeting_raises_an_alarm_and_harms_nobody_else(watched: tuple[Exim, Watch]) -> None:
    """Within ten messages the thief is among the candidates of an alarm, and the victim's level stays clear."""
    exim, watch = watched
    for number in range(10):
        forge(exim.port, number)
    assert f"A=plain:{VICTIM}" in exim.log()
    until(lambda: "log syntax" in watch.errors(), "the alarm")
    alarm = next(line for line in watch.errors().splitlines() if "log syntax" in line)
    named = alarm.replace("[@]", "@").replace("[.]", ".")
    assert THIEF in named and VICTIM in named
    assert watch.levels(VICTIM) == []


def test_the_spool_says_who_it_was(asking: tuple[Exim, Watch]) -> None:
    """While the messages are queued, the thief is charged with what he does behind the forged greeting, and stopped."""
    exim, watch = asking
    for number in range(20):
        forge(exim.port, number)
    until(lambda: "block" in watch.levels(THIEF), "the thief is stopped")
    assert watch.levels(VICTIM) == []
    alarm = next(line for line in watch.errors().splitlines() if "log syntax" in line).replace("[@]", "@")
    assert "spool says it was" in alarm and f"{THIEF} from {HOSTING[0]}" in alarm.replace("[.]", ".")
