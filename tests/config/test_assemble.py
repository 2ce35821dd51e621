"""Settings to a running house."""

from pathlib import Path

import pytest
from tests.act.book import Book, Fixed

from gatepost.act.notify import Notify
from gatepost.act.table import Table
from gatepost.config import assemble
from gatepost.config.load import load
from gatepost.config.settings import Data, Domains, Settings
from gatepost.core.errors import ConfigError

TOLD = '{"local": ["example.org"], "own_ips": ["192.0.2.1"], "senders": {"ann@example.org": ["shop.example"]}}'


def test_actions_are_made_as_configured(tmp_path: Path) -> None:
    """Names, levels and the order of the file."""
    (tmp_path / "gatepost.toml").write_text(
        '[[source]]\nkind = "tail"\nname = "mx1"\npath = "mainlog"\n'
        '[[action]]\nkind = "table"\npath = "deny"\non = ["hold", "block"]\n'
        '[[action]]\nkind = "notify"\nto = ["abuse@example.test"]\nfrom = "gatepost@example.org"\n'
    )
    settings = load(tmp_path / "gatepost.toml")
    table, notify = assemble.actions(settings, Book(), Fixed())
    assert isinstance(table, Table) and isinstance(notify, Notify)
    assert table.ensures == {"held", "blocked"} and table.path == tmp_path / "deny"
    assert notify.name == "notify:abuse@example.test"


TWICE = {
    "notify": 'from = "g@example.org"\nto = ["a@example.org"]\nsmtp = "127.0.0.1:{n}25"',
    "queue": 'server = "postfix"\npostcat = ["postcat{n}"]',
}


@pytest.mark.parametrize("kind", TWICE)
def test_two_actions_of_one_name_are_a_mistake(tmp_path: Path, kind: str) -> None:
    """The second would take the place of the first without a word."""
    file = tmp_path / "gatepost.toml"
    file.write_text("".join(f'[[action]]\nkind = "{kind}"\n{TWICE[kind].format(n=n)}\n' for n in (1, 2)))
    with pytest.raises(ConfigError, match=r"and so is action\[0\]: give each a name, or make one block of them"):
        list(assemble.actions(load(file), Book(), Fixed()))


def test_what_domains_says_reaches_the_look_ups(tmp_path: Path) -> None:
    """Own addresses are no place, foreign senders that are allowed are permitted."""
    file = tmp_path / "told.json"
    file.write_text(TOLD)
    observer = assemble.observer(Settings(data=Data(asn="none")), assemble.told(str(file)))
    origin = observer.networks.origin("192.0.2.1")
    assert origin is not None and origin.kind == "own"
    assert observer.senders.facts("ann@example.org", "x@shop.example").permitted
    assert not observer.senders.facts("ben@example.org", "x@shop.example").permitted


@pytest.mark.parametrize("content", [b"", b"[]", b'{"locals": []}', b'{"local": "example.org"}', b"\xff\xfe", None])
def test_a_domains_file_that_is_none_says_what_one_looks_like(tmp_path: Path, content: bytes | None) -> None:
    """With its path."""
    file = tmp_path / "told.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"told\.json"):
        assemble.told(str(file))


@pytest.mark.parametrize("content", [b"", b"no table", b"\x1f\x8bno gzip", None])
def test_a_table_of_networks_that_is_none_is_said(tmp_path: Path, content: bytes | None) -> None:
    """With its path and the setting."""
    file = tmp_path / f"asn-{len(content or b'')}.bin"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"data\.asn"):
        assemble.observer(Settings(data=Data(asn=str(file))))


def test_a_described_network_reaches_the_look_ups(tmp_path: Path) -> None:
    """[network] blocks go before the tables, and the lists can be switched off."""
    file = tmp_path / "gatepost.toml"
    file.write_text('[network.office]\naddresses = ["192.0.2.0/24"]\nkind = "app"\n[data]\nasn = "none"\n')
    networks = assemble.observer(load(file)).networks
    office, relay = networks.origin("192.0.2.7"), networks.origin("104.28.28.1")
    assert office is not None and office.network == "named:office"
    assert relay is not None and relay.network == "relay"
    plain = assemble.observer(Settings(data=Data(asn="none", lists="none"))).networks.origin("104.28.28.1")
    assert plain is not None and plain.network == "net:104.28.0.0/16"


def test_a_newer_list_that_is_none_is_said(tmp_path: Path) -> None:
    """With the setting and the line."""
    (tmp_path / "tor.txt").write_text("192.0.2.1\n<html>\n")
    with pytest.raises(ConfigError, match=r"data\.folder.*tor\.txt:2"):
        assemble.observer(Settings(data=Data(asn="none", folder=str(tmp_path))))


def test_own_addresses_that_are_none_are_said() -> None:
    """Not a traceback of ipaddress."""
    with pytest.raises(ConfigError, match="own_ips"):
        assemble.observer(Settings(data=Data(asn="none")), assemble.Told(own_ips=("192.0.2.300",)))


def test_domains_in_a_file_are_ours_too(tmp_path: Path) -> None:
    """For senders as for tables."""
    (tmp_path / "domains").write_text("# ours\nexample.test\n")
    settings = Settings(data=Data(asn="none"), domains=Domains(local=("example.org",), file=str(tmp_path / "domains")))
    senders = assemble.observer(settings).senders
    assert senders.facts("ann@example.org", "x@example.test").ours
    assert senders.facts("ann@example.org", "x@example.org").ours
    assert not senders.facts("ann@example.org", "x@example.net").ours
