"""load.py: TOML to settings, or every mistake at once."""

from pathlib import Path

import pytest

from gatepost.config.asking import PostfixDoor
from gatepost.config.load import default_path, load, read
from gatepost.config.mistakes import ConfigErrors, Mistake
from gatepost.config.settings import NotifySettings, Settings, TableSettings
from gatepost.core.errors import ConfigError
from gatepost.core.units import Seconds
from gatepost.mta import DIALECTS

ROOT = Path(__file__).parents[2]
FOLDER = Path("/etc/gatepost")

TEN = """\
mode = "enforced"
tagg = "[gatepost]"

[levels]
throttle = 70
hold = 60

[start]
learn = "14 fortnights"

[account."ann@example.org"]
role = "boss"
senders = ["shop"]

[exempt]
networks = [
  "192.0.2.0/24",
  "192.0.2.1/24",
]

[[source]]
kind = "tail"
name = "mx1"
path = "mainlog"
zone = "Mars/Olympus"

[[source]]
kind = "tail"
name = "mx1"
path = "other"

[[detector]]
kind = "spred"

[[action]]
kind = "notify"
to = "abuse@example.org"
from = "gatepost@example.org"
"""


def wrong(text: str) -> tuple[Mistake, ...]:
    """What is wrong with a text."""
    with pytest.raises(ConfigErrors) as caught:
        read(text, "gatepost.toml", FOLDER)
    return caught.value.mistakes


def test_ten_mistakes_are_ten_lines() -> None:
    """Every mistake is reported at once, in the order of the file, each with its line and key."""
    places = [(mistake.line, mistake.key) for mistake in wrong(TEN)]
    assert places == [
        (1, "mode"),
        (2, "tagg"),
        (6, "levels.hold"),
        (9, "start.learn"),
        (12, 'account."ann@example.org".role'),
        (13, 'account."ann@example.org".senders[0]'),
        (18, "exempt.networks[1]"),
        (25, "source[0].zone"),
        (29, "source[1].name"),
        (33, "detector[0].kind"),
        (37, "action[0].to"),
    ]


def test_every_mistake_has_a_remedy() -> None:
    """A mistake says what is wrong and what to write instead."""
    found = wrong(TEN)
    assert all(mistake.message and mistake.remedy for mistake in found)
    assert 'did you mean "observe"' not in found[0].remedy
    assert 'did you mean "enforce"' in found[0].remedy
    assert 'did you mean "192.0.2.0/24"' in found[6].remedy


def test_the_text_of_the_error_names_every_place() -> None:
    """The exception's text is the whole list, one line a mistake."""
    with pytest.raises(ConfigErrors) as caught:
        read(TEN, "gatepost.toml", FOLDER)
    lines = str(caught.value).splitlines()
    assert lines[0] == "the configuration has 11 mistakes:"
    assert len(lines) == 12 and all(line.startswith("  gatepost.toml:") for line in lines[1:])


def test_an_empty_file_is_the_default_configuration() -> None:
    """Nothing has to be set."""
    settings = read("", "gatepost.toml", FOLDER)
    assert settings.mode == "observe" and settings.levels == Settings().levels
    assert settings.state.path == "/etc/gatepost/state.db"


