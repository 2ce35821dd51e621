"""What may be wrong with the actions that tell machines and chats."""

from pathlib import Path

import pytest
from tests.act.book import Book, Fixed

from gatepost.act.tidings import Teller
from gatepost.config import assemble, telling
from gatepost.config.load import read
from gatepost.config.mistakes import ConfigErrors
from gatepost.config.tellers import CustomerSettings
from gatepost.core.errors import ConfigError
from gatepost.core.units import Account

HOOK = '[[action]]\nkind = "hook"\nsecret = "key"\n'
CUSTOMER = '[[action]]\nkind = "customer"\nfrom = "postmaster@example.org"\n'
CHAT = '[[action]]\nkind = "chat"\nurl_file = "key"\n'
SIEM = '[[action]]\nkind = "siem"\n'
TO = 'server = "udp:192.0.2.5:514"\n'
URL = 'url = "https://hooks.example.org/in"\n'


@pytest.mark.parametrize(
    ("block", "key", "wrong"),
    [
        (HOOK + 'url = "hooks.example.org"', "action[0].url", "no address of the web"),
        (HOOK + 'url = "http://hooks.example.org"', "action[0].url", "plain = true"),
        (HOOK + URL + 'timeout = "31s"', "action[0].timeout", "no time for one try"),
        (HOOK + URL + 'timeout = "0s"', "action[0].timeout", "no time for one try"),
        (HOOK + URL + 'networks = ["10.0.0.1/8"]', "action[0].networks[0]", "did you mean"),
        (HOOK + URL + 'name = "a b"', "action[0].name", "no name"),
        (HOOK + URL + "on = []", "action[0].on", "empty list"),
        (HOOK + URL + HOOK + URL, "action[1].name", "as action[0] is"),
        (CUSTOMER + 'contact = ""', "action[0].contact", "no line of a letter"),
        (CUSTOMER + 'contact = "x"\non = ["throttle"]', "action[0].on[0]", "hold"),
        (CUSTOMER + 'contact = "x"\nsmtp = "here"', "action[0].smtp", "no server"),
        ('[account.a]\nlanguage = "xx"', "account.a.language", "de"),
        (CHAT + 'name = "a b"', "action[0].name", "no name"),
        (CHAT + CHAT, "action[1].name", "as action[0] is"),
        (SIEM + 'server = "siem.example.org:6514"', "action[0].server", "no address to send lines to"),
        (SIEM + 'server = "unix:dev/log"', "action[0].server", "no address to send lines to"),
        (SIEM + TO + 'authority = "ca.pem"', "action[0].authority", "is for tls alone"),
        (SIEM + 'server = "tls:a.example.org:1"\nkey = "k"', "action[0]", "belong together"),
        (SIEM + TO + 'host = "a b"', "action[0].host", "no name"),
        (SIEM + TO + 'facility = "local8"', "action[0].facility", "local7"),
        (SIEM + TO + SIEM + TO, "action[1].name", "as action[0] is"),
    ],
)
def test_every_mistake_is_told(block: str, key: str, wrong: str) -> None:
    """With its place and what to write."""
    with pytest.raises(ConfigErrors) as caught:
        read(block, "gatepost.toml", Path("/etc"))
    assert [(mistake.key, wrong in f"{mistake.message}; {mistake.remedy}") for mistake in caught.value.mistakes] == [
        (key, True)
    ]


def made(folder: Path, text: str) -> Teller:
    """The action of a block."""
    (action,) = assemble.actions(read(text, "gatepost.toml", folder), Book(), Fixed())
    assert isinstance(action, Teller)
    return action


