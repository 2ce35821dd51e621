"""A complaint on its way: a real Postfix takes it, delivers it to a running gatepost, and writes down what it said."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.live.dovecot import Dovecot
from tests.live.ports import free_port, until
from tests.live.postfix import Cuts, MailProgram, Postfix, send
from tests.live.scene import Watch
from tests.live.world import World
from tests.wire.mails import arf

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]

FEEDBACK = "feedback@example.test"
SENDER, VICTIM = "u77@example.test", "victim77@prey.example.net"


@pytest.fixture
def port() -> int:
    """Where gatepost takes mail."""
    return free_port()


@pytest.fixture
def delivering(postfixes: Callable[..., Postfix], dovecot: Dovecot, port: int) -> Postfix:
    """A Postfix that delivers one address by LMTP, as docs/commands/ingest.md says."""
    page = (Path(__file__).parents[2] / "docs/commands/ingest.md").read_text()
    (place,) = re.findall(r"(?m)^    feedback@example\.org +(lmtp:\S+)$", page)
    place = place.replace("2424", str(port))
    main = f"transport_maps = inline:{{ {{ {FEEDBACK} = {place} }} }}\n"
    return postfixes(dovecot, Cuts(main, master="lmtp unix - - n - - lmtp\n"))


@pytest.fixture
def watch(delivering: Postfix, folders: Callable[[], Path], port: int) -> Iterator[Watch]:
    """A gatepost that reads its log and takes reports."""
    folder = folders()
    config = folder / "gatepost.toml"
    config.write_text(
        f'[domains]\nlocal = ["example.test"]\n[reports]\nkeep = "7d"\nlmtp = "inet:127.0.0.1:{port}"\n'
        f'[[source]]\nkind = "tail"\nname = "mx1"\npath = "{delivering.maillog}"\nzone = "UTC"\n'
    )
    watch = Watch(folder, config)
    watch.start()
    yield watch
    watch.stop()


def test_a_complaint_is_delivered_and_counted(delivering: Postfix, watch: Watch, sink: World) -> None:
    """Counted once; while gatepost is away the mail waits in Postfix's queue, and it is given when it is back."""
    send(delivering.port, SENDER, [VICTIM])
    sent = sink.await_mail(VICTIM)
    about = "".join(f"{name}: {value}\n" for name, value in sent["headers"])
    report = arf(about, who=VICTIM)
    until(lambda: f"to=<{VICTIM}>" in delivering.log(), "the log says it")

    def complain(client: str) -> None:
        with MailProgram(delivering.port, client) as program:
            program.sendmail("", [FEEDBACK], report.partition(b"From:")[1] + report.partition(b"From:")[2])

    complain("198.51.100.9")
    until(lambda: "status=sent (250 2.0.0 1 counted)" in delivering.log(), f"it counts: {delivering.log()}")
    watch.stop()
    complain("198.51.100.10")
    until(lambda: "status=deferred" in delivering.log(), "it waits")
    watch.start()
    delivering.run("postqueue", "-f")
    until(lambda: "status=sent (250 2.0.0 0 counted; counted before)" in delivering.log(), "it is given later")
    assert "status=bounced" not in delivering.log()
