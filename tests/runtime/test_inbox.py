"""Reports about mail of ours: what counts, for whom, and that a forger can charge nobody."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.runtime.scene import ANN, BEN, HOME, NIGHT, Counter, Fixed, Machine, World, configured, habits, mail
from tests.wire.mails import arf, dsn, original, recipient

from gatepost.core.errors import StoreError
from gatepost.core.reports import Report
from gatepost.core.units import DAY, account_subject
from gatepost.judge.docket import Change
from gatepost.ledger.page import decode
from gatepost.runtime import inbox
from gatepost.runtime.inbox import Inbox
from gatepost.store import forget, reported
from gatepost.wire import reports

KEEP = '[reports]\nkeep = "7d"\n'
BOB, CARL, DORA = (f"{name}@example.net" for name in ("bob", "carl", "dora"))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A gatepost that remembers what it sent."""
    return Machine(configured(tmp_path, more=KEEP), Fixed(), [Counter(World())])


def send(machine: Machine, account: str = BEN, to: Sequence[str] = (BOB, CARL), until: int = 99, **more: str) -> str:
    """One message; returns its queue id."""
    lines = [line.replace(" A=", f" {more.pop('say', '')}A=") for line in mail(NIGHT, account, HOME[BEN], to)]
    if "message_id" in more:
        lines = [line.replace(" for ", f" id={more['message_id']} for ") for line in lines]
        lines = [line.replace(f" id={line.split()[2]}@desk.example.net", "") for line in lines]
    if "sender" in more:
        lines = [line.replace(f"<= {account}", f"<= {more['sender']}") for line in lines]
    machine.read(lines[:until])
    return lines[0].split()[2]


def about(queue_id: str, message_id: str = "", host: str = "mx1.example.org") -> str:
    """The header of a message of ours."""
    found = original(queue_id, message_id or f"<{queue_id}@desk.example.net>")
    return found.replace("mx1.example.org", host)


def hear(machine: Machine, report: bytes) -> list[str]:
    """What becomes of each recipient of a report."""
    found = reports.read(report)
    assert isinstance(found, Report)
    return [heard.became for heard in Inbox(machine.house).take(found)[0]]


def counted(machine: Machine, account: str, signal: str) -> int:
    """How much of a signal is on an account's page."""
    page = machine.house.pipeline.shelf.page(account_subject(account))  # type: ignore[arg-type]
    rings = [ring for name, ring in page.rings.kept().items() if signal in name]
    return max((sum(ring[2:]) for ring in rings), default=0)


def test_a_late_failure_is_its_accounts(machine: Machine) -> None:
    """Delivered at first, refused later: the failure counts once, with its cause."""
    queue_id = send(machine)
    report = dsn(recipient(BOB), about=about(queue_id))
    assert hear(machine, report) == [inbox.COUNTED]
    assert hear(machine, report) == [inbox.AGAIN]
    assert counted(machine, BEN, "delivery.failed.invalid_recipient") == 1


def test_the_message_is_found_by_its_id_alone(machine: Machine) -> None:
    """Where the report brings back no Received field of ours, its Message-ID will do."""
    queue_id = send(machine)
    stated = f"Message-ID: <{queue_id}@desk.example.net>\n"
    assert hear(machine, dsn(recipient(BOB), about=stated)) == [inbox.COUNTED]


def test_the_message_is_found_by_its_queue_id_alone(machine: Machine) -> None:
    """Where the report has lost the Message-ID, our own Received field will do; another host's with the same id not."""
    queue_id = send(machine)
    bare = about(queue_id).replace("Message-ID", "X-Was")
    assert hear(machine, dsn(recipient(BOB), about=bare.replace("by mx1.", "by other."))) == [inbox.UNKNOWN]
    assert hear(machine, dsn(recipient(BOB), about=bare)) == [inbox.COUNTED]


def test_the_message_is_found_by_its_verp_sender(machine: Machine) -> None:
    """A sender that holds the recipient is one message's alone."""
    send(machine, to=[BOB], sender="news+bob=example.net@example.org")
    nothing = "Subject: x\n"
    assert hear(machine, dsn(recipient(BOB), about=nothing, to="ben@example.org")) == [inbox.UNKNOWN]
    assert hear(machine, dsn(recipient(BOB), about=nothing, to="news+bob=example.net@example.org")) == [inbox.COUNTED]


