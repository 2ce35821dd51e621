"""Sessions of a stopped account on a real Dovecot: they end; reading goes on when sending alone is shut."""

import imaplib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.live.client import PASSWORD
from tests.live.dovecot import Dovecot, open_mailbox
from tests.live.page import denied
from tests.live.ports import free_port
from tests.live.scene import FRIEND, THIEF, Watch

pytestmark = pytest.mark.live

KEY = "sesame-sesame-sesame"
API = """
doveadm_api_key = {key}
auth_cache_size = 1M
auth_cache_ttl = 1 hour
auth_cache_negative_ttl = 1 hour
service doveadm {{
  inet_listener http {{
    address = 127.0.0.1
    port = {port}
  }}
}}
"""


@dataclass(frozen=True)
class Scene:
    """A Dovecot that caches passwords, and a gatepost beside it."""

    dovecot: Dovecot
    watch: Watch


@pytest.fixture(params=["program", "api"])
def scene(
    request: pytest.FixtureRequest,
    tree: Path,
    folders: Callable[[], Path],
    dovecots: Callable[..., Dovecot],
    tmp_path: Path,
) -> Iterator[Scene]:
    """Told by doveadm, and over HTTP."""
    tables, port = folders(), free_port()
    dovecot = dovecots(denied(tables / "shut"), more=API.format(key=KEY, port=port))
    key = tmp_path / "key"
    key.write_text(KEY)
    key.chmod(0o600)
    command = json.dumps([f"{tree}/outside/doveadm", "-c", str(dovecot.config)])
    told = {"program": f"doveadm = {command}", "api": f'url = "http://127.0.0.1:{port}/doveadm/v1"\nkey = "{key}"'}
    config = tmp_path / "gatepost.toml"
    config.write_text(
        f'mode = "enforce"\n[start]\nobserve_for = "0s"\n[domains]\nlocal = ["example.test"]\n'
        f'[[source]]\nkind = "tail"\nname = "imap1"\npath = "{dovecot.logfile}"\nzone = "UTC"\n'
        f'[[action]]\nkind = "sessions"\n{told[request.param]}\n'
        f'[[action]]\nkind = "table"\nformat = "passwd-file"\npath = "{tables}/shut"\nmode = "0644"\n'
        f'services = ["submission", "sieve"]\n'
    )
    watch = Watch(tmp_path, config)
    watch.start()
    yield Scene(dovecot, watch)
    watch.stop()


def said(done: object) -> str:
    """What a command told of the sessions."""
    rows = json.loads(done.stdout)["orders"]  # type: ignore[attr-defined]
    return next(f"{row['state']}: {row['note']}" for row in rows if row["action"].startswith("sessions"))


def test_sessions_end_and_reading_goes_on(scene: Scene) -> None:
    """The thief's session ends and the friend's does not; he may read again, not send; after a release he sends."""
    dovecot, watch = scene.dovecot, scene.watch
    assert dovecot.let_in([(THIEF, "submission"), (THIEF, "submission")]) == [True, True]
    thief, friend = open_mailbox(dovecot.imap, THIEF), open_mailbox(dovecot.imap, FRIEND)
    assert thief.noop()[0] == "OK"
    done = watch.run("block", THIEF, "--reason", "test", "--format", "json")
    assert said(done).startswith("done: sessions ended: 1"), done.stdout + done.stderr
    with pytest.raises((imaplib.IMAP4.abort, OSError)):
        thief.noop()
    assert friend.noop()[0] == "OK"
    again = open_mailbox(dovecot.imap, THIEF)
    assert again.noop()[0] == "OK"
    assert not dovecot.may_log_in(THIEF, "submission", PASSWORD)
    assert dovecot.let_in([(THIEF, "submission"), (THIEF, "imap")]) == [False, True]
    done = watch.run("release", THIEF, "--password-changed", "--format", "json")
    assert said(done).startswith("undone: ended sessions stay ended"), done.stdout + done.stderr
    assert again.noop()[0] == "OK" and friend.noop()[0] == "OK"
    assert dovecot.let_in([(THIEF, "submission")]) == [True]


def test_nobody_there_is_success(scene: Scene) -> None:
    """An account without a session is done at once."""
    done = scene.watch.run("block", THIEF, "--reason", "test", "--format", "json")
    assert said(done) == "done: no session was open", done.stdout
