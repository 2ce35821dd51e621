"""postfixqueue.py: an account's mail is put on hold, by the log's word or the envelope's, and nobody else's."""

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.act.book import NOON, Book, Fixed, incident, order, target
from tests.act.carrier import Carrier

from gatepost.act.postfixqueue import Commands, Logged, PostfixQueue
from gatepost.act.queue import Keep, deleted
from gatepost.core.errors import ActionError
from gatepost.core.units import Account, Instant, fold_account

ANN, BEN = "ann@example.org", "ben@example.org"
HOME, STRANGE = "192.0.2.7", "198.51.100.9"
ORDER = order(incident())
TARGET = replace(target(incident(), ANN), habits=("home",))

PROGRAM = """\
import json, sys
place, what, words = sys.argv[1], sys.argv[2], sys.argv[3:]
with open(place) as file:
    state = json.load(file)
queue = state["queue"]
state["calls"].append([what, *words])
code = 0
if what == "postqueue" and words == ["-j"]:
    for name, one in queue.items():
        people = [{"address": "bob@example.net", "delay_reason": "later"}] * one["recipients"]
        said = {"queue_name": one["place"], "queue_id": name, "arrival_time": one["at"], "message_size": 3}
        print(json.dumps(said | {"sender": one["sender"], "recipients": people}))
elif what == "postqueue":
    queue.pop(words[1], None)
elif what == "postcat":
    for name in words[2:]:
        if state["refuse"] == "postcat":
            sys.stderr.write(f"postcat: fatal: open queue file {name}: Permission denied\\n")
            code = 1
            break
        if name not in queue:
            sys.stderr.write(f"postcat: fatal: open queue file {name}: No such file or directory\\n")
            code = 1
            break
        one = queue[name]
        print(f"*** ENVELOPE RECORDS {one['place']}/{name} ***")
        for login in one["logins"]:
            print(f"named_attribute: sasl_username={login}")
        print(f"sender: {one['sender']}")
        print(f"named_attribute: client_address={one['client']}")
        print("original_recipient: named_attribute: sasl_username=ann@example.org")
        print("named_attribute: sasl_username=ann@example.org")
        print(f"*** MESSAGE CONTENTS {one['place']}/{name} ***")
        print(f"*** MESSAGE FILE END {one['place']}/{name} ***")
        if state["swap"] == name:
            one["logins"], state["swap"] = ["ben@example.org"], ""
elif what == "postsuper":
    if state["refuse"]:
        sys.exit("postsuper: fatal: use of this command is reserved for the superuser")
    assert words in (["-h", "-"], ["-H", "-"], ["-d", "-", "hold"]), words
    for name in sys.stdin.read().split():
        one = queue.get(name)
        if one and words[0] == "-h":
            one["place"] = "hold"
        elif one and words[0] == "-H" and one["place"] == "hold":
            one["place"] = "deferred"
        elif one and words[0] == "-d" and one["place"] == "hold":
            del queue[name]
with open(place, "w") as file:
    json.dump(state, file)
sys.exit(code)
"""


@dataclass
class MadePostfix:
    """A queue in a file, and one program in the place of Postfix's three."""

    folder: Path

    def __post_init__(self) -> None:
        """An empty queue."""
        (self.folder / "postfix.py").write_text(PROGRAM)
        self.write({"queue": {}, "calls": [], "refuse": False, "swap": ""})
        self.log: dict[str, Logged] = {}

    def read(self) -> dict[str, object]:
        """All of it."""
        return dict(json.loads((self.folder / "state").read_text()))

    def write(self, state: dict[str, object]) -> None:
        """The same."""
        (self.folder / "state").write_text(json.dumps(state))

    def tell(self, **words: object) -> None:
        """Let the program refuse, or give an id to another message once it was looked at."""
        self.write(self.read() | words)

    def put(
        self, name: str, *logins: str, place: str = "deferred", client: str = HOME, at: float = NOON - 60,
        sender: str = ANN,
    ) -> str:  # fmt: skip
        """One message; its id."""
        state = self.read()
        one = {"logins": logins, "place": place, "client": client, "at": int(at), "sender": sender, "recipients": 2}
        state["queue"][name] = one  # type: ignore[index]
        self.write(state)
        return name

    def held(self) -> set[str]:
        """Ids on hold."""
        return {name for name, one in self.queue().items() if one["place"] == "hold"}

    def queue(self) -> dict[str, dict[str, object]]:
        """The messages."""
        return dict(self.read()["queue"])  # type: ignore[call-overload, no-any-return]

    def calls(self, what: str) -> list[list[str]]:
        """What one program was called with."""
        return [words[1:] for words in self.read()["calls"] if words[0] == what]  # type: ignore[attr-defined]

    @property
    def seen(self) -> PostfixQueue:
        """As gatepost sees it."""
        first = (sys.executable, "-I", "-S", str(self.folder / "postfix.py"), str(self.folder / "state"))
        commands = Commands((*first, "postqueue"), (*first, "postsuper"), (*first, "postcat"))
        return PostfixQueue(commands, lambda login: fold_account(login, "example.org"), self.log.get)


@pytest.fixture
def made(tmp_path: Path) -> MadePostfix:
    """An empty queue."""
    return MadePostfix(tmp_path)