def test_mail_under_way_is_known(machine: Machine) -> None:
    """A recipient that was delivered is known before its message is complete, and after a restart."""
    queue_id = send(machine, until=2)
    assert hear(machine, dsn(recipient(BOB), about=about(queue_id))) == [inbox.COUNTED]
    machine.house.settle()
    machine.close()
    again = Machine(machine.settings, machine.clock, [])
    assert hear(again, dsn(recipient(BOB), about=about(queue_id))) == [inbox.AGAIN]
    assert counted(again, BEN, "delivery.failed.invalid_recipient") == 1


def test_a_complaint_counts_once_for_each_who_complains(machine: Machine) -> None:
    """Named complainers once each; all who are not named are one."""
    queue_id = send(machine)
    for who, became in ((BOB, inbox.COUNTED), (BOB, inbox.AGAIN), ("", inbox.COUNTED), ("", inbox.AGAIN)):
        assert hear(machine, arf(about(queue_id), who=who)) == [became]
    assert hear(machine, arf(about(queue_id), who="stranger@example.net")) == [inbox.AGAIN]
    assert [event.result for event in reported.of_account(machine.store, BEN)[1]] == ["complained"] * 2


# What a stranger may write


def test_ids_that_we_never_logged_charge_nobody(machine: Machine) -> None:
    """A made-up id, or another host's."""
    send(machine)
    assert hear(machine, dsn(about=about("1aaaaa-000001-00"))) == [inbox.UNKNOWN]
    assert hear(machine, arf(about("1aaaaa-000001-00"))) == [inbox.UNKNOWN]


def test_nobody_can_say_that_others_do_not_exist(machine: Machine) -> None:
    """Who got a message knows its ids; about recipients it did not go to he can say nothing."""
    queue_id = send(machine)
    forged = dsn(*(recipient(f"victim{n}@example.net") for n in range(40)), about=about(queue_id))
    assert hear(machine, forged) == [inbox.NOT_TO] * 40
    assert counted(machine, BEN, "delivery.failed.invalid_recipient") == 0


def test_what_was_passed_on_is_the_only_recipients(machine: Machine) -> None:
    """A forward fails under an address that we never wrote to: it is the recipient's, when there is but one."""
    queue_id = send(machine, to=[BOB])
    assert hear(machine, dsn(recipient("passed@example.com"), about=about(queue_id))) == [inbox.COUNTED]
    assert hear(machine, dsn(recipient("other@example.com"), about=about(queue_id))) == [inbox.AGAIN]
    assert [event.address for event in reported.of_account(machine.store, BEN)[1]] == [""], "he never wrote to it"
    named = recipient("passed@example.com", more=f"Original-Recipient: rfc822; {DORA}\n")
    queue_id = send(machine, to=[CARL, DORA])
    assert hear(machine, dsn(named, about=about(queue_id))) == [inbox.COUNTED]


def test_a_copied_message_id_charges_nobody(machine: Machine) -> None:
    """A thief who gives his mail the Message-ID of an innocent's cannot have her charged for it."""
    hers = send(machine, ANN, message_id="same@example.org")
    his = send(machine, BEN, message_id="same@example.org")
    stated = "Message-ID: <same@example.org>\n"
    assert hear(machine, arf(stated)) == [inbox.DOUBTFUL]
    assert hear(machine, arf(about(his, "<same@example.org>"))) == [inbox.COUNTED]
    assert [len(reported.of_account(machine.store, account)[1]) for account in (ANN, BEN)] == [0, 1]
    assert hear(machine, arf(about(hers, "<another@example.org>"))) == [inbox.UNKNOWN]


