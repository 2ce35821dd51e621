"""Orders that nothing here can carry out are reported at once (contracts 8)."""

from pathlib import Path

from msgspec.structs import replace
from tests.runtime.scene import ANN, NIGHT, Counter, Fixed, Machine, Post, World, configured

from gatepost.config.asking import EximDoor
from gatepost.core.asked import Question
from gatepost.core.ports import ANYBODY
from gatepost.core.units import iso
from gatepost.runtime.desk import Desk
from gatepost.runtime.doors import Doors

WEB = "local/web12@mx1"


class Telling(Post):
    """Letters about everybody, with what they say was done."""

    subjects = ANYBODY


class Locking(Counter):
    """An action that can stop local users too."""

    subjects = ANYBODY


def machine(folder: Path, mode: str = "enforce", stops: type[Counter] = Counter) -> tuple[Machine, World, Telling]:
    """A gatepost that charges local users."""
    settings, world, post = configured(folder, mode), World(), Telling()
    settings = replace(settings, source=tuple(replace(source, local_users=("*",)) for source in settings.source))
    return Machine(settings, Fixed(), [stops(world), post]), world, post


def flood(messages: int = 120) -> list[str]:
    """A broken web site: fifty recipients a message, a message every ten seconds, many of them dead."""
    lines: list[str] = []
    for number in range(messages):
        stamp, queue_id = iso(NIGHT + 10 * number).replace("T", " ")[:19], f"1zzzyy-{number:06d}-00"
        to = [f"v{number}x{n}@prey{n}.example.net" for n in range(50)]
        lines.append(f"{stamp} {queue_id} <= shop@example.org U=web12 P=local S=700 for {' '.join(to)}")
        lines += [
            f"{stamp} {queue_id} ** {one} R=dnslookup T=remote_smtp H=mx.example.net [203.0.113.5]: SMTP error from"
            f" remote mail server after RCPT TO:<{one}>: 550 5.1.1 <{one}>: no such user"
            for one in to[:20]
        ]
    return lines


def test_a_flood_of_a_web_site_is_noticed(tmp_path: Path) -> None:
    """The page that rises is the local user's; whose addresses the scripts write as sender stays clear."""
    found, _, _ = machine(tmp_path)
    found.read(flood())
    assert {incident.account for incident in found.incidents()} == {WEB}


def test_a_block_that_nobody_can_carry_out_says_so(tmp_path: Path) -> None:
    """In the journal as failed, in the answer to the operator, and never tried again; the world is not touched."""
    found, world, post = machine(tmp_path)
    reply = found.say("block", WEB)
    assert [(row.action, row.state) for row in reply.rows] == [("nobody", "failed"), ("post", "done")]
    assert "lock" in reply.rows[0].note
    assert (world.asked, post.letters) == ([], [f"{WEB}#1/notified/1"])
    found.carry()
    assert found.rows()[f"{WEB}#1/blocked/1 nobody"] == "failed"
    assert found.say("release", WEB, how="honest").incident is not None


def test_the_letter_says_that_nobody_was_stopped(tmp_path: Path) -> None:
    """Its list of what was done begins with what was not."""
    found, _, _ = machine(tmp_path)
    found.say("block", WEB)
    letter = next(row.order for row in found.store.rows(f"{WEB}#1") if row.order.ensure == "notified")
    assert letter.detail and letter.detail[0][0] == "NOT stopped"


def test_an_action_for_local_users_is_used(tmp_path: Path) -> None:
    """Whom an action can act on is the action's to say."""
    found, world, _ = machine(tmp_path, stops=Locking)
    reply = found.say("block", WEB)
    assert world.stopped == {WEB: f"{WEB}#1"}
    assert all(row.action != "nobody" for row in reply.rows)


def test_observe_mode_notes_it(tmp_path: Path) -> None:
    """Nothing fails where nothing is tried; when the mode changes, it is said."""
    found, _, _ = machine(tmp_path, "observe")
    found.say("block", WEB)
    assert found.rows()[f"{WEB}#1/blocked/1 nobody"] == "would"


def test_logins_are_stopped_as_before(tmp_path: Path) -> None:
    """A login is every action's matter."""
    found, world, _ = machine(tmp_path)
    found.say("block", ANN)
    assert world.stopped == {ANN: f"{ANN}#1"}


def test_a_door_that_asks_about_local_users_stops_them(tmp_path: Path) -> None:
    """Only where it says that it does; until the release."""
    for number, asks in enumerate((False, True)):
        settings = configured(tmp_path / str(number))
        door = EximDoor(name="exim", listen="unix:/run/gatepost/exim", local_users=asks)
        found = Machine(replace(settings, action=(), door=(door,)), Fixed())
        doors = Doors(found.house, Desk(found.house), lambda: True)
        question = Question(stage="end", login=WEB, client="", recipients=1)
        assert doors.answer(door, question).act == "pass"
        reply = found.say("block", WEB)
        found.carry()
        assert ("nobody" in {row.action for row in reply.rows}) is not asks
        assert doors.answer(door, question).act == ("deny" if asks else "pass")
        found.say("release", WEB, how="honest")
        found.carry()
        assert doors.answer(door, question).act == "pass"
