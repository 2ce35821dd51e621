"""A complaint on its way: a real mail server takes it, gives it to a running gatepost, and logs what that said."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.live import client
from tests.live.dovecot import Dovecot
from tests.live.exim import Exim, Rules
from tests.live.ports import free_port, until
from tests.live.postfix import Cuts, MailProgram, Postfix, send
from tests.live.scene import Watch
from tests.live.world import World
from tests.wire.mails import arf

pytestmark = pytest.mark.live

PAGE = (Path(__file__).parents[2] / "docs/commands/ingest.md").read_text()
FEEDBACK = "feedback@example.test"
SENDER = "u77@example.test"
VICTIM, OTHER = "victim77@prey.example.net", "victim78@prey.example.net"


@pytest.fixture
def port() -> int:
    """Where gatepost takes mail."""
    return free_port()


@pytest.fixture
def delivering(postfixes: Callable[..., Postfix], dovecot: Dovecot, port: int) -> Postfix:
    """A Postfix that delivers one address by LMTP, as docs/commands/ingest.md says."""
    (place,) = re.findall(r"(?m)^    feedback@example\.org +(lmtp:\S+)$", PAGE)
    place = place.replace("2424", str(port))
    main = f"transport_maps = inline:{{ {{ {FEEDBACK} = {place} }} }}\n"
    return postfixes(dovecot, Cuts(main, master="lmtp unix - - n - - lmtp\n"))


def taking(folder: Path, log: Path, port: int) -> Watch:
    """A gatepost that reads a log and takes reports at a port; it does not run yet."""
    config = folder / "gatepost.toml"
    config.write_text(
        f'[domains]\nlocal = ["example.test"]\n[reports]\nkeep = "7d"\nlmtp = "inet:127.0.0.1:{port}"\n'
        f'[[source]]\nkind = "tail"\nname = "mx1"\npath = "{log}"\nzone = "UTC"\n'
    )
    return Watch(folder, config)


def complaint(sent: dict[str, Any], who: str) -> bytes:
    """What a provider's feedback loop sends about a message that it got."""
    found = arf("".join(f"{name}: {value}\n" for name, value in sent["headers"]), who=who)
    return b"From:" + found.partition(b"\nFrom:")[2]


@pytest.fixture
def watch(delivering: Postfix, folders: Callable[[], Path], port: int) -> Iterator[Watch]:
    """A gatepost that reads its log and takes reports."""
    watch = taking(folders(), delivering.maillog, port)
    watch.start()
    yield watch
    watch.stop()


def test_a_complaint_is_delivered_and_counted(delivering: Postfix, watch: Watch, sink: World) -> None:
    """Counted once; while gatepost is away the mail waits in Postfix's queue, and it is given when it is back."""
    send(delivering.port, SENDER, [VICTIM])
    report = complaint(sink.await_mail(VICTIM), VICTIM)
    until(lambda: f"to=<{VICTIM}>" in delivering.log(), "the log says it")

    def complain(client: str) -> None:
        with MailProgram(delivering.port, client) as program:
            program.sendmail("", [FEEDBACK], report)

    complain("198.51.100.9")
    until(lambda: "status=sent (250 2.0.0 1 counted)" in delivering.log(), f"it counts: {delivering.log()}")
    watch.stop()
    complain("198.51.100.10")
    until(lambda: "status=deferred" in delivering.log(), "it waits")
    watch.start()
    delivering.run("postqueue", "-f")
    until(lambda: "status=sent (250 2.0.0 0 counted; counted before)" in delivering.log(), "it is given later")
    assert "status=bounced" not in delivering.log()


def test_exim_delivers_it_as_the_page_says(
    exims: Callable[..., Exim], folders: Callable[[], Path], sink: World, port: int
) -> None:
    """With the router and the transport of docs/commands/ingest.md."""
    router, transport = re.findall(r"(?m)^    gatepost_\w+:\n(?:      .*\n)+", PAGE)
    router = router.replace("example.org", "example.test")
    exim = exims(Rules(routers=router, transport=transport.replace("2424", str(port))))
    client.send(exim.port, SENDER, [OTHER])
    report = complaint(sink.await_mail(OTHER), OTHER)
    until(lambda: f"=> {OTHER}" in exim.log(), "the log says it")
    watch = taking(folders(), exim.mainlog, port)
    watch.start()
    try:
        program = client.MailProgram(exim.port, "198.51.100.9")
        program.sendmail("", [FEEDBACK], report)
        program.close()
        until(lambda: 'C="250 2.0.0 1 counted"' in exim.log(), f"it counts: {exim.log()}")
    finally:
        watch.stop()