def test_the_example_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped example has no mistake and says what the documentation says."""
    settings = load(ROOT / "examples" / "gatepost.toml")
    table, notify = settings.action
    assert isinstance(table, TableSettings) and isinstance(notify, NotifySettings)
    assert notify.sender == "gatepost@example.org" and table.on == ("block",)
    assert settings.source[0].host == "mx1"


def test_paths_start_from_the_folder_of_the_file(tmp_path: Path) -> None:
    """A relative path is relative to the configuration, wherever gatepost is started."""
    file = tmp_path / "gatepost.toml"
    file.write_text(
        '[[source]]\nkind="tail"\nname="a"\npath="log/mainlog"\n[domains]\nfile="domains"\n[data]\nasn="./x"\n'
    )
    settings = load(file)
    assert settings.logs[0].path == f"{tmp_path}/log/mainlog"
    assert settings.domains.file == f"{tmp_path}/domains" and settings.data.asn == f"{tmp_path}/x"


def test_durations_have_units() -> None:
    """A duration is a text with a unit; a bare number is a mistake that says so."""
    assert read('[start]\nlearn="36h"', "f", FOLDER).start.learn == Seconds(36 * 3600)
    assert "no unit" in wrong("[start]\nlearn = 14")[0].message


def test_a_setting_written_too_high_is_told_its_table() -> None:
    """A key that belongs under a table is not only called unknown."""
    assert wrong('learn = "3d"')[0].remedy == "write it under [start]"


@pytest.mark.parametrize("dialect", ["auto", *DIALECTS])
def test_every_dialect_there_is_can_be_named(dialect: str) -> None:
    """What the registry knows is a word of `dialect`, and nothing else is."""
    block = '[[source]]\nkind="tail"\nname="a"\npath="b"\ndialect="{0}"\n'
    assert read(block.format(dialect), "gatepost.toml", FOLDER).logs[0].dialect == dialect
    (only,) = wrong(block.format(dialect + "x"))
    assert only.key == "source[0].dialect" and dialect in only.remedy


def test_two_logs_of_one_mail_server_are_refused() -> None:
    """Each fact of a host has one owning source (contracts 9)."""
    block = '[[source]]\nkind="tail"\nname="{0}"\nhost="mx1.example.org"\npath="{0}"\n'
    (only,) = wrong(block.format("mainlog") + block.format("rejectlog"))
    assert only.key == "source[1].host" and "rejectlog repeats mainlog" in only.remedy


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[[source]]\nkind="tail"\nname="a"\npath="state.db"', "source[0].path"),
        ('[[action]]\nkind="table"\npath="deny"\n[[action]]\nkind="table"\npath="./x/../deny"', "action[1].path"),
        ('[[source]]\nkind="tail"\nname="a"\npath="b"\ndialect="postfix"\nspool="s"', "source[0].spool"),
        ('[[action]]\nkind="table"\npath="d"\nmode="0666"', "action[0].mode"),
        ('[[action]]\nkind="table"\npath="d"\non=[]', "action[0].on"),
        ('[[action]]\nkind="table"\npath=""', "action[0].path"),
        ('[[action]]\nkind="notify"\nto=["a b"]\nfrom="g@example.org"', "action[0].to[0]"),
        ('[[action]]\nkind="notify"\nto=["a@example.org"]\nfrom="g@example.org"\nsmtp="mx"', "action[0].smtp"),
        ("[[action]]\npath='x'", "action[0]"),
        ("breaker = 3", "breaker"),
        ("[breaker]\nblocks_per_hour = 0", "breaker.blocks_per_hour"),
        ('[account."a@example.org"]\nplan = "gold"', 'account."a@example.org".plan'),
        ('[plan.gold]\n[domain."example.org"]\nplan = "golf"', 'domain."example.org".plan'),
        ("[plan.gold]\nquota = { hour = 0 }", "plan.gold.quota.hour"),
        ('[plan.gold]\nmeasures = { throttle = "block" }', "plan.gold.measures.throttle"),
        ('[selfservice]\nlisten = "unix:/run/page"', "selfservice.url"),
        ('[selfservice]\nurl = "https://a.example.org"', "selfservice.listen"),
        ('[selfservice]\nlisten = "page"\nurl = "https://a.example.org"', "selfservice.listen"),
        (
            '[selfservice]\nlisten = "inet:127.0.0.1:80"\nurl = "https://a.example.org"\ndatabase = "sqlite:///m"\n'
            'statement = "SELECT 1"',
            "selfservice.statement",
        ),
        (
            '[[action]]\nkind = "hook"\nsecret = "s"\nurl = "https://hooks.example.org/1"\n'
            '[[action]]\nkind = "hook"\nsecret = "s"\nurl = "https://hooks.example.org/2"',
            "action[1].name",
        ),
        ("[life]\nafter_theft = -5.0", "life.after_theft"),
        ("[breaker]\nshare = 3", "breaker.share"),
        ("[breaker]\nshare = nan", "breaker.share"),
        ('[life]\nhold_ends_after = "0s"', "life.hold_ends_after"),
        ('[state]\npages = "0d"', "state.pages"),
        ('tag = ""', "tag"),
        ('[data]\nasn = "bundeled"', "data.asn"),
        ('[data]\nlists = "some"', "data.lists"),
        ('[data]\ncountry = "DE"', "data.country"),
        ('[[detector]]\nkind = "spread"\npools = { as64500 = 12 }', "detector[0].pools.as64500"),
        ("[network.home]", "network.home"),
        ('[network."my office"]\nasns = [64500]', 'network."my office"'),
        ('[network.home]\naddresses = ["192.0.2.1/24"]', "network.home.addresses[0]"),
        ("[network.home]\nasns = [0]", "network.home.asns[0]"),
        ('[network.home]\nasns = [64500]\nkind = "pool"', "network.home.kind"),
        ('[network.home]\nasns = [64500]\n[data]\nasn = "none"', "network.home.asns"),
        ('[domains]\nlocal = ["@example.org"]', "domains.local[0]"),
        ('[domain."a b"]', 'domain."a b"'),
        ('[account."*@example.org"]', 'account."*@example.org"'),
        ("[account.a]\n[account.A]", "account.A"),
        ("[account.a]\nquota = { hour = 5000 }", "account.a.quota"),
        ("[account.a]\nquota = { day = 0 }", "account.a.quota.day"),
        ("[levels]\nblock = 101", "levels.block"),
        ("source = 1", "source"),
        ("detector = 1", "detector"),
        ("[[detector]]\nkind='guessing'\nenabled='no'", "detector[0].enabled"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, key: str) -> None:
    """A value of the right kind that makes no sense is a mistake at its own key, and the only one reported."""
    assert [mistake.key for mistake in wrong(text)][:1] == [key]


def test_no_toml_names_line_and_column() -> None:
    """Syntax mistakes have a place, and the rest of the file is still looked at."""
    first, second = wrong('mode = observe\n\n[start]\nlearn = "soon"\n')
    assert (first.line, second.line) == (1, 4) and "column" in first.message


def test_a_broken_header_takes_its_section_along() -> None:
    """Keys behind a broken header are not blamed for standing in another section."""
    found = wrong('[[source]\nkind = "tail"\n\n[levels]\nwatch = 90\n')
    assert [mistake.line for mistake in found] == [1, 5]


def test_an_open_list_is_one_mistake() -> None:
    """What follows from a syntax mistake is not reported as further ones."""
    assert len(wrong('[domains]\nlocal = ["example.org"\nx = 1\ny = 2\nz = 3\n')) == 1


def test_a_file_that_is_not_there_is_no_list_of_mistakes(tmp_path: Path) -> None:
    """An unreadable file is told apart from a wrong one."""
    with pytest.raises(ConfigError, match="cannot be read") as caught:
        load(tmp_path / "none.toml")
    assert not isinstance(caught.value, ConfigErrors) and str(tmp_path) in str(caught.value)


def test_other_encodings_are_named_with_their_line(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are a mistake with a line, not a traceback."""
    file = tmp_path / "gatepost.toml"
    file.write_bytes(b'mode = "observe"\ntag = "\xe4"\n')
    with pytest.raises(ConfigErrors) as caught:
        load(file)
    assert caught.value.mistakes[0].line == 2 and "UTF-8" in str(caught.value)


def test_the_default_path_is_told_by_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """$GATEPOST_CONFIG, else the file here, else the system's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GATEPOST_CONFIG", raising=False)
    assert default_path() == Path("/etc/gatepost/gatepost.toml")
    (tmp_path / "gatepost.toml").touch()
    assert default_path() == Path("gatepost.toml")
    monkeypatch.setenv("GATEPOST_CONFIG", "/x/y.toml")
    assert default_path() == Path("/x/y.toml")


def test_a_doors_defaults_may_be_written_out(tmp_path: Path) -> None:
    """What the reference says is there without a word may be said."""
    file = tmp_path / "gatepost.toml"
    door = 'kind = "postfix"\nlisten = "inet:127.0.0.1:4002"\nusers = ["root"]\n'
    file.write_text(f'[[door]]\n{door}certificate = ""\nkey = ""\nauthority = ""\nowns = ""\n')
    (made,) = load(file).door
    assert isinstance(made, PostfixDoor) and (made.certificate, made.owns) == ("", "")