def stop(made: MadePostfix, book: Book | None = None) -> Carrier:
    """Keep Ann's mail."""
    book = book or Book()
    places = {HOME: "home"}
    action = Keep(
        book, Fixed(), made.seen, on=frozenset({"blocked"}), fold=lambda login: fold_account(login, "example.org"),
        place=lambda client: places.get(client, "elsewhere"),
    )  # fmt: skip
    carrier = Carrier(action, book)
    asyncio.run(carrier.ensure(ORDER, TARGET))
    return carrier


def test_the_accounts_mail_is_held_and_nobody_elses(made: MadePostfix) -> None:
    """Every spelling, in every queue, short and long ids; forged attributes, two logins and no login are nobody's."""
    mine = {
        made.put("A1B2C3D4E", ANN), made.put("A1B2C3D4F", "ANN", place="active"),
        made.put("4bXyZ12345z1AbC", "Ann@Example.org", place="incoming", sender="x@shop.example"),
    }  # fmt: skip
    made.put("B1B2C3D4E", BEN, sender=ANN)
    made.put("B1B2C3D4F", sender=ANN)
    made.put("B1B2C3D50", ANN, BEN)
    stop(made)
    assert made.held() == mine


def test_the_log_spares_looking_into_messages(made: MadePostfix) -> None:
    """What the log knows of the same message is believed; an old word about a used-up id is not."""
    for number in range(3):
        made.put(f"4bXyZ1234{number}z1AbC", ANN if number else BEN)
        made.log[f"4bXyZ1234{number}z1AbC"] = Logged(Account(ANN if number else BEN), Instant(NOON - 59.3), HOME, ANN)
    made.put("4bXyZ12349z1AbC", BEN)
    made.log["4bXyZ12349z1AbC"] = Logged(Account(ANN), Instant(NOON - 3600), HOME, ANN)
    made.put("4bXyZ12348z1AbC", BEN, sender="ben@shop.example")
    made.log["4bXyZ12348z1AbC"] = Logged(Account(ANN), Instant(NOON - 60), HOME, ANN)
    stop(made)
    assert made.held() == {"4bXyZ12341z1AbC", "4bXyZ12342z1AbC"}
    assert {name for call in made.calls("postcat") for name in call[2:]} == {"4bXyZ12349z1AbC", "4bXyZ12348z1AbC"}


def test_a_short_id_that_was_given_to_another_message_is_left_alone(made: MadePostfix) -> None:
    """Between being read and being held a short id may be used again: it is looked at once more."""
    made.put("A1B2C3D4E", ANN)
    made.put("A1B2C3D4F", ANN)
    made.tell(swap="A1B2C3D4E")
    with pytest.raises(ActionError, match="A1B2C3D4E"):
        stop(made)
    assert made.held() == {"A1B2C3D4F"}


def test_messages_that_leave_meanwhile_do_not_hide_others(made: MadePostfix) -> None:
    """postcat ends at the first message that has left; the others are asked about all the same."""
    names = [f"A1B2C3D{number:02X}" for number in range(8)]
    for name in names:
        made.put(name, ANN)
    seen = made.seen

    async def ask() -> set[str]:
        gone = made.read()
        for name in names[2:8:3]:
            del gone["queue"][name]  # type: ignore[attr-defined]
        made.write(gone)
        return {one.queue_id for one in (await seen._ask(names)).values()}

    assert asyncio.run(ask()) == {names[number] for number in (0, 1, 3, 4, 6, 7)}


def test_a_release_sends_the_honest_part_and_nothing_else(made: MadePostfix) -> None:
    """From a habit and before the incident: taken off hold and delivered; the rest stays, so does what others held."""
    goes = made.put("A1B2C3D4E", ANN)
    rest = {made.put("A1B2C3D4F", ANN, client=STRANGE), made.put("A1B2C3D50", ANN, at=NOON + 5)}
    others = made.put("A1B2C3D51", ANN, place="hold")
    carrier = stop(made)
    assert made.held() == {goes, *rest, others}
    (note,) = asyncio.run(carrier.release(ANN))
    assert note.startswith("1 message let go; 2 messages kept") and made.held() == {*rest, others}
    assert goes not in made.queue() and ["-i", goes] in made.calls("postqueue")


def test_only_what_is_on_hold_is_deleted_and_nothing_is_requeued(made: MadePostfix) -> None:
    """postsuper -d is told to look into the hold queue alone; -r is never called."""
    held, free = made.put("A1B2C3D4E", ANN, place="hold"), made.put("A1B2C3D4F", ANN)
    seen = made.seen

    async def both() -> None:
        mail = await seen.of(lambda login: login == ANN)
        assert [one.id for one in await deleted(seen, mail)] == [free]

    asyncio.run(both())
    assert held not in made.queue() and free in made.queue()
    assert made.calls("postsuper") == [["-d", "-", "hold"]]


def test_without_permission_the_operator_is_told(made: MadePostfix) -> None:
    """What Postfix says is in the message, with the remedy."""
    made.put("A1B2C3D4E", ANN)
    made.tell(refuse=True)
    with pytest.raises(ActionError, match=r"reserved for the superuser; let gatepost call it through sudo") as caught:
        stop(made)
    assert caught.value.retry


def test_a_message_that_may_not_be_looked_at_has_not_left(made: MadePostfix) -> None:
    """Without the right to read the queue nothing is kept silently: the operator is told."""
    made.put("A1B2C3D4E", ANN)
    made.tell(refuse="postcat")
    with pytest.raises(ActionError, match="Permission denied"):
        stop(made)
