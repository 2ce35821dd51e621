"""Mail of local users: charged to their own subjects, never to a person (contracts 8)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack
from tests.mta.corpus import WRITTEN

from gatepost.core.events import AnyEvent, Delivery, Submission
from gatepost.core.units import account_subject
from gatepost.detect import BUILT_IN
from gatepost.engine import Engine
from gatepost.enrich.network import Networks
from gatepost.enrich.observe import Observer
from gatepost.enrich.senders import Senders
from gatepost.mta import DIALECTS
from gatepost.mta.locals import Locals
from gatepost.mta.message import Saved
from gatepost.mta.thread import Thread
from gatepost.runtime.pipeline import Feed, Pipeline
from gatepost.runtime.totals import MAX_USERS
from gatepost.store.memory import Shelf

ALL = Locals("mx1", ("*", "!root", "!1200"))
A, C = "225C022A268", "225C022A26C"
FILTER = "relay=127.0.0.1[127.0.0.1]:10024, delay=0.4, delays=0.1/0/0.2/0.1"


class Log:
    """One host's log, and the events that came of it."""

    def __init__(self, dialect: str = "exim", locals: Locals | None = ALL) -> None:
        self.events = list[AnyEvent]()
        observer = Observer(Networks(), Senders(("example.org",)))
        self.pipeline = Pipeline(Engine([kind() for kind in BUILT_IN]), observer, Shelf())
        self.pipeline.saw = self.events.append
        self.feed = Feed("log", DIALECTS[dialect](reference=WRITTEN), Thread("mx1", key=b"k"), locals=locals)
        self._offset = 0

    def read(self, *lines: str) -> "Log":
        """Read some lines."""
        self.pipeline.read(self.feed, 0, self._offset, lines)
        self._offset += sum(len(line) + 1 for line in lines)
        return self

    @property
    def sent(self) -> list[tuple[str, int | None]]:
        """Account and recipients of each submission."""
        return [(each.account, each.recipients) for each in self.events if isinstance(each, Submission)]


def exim(fields: str, sender: str = "shop@example.org", queue_id: str = "1wAAAA-0001aB-2c") -> str:
    """A line about a message taken in."""
    return f"2026-03-02 10:00:00 {queue_id} <= {sender} {fields}"


def postfix(server: str, text: str, queue_id: str = A) -> str:
    """A line about a message."""
    return f"Mar  2 10:00:00 mx1 postfix/{server}[{len(server)}]: {queue_id}: {text}"


def test_a_scripts_message_is_its_users() -> None:
    """Arrival, outcome and all are charged to the user on that host, and the sender to nobody."""
    log = Log().read(
        exim("U=web12 P=local S=700 for bob@example.net"),
        "2026-03-02 10:00:01 1wAAAA-0001aB-2c ** bob@example.net R=dnslookup T=remote_smtp: 550 5.1.1 unknown",
    )
    assert log.sent == [("local/web12@mx1", 1)]
    assert [each.account for each in log.events if isinstance(each, Delivery)] == ["local/web12@mx1"]
    assert not log.pipeline.totals.local_users


@pytest.mark.parametrize("locals", [None, Locals("mx1", ("web13", "db*"))])
def test_without_a_word_of_the_operator_nobody_is_charged(locals: Locals | None) -> None:
    """The messages are counted apart, by user."""
    log = Log(locals=locals).read(exim("U=web12 P=local S=700"), exim("U=web12 Ci=7 P=local-esmtp S=700"))
    assert log.sent == []
    assert log.pipeline.totals.local_users == {"web12": 2}


@pytest.mark.parametrize(
    "line",
    [
        exim("U=root P=local S=700"),
        exim("U=mailnull P=local S=700", "<>"),
        exim("R=1wAAAB-0001aB-2c U=mailnull P=local S=700", "<>"),
        exim("U=Web12 P=local S=700"),
        exim("U=web twelve P=local S=700"),
        exim("H=(x) [203.0.113.9] U=web12 P=esmtp S=700"),
        exim("H=localhost [127.0.0.1] U=web12 P=local S=700"),
    ],
)
def test_nobody_else_is_charged(line: str) -> None:
    """Whom the operator leaves out, bounces, names that two users could share, and what a client calls its user."""
    assert Log().read(line).sent == []


PIECES = (*'w2 "\\:@.[]()', "U=root", " U=", " P=", "local", " S=7", " H=", " A=", " for ", "[203.0.113.9]", "id=")
WRITTEN_BY_USERS = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


@given(WRITTEN_BY_USERS, WRITTEN_BY_USERS)
def test_what_a_script_writes_moves_its_mail_to_nobody_else(sender: str, subject: str) -> None:
    """Whatever stands in sender and subject: the message is charged to the user who ran the script, or to nobody."""
    first, second = (text.replace("\\", "\\\\").replace('"', '\\"') for text in (sender, subject))
    log = Log().read(exim(f'U=web12 P=local S=700 T="{second}" for bob@example.net', f'"{first}"@example.org'))
    assert log.sent == [("local/web12@mx1", 1)]