def test_one_network_is_heard_a_few_times_a_day(machine: Machine) -> None:
    """A recipient of much mail can say little about its sender; others are heard as before, he tomorrow again."""
    ids = [send(machine) for _ in range(23)]
    became = [
        hear(machine, dsn(recipient(BOB), about=about(id_), client=f"203.0.113.{n}")) for n, id_ in enumerate(ids)
    ]
    assert became == [[inbox.COUNTED]] * 20 + [[inbox.MANY]] * 3
    assert hear(machine, dsn(recipient(BOB), about=about(ids[-1]), client="198.51.100.7")) == [inbox.COUNTED]
    machine.clock.at += DAY + 1
    assert hear(machine, dsn(recipient(BOB), about=about(ids[-2]), client="203.0.113.5")) == [inbox.COUNTED]


def test_our_own_reports_say_nothing_new(machine: Machine) -> None:
    """What our own server bounced stood in its log."""
    queue_id = send(machine)
    assert hear(machine, dsn(recipient(BOB), about=about(queue_id), client="")) == [inbox.OURS]
    assert hear(machine, dsn(recipient(BOB), about=about(queue_id), by="mx1")) == [inbox.OURS]


def test_old_mail_is_forgotten(machine: Machine) -> None:
    """After `keep` no report is joined to it, and its ids are deleted."""
    queue_id = send(machine)
    machine.clock.at += 8 * DAY
    assert hear(machine, dsn(recipient(BOB), about=about(queue_id))) == [inbox.UNKNOWN]
    assert forget.sent(machine.store, machine.clock.now() - 7 * DAY) == 1


def test_forged_reports_never_raise_a_level(machine: Machine) -> None:
    """A stranger whom an honest account wrote to all day, and who denounces every mail: a warning at most."""
    machine.read(habits((BEN,)))
    ids = [send(machine, to=[BOB]) for _ in range(40)]
    changes: list[Change] = []
    for number, queue_id in enumerate(ids):
        for report in (dsn(recipient(BOB), about=about(queue_id), client=f"203.0.{number}.1"), arf(about(queue_id))):
            found = reports.read(report)
            assert isinstance(found, Report)
            changes += Inbox(machine.house).take(found)[1]
    assert {change.level.word for change in changes} <= {"watch"}
    assert machine.incidents() == []


# What is kept


def test_a_crash_counts_a_report_once(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written down, then killed before it was recorded: the next start records it, and only once."""
    queue_id = send(machine)
    with monkeypatch.context() as patch:
        patch.setattr(machine.house, "settle", lambda *_: (_ for _ in ()).throw(StoreError("full")))
        with pytest.raises(StoreError):
            hear(machine, dsn(recipient(BOB), about=about(queue_id)))
    machine.close()
    again = Machine(machine.settings, machine.clock, [])
    for _ in range(2):
        Inbox(again.house).catch_up()
    assert counted(again, BEN, "delivery.failed.invalid_recipient") == 1
    assert hear(again, dsn(recipient(BOB), about=about(queue_id))) == [inbox.AGAIN]


def test_only_hashes_of_ids_and_recipients_are_kept(machine: Machine) -> None:
    """Nothing of a message that has left can be read in the state, but whose it was and where from."""
    send(machine, sender="news+bob=example.net@example.org")
    rows = str(machine.store.run("SELECT * FROM sent").fetchall())
    assert BEN in rows and BOB not in rows and "bob=" not in rows and "desk.example.net>" not in rows
    page = decode(machine.store.load(account_subject(BEN)) or b"")
    assert BOB not in str(page)


def test_nothing_is_kept_unless_it_is_wanted(tmp_path: Path) -> None:
    """Without [reports] keep no message is remembered; a new configuration begins and ends it."""
    machine = Machine(configured(tmp_path), Fixed(), [])
    send(machine)
    assert machine.store.run("SELECT count(*) FROM sent").fetchone() == (0,)
    machine.house.turn_to(machine.house.prepare(configured(tmp_path, more=KEEP)))
    machine.carrier.renew()
    send(machine)
    assert machine.store.run("SELECT count(*) FROM sent").fetchone() == (1,)


def test_an_account_is_forgotten_with_its_reports(machine: Machine) -> None:
    """Forgetting an account deletes what it sent and what was said about it."""
    queue_id = send(machine)
    hear(machine, dsn(recipient(BOB), about=about(queue_id)))
    with machine.store.transaction():
        forget.account(machine.store, BEN)
    assert reported.of_account(machine.store, BEN) == ([], [])