def test_the_secret_is_a_file_beside_the_configuration_or_a_credential(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without one there is no hook."""
    with pytest.raises(ConfigError, match=r"hook:hooks\.example\.org: the secret cannot be read"):
        made(tmp_path, HOOK + URL)
    (tmp_path / "key").write_text("0123456789abcdef\n")
    (tmp_path / "key").chmod(0o640)
    assert made(tmp_path, HOOK + URL).name == "hook:hooks.example.org"
    text = HOOK.replace("key", "credential:key") + URL + 'name = "panel"\n'
    with pytest.raises(ConfigError, match="no such credential"):
        made(tmp_path, text)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert made(tmp_path, text).name == "hook:panel"
    with pytest.raises(ConfigError, match="no such credential"):
        made(tmp_path, text.replace("credential:key", "credential:../key"))


def test_plain_is_for_those_who_say_so() -> None:
    """This host needs no leave."""
    for line in ('url = "http://hooks.example.org"\nplain = true', 'url = "http://127.0.0.1:8080/"'):
        read(HOOK + line, "gatepost.toml", Path("/etc"))


def test_a_file_of_authorities_that_is_none_is_told(tmp_path: Path) -> None:
    """At its block, when gatepost starts."""
    (tmp_path / "key").write_text("0123456789abcdef\n")
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(ConfigError, match=r"action\[0\]: TLS: .*none.pem"):
        made(tmp_path, HOOK + URL + 'authority = "none.pem"\n')


def test_lines_go_where_the_block_says(tmp_path: Path) -> None:
    """The action is called after it; files of TLS are found beside the configuration, or told when they are none."""
    assert made(tmp_path, SIEM + TO).name == "siem:udp:192.0.2.5:514"
    assert made(tmp_path, SIEM + TO + 'name = "soc"\n').name == "siem:soc"
    with pytest.raises(ConfigError, match=r"TLS: .*ca\.pem: No such file"):
        made(tmp_path, SIEM + 'server = "tls:siem.example.org:6514"\nauthority = "ca.pem"\n')


def test_the_url_of_a_chat_is_a_secret_that_apprise_understands(tmp_path: Path) -> None:
    """It stands in a file, and in no message."""
    pytest.importorskip("apprise", reason="Apprise is not installed: pip install gatepost[chat]")
    (tmp_path / "key").write_text("json://127.0.0.1:9/team\n")
    (tmp_path / "key").chmod(0o640)
    assert made(tmp_path, CHAT).name == "chat:chat"
    (tmp_path / "key").write_text("nothing://token-of-ours\n")
    with pytest.raises(ConfigError, match="no such service") as caught:
        made(tmp_path, CHAT)
    assert "token-of-ours" not in str(caught.value)


OWNERS = """
[accounts]
detail_separator = "+"
[account."Ann@example.org"]
mail = "ann@example.net"
[account."ben@example.org"]
mail = "Ben+private@example.org"
language = "en"
[domain."example.org"]
language = "de"
[account."local/web12@mx1"]
mail = "web12@example.net"
"""


def test_an_owner_has_another_address_and_a_language() -> None:
    """The account's own word goes before its domain's, and that before the action's; a detail is no other address."""
    settings = read(CUSTOMER + 'contact = "x"\n' + OWNERS, "gatepost.toml", Path("/etc"))
    (block,) = settings.action
    assert isinstance(block, CustomerSettings)
    names = ("ann@example.org", "ben@example.org", "local/web12@mx1", "cleo@example.net")
    found = [telling.owner(settings, block, Account(name)) for name in names]
    assert [(one.to, one.language) for one in found] == [
        ("ann@example.net", "de"), ("", "en"), ("web12@example.net", "en"), ("", "en"),
    ]  # fmt: skip


def test_own_texts_are_read_when_gatepost_starts(tmp_path: Path) -> None:
    """What means nothing in them is told then, with the file."""
    (tmp_path / "texts").mkdir()
    block = CUSTOMER + 'contact = "x"\ntemplates = "texts"\n'
    assert made(tmp_path, block).name == "customer:postmaster@example.org"
    (tmp_path / "texts" / "stolen.txt").write_text("Subject: x\n\n$number\n")
    with pytest.raises(ConfigError, match=r"stolen\.txt: .*means nothing"):
        made(tmp_path, block)
