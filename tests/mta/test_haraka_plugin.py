"""The plugin of docs/mta/haraka.md, run by Node with connections and deliveries as Haraka hands them over."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from textwrap import dedent

import pytest
from tests.mta.syslogged_corpus import self_stamped

from gatepost.mta.base import Record

PAGE = Path(__file__).parents[2] / "docs" / "mta" / "haraka.md"
NODE = shutil.which("node")
UUID = "0BB54D87-255B-4B3C-9F3A-26B185FE8408"
HARNESS = """
const plugin = require(process.argv[2])
const say = (uuid) => (self, text) => console.log(`[NOTICE] [${uuid}] [gatepost] ${text}`)
const nothing = () => {}
const rcpt = (address, more) => ({ address, ...more })
const connection = {
  uuid: UUID, lognotice: say(UUID + '.1'), remote: { ip: '192.0.2.7' }, hello: { host: 'x","user":"victim' },
  tls: { enabled: true }, msg_count: { accept: 0 },
  results: { get: () => ({ user: 'ann@example.org', method: 'PLAIN' }) },
  notes: { authentication_results: ['auth=fail (plain) smtp.auth=ann) smtp.auth=b', 'auth=pass (plain)'] },
  transaction: { notes: {}, data_bytes: 45, mail_from: rcpt(''), header: { get: () => '<1@laptop>\\n' },
    rcpt_to: [rcpt('bob@example.net'), { address: () => '"b c"@example.net' }] },
}
plugin.hook_queue_outbound(nothing, connection)
plugin.hook_queue_ok(nothing, connection)
const todo = { notes: connection.transaction.notes, rcpt_to: connection.transaction.rcpt_to }
const hmail = { lognotice: say(UUID + '.1.1'), todo }
plugin.hook_delivered(nothing, hmail, ['mx', 'ip', 'Ok', 1, 25, 'SMTP', [rcpt('bob@example.net')], true, false])
plugin.hook_deferred(nothing, hmail, { err: 'later', fail_recips: [rcpt('eve@example.net', { dsn_status: '4.2.0' })] })
const refused = [rcpt('joe@example.net', { reason: '550 no' })]
plugin.hook_bounce(nothing, hmail, Object.assign(new Error('no'), { bounced_rcpt: refused }))
plugin.hook_bounce(nothing, hmail, new Error('no such domain'))
const nobodys = { ...hmail, todo: { ...todo, notes: {} } }
plugin.hook_delivered(nothing, nobodys, [0, 0, 'Ok', 1, 25, 'SMTP', [rcpt('x@example.net')]])
plugin.hook_disconnect(nothing, connection)
connection.msg_count.accept = 1
connection.notes = {}
plugin.hook_disconnect(nothing, connection)
"""


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[Record]:
    """What the plugin wrote, read."""
    if NODE is None:
        pytest.skip("Node is not installed")
    folder = tmp_path_factory.mktemp("haraka")
    found = re.search(r"```js\n(.*?)\n *```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    (folder / "gatepost.js").write_text(dedent("   " + found[1].lstrip()), "utf-8")
    (folder / "run.js").write_text(f"const UUID = {json.dumps(UUID)}\n{HARNESS}", "utf-8")
    said = subprocess.run(
        [NODE, "run.js", "./gatepost.js"], cwd=folder, capture_output=True, text=True, timeout=60, check=True
    )
    read = self_stamped("haraka").read
    return [read(line) for line in said.stdout.splitlines()]


def test_the_plugin_says_who_sent_what(records: list[Record]) -> None:
    """A message is the account's that logged in, with its original recipients and the null sender as it was."""
    message = records[0]
    assert (message.kind, message.account, message.client, message.tls) == (
        "submission", "ann@example.org", "192.0.2.7", True
    )  # fmt: skip
    assert (message.queue_id, message.envelope_sender, message.size) == (f"{UUID}.1", "", 45)
    assert message.recipients == ("bob@example.net", '"b c"@example.net')
    assert (message.helo, message.message_id) == ('x","user":"victim', "<1@laptop>")


def test_the_plugin_says_what_became_of_recipients(records: list[Record]) -> None:
    """Each recipient has a line of its own, with the words about it; mail of no account has none."""
    outcomes = [record for record in records if record.kind == "delivery"]
    assert [(each.result, each.address, each.status, each.reply) for each in outcomes] == [
        ("delivered", "bob@example.net", "", "Ok"),
        ("deferred", "eve@example.net", "4.2.0", "later"),
        ("bounced", "joe@example.net", "", "550 no"),
        ("bounced", "bob@example.net", "", "no such domain"),
        ("bounced", '"b c"@example.net', "", "no such domain"),
    ]
    assert {each.queue_id for each in outcomes} == {f"{UUID}.1"}


def test_the_plugin_says_who_logged_in(records: list[Record]) -> None:
    """A login without a message, and each failed one under the name as it was typed; none after a message."""
    logins = [(each.ok, each.account, each.mechanism) for each in records if each.kind == "login"]
    assert logins == [(True, "ann@example.org", "PLAIN"), (False, "ann) smtp.auth=b", "plain")]