def test_a_subject_that_reads_like_fields_hides_nothing() -> None:
    """The second reading that it allows is not taken: the name ends where no name goes on."""
    line = exim(r'U=web12 P=local S=700 T="a P=local S=5 id=\"b"')
    assert Log().read(line).sent == [("local/web12@mx1", None)]


def test_a_login_that_reads_like_a_local_user_is_not_him() -> None:
    """Whoever logs in under such a name has a page of his own."""
    log = Log().read(
        exim("U=web12 P=local S=700"),
        exim(
            "H=(x) [203.0.113.9] P=esmtpa A=plain:local/web12@mx1 S=700 for a@example.net", queue_id="1wAAAB-0001aB-2c"
        ),
        "2026-03-02 10:00:09 plain authenticator failed for (x) [203.0.113.9]: 535 Incorrect authentication data"
        " (set_id=local/web12@mx1)",
    )
    assert log.sent == [("local/web12@mx1", None), ("login:local/web12@mx1", 1)]
    page = log.pipeline.shelf.peek(account_subject("local/web12@mx1"))  # type: ignore[arg-type]
    assert page is not None and not page.spellings


def test_postfix_counts_the_recipients_of_the_queue_managers_line() -> None:
    """Pickup names the user, the queue manager size and recipients."""
    log = Log("postfix").read(
        postfix("pickup", "uid=33 from=<www-data>"),
        postfix("cleanup", "message-id=<1@mx1>"),
        postfix("qmgr", "from=<www-data@mx1>, size=700, nrcpt=3 (queue active)"),
    )
    assert log.sent == [("local/33@mx1", 3)]
    assert Log("postfix", None).read(postfix("pickup", "uid=33 from=<a>")).pipeline.totals.local_users == {"33": 1}


def test_saving_between_pickup_and_queue_makes_no_difference() -> None:
    """A message on its way into the queue is still its user's after a restart."""
    first, second = Log("postfix"), Log("postfix")
    first.read(postfix("pickup", "uid=33 from=<www-data>"))
    changed, _ = first.feed.thread.save()
    second.feed.thread.load(
        (queue_id, msgpack.decode(msgpack.encode(saved), type=Saved)) for queue_id, saved in changed
    )
    second.read(postfix("qmgr", "from=<www-data@mx1>, size=700, nrcpt=3 (queue active)"))
    assert second.sent == [("local/33@mx1", 3)]


def test_a_filters_copy_of_a_local_message_counts_once() -> None:
    """`queued as` is followed for local users as for accounts, and the filter's own user can be left out."""
    log = Log("postfix").read(
        postfix("pickup", "uid=33 from=<www-data>"),
        postfix("qmgr", "from=<www-data@mx1>, size=700, nrcpt=1 (queue active)"),
        postfix("smtpd", "client=localhost[127.0.0.1]", C),
        postfix("qmgr", "from=<www-data@mx1>, size=900, nrcpt=1 (queue active)", C),
        postfix("smtp", f"to=<b@example.net>, {FILTER}, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {C})"),
        postfix("qmgr", "removed"),
        postfix("smtp", "to=<b@example.net>, relay=x[203.0.113.1]:25, delay=1, delays=0/0/0/1, dsn=5.1.1,"
                " status=bounced (host x[203.0.113.1] said: 550 5.1.1 unknown)", C),
        postfix("pickup", "uid=1200 from=<ann@example.org>"),
        postfix("qmgr", "from=<ann@example.org>, size=900, nrcpt=1 (queue active)"),
    )  # fmt: skip
    assert log.sent == [("local/33@mx1", 1)]
    assert [each.account for each in log.events if isinstance(each, Delivery)] == ["local/33@mx1"]


def test_what_the_operator_puts_through_the_queue_again_is_nobodys() -> None:
    """`postsuper -r` of a message that is not known says nothing about whose it was."""
    requeued = postfix("pickup", f"uid=0 from=<ann@example.org> orig_id={C}")
    log = Log("postfix", Locals("mx1", ("*",))).read(
        requeued, postfix("qmgr", "from=<a>, size=9, nrcpt=1 (queue active)")
    )
    assert log.sent == []


def test_users_counted_apart_are_bounded() -> None:
    """A thousand names; the rest together."""
    log = Log(locals=None).read(*(exim(f"U=u{number} P=local S=1") for number in range(MAX_USERS + 5)))
    assert len(log.pipeline.totals.local_users) == MAX_USERS + 1
    assert log.pipeline.totals.local_users[""] == 5
