"""gatepost doctor about several sources: who owns a fact, whose clock is wrong, who can add lines."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.surface.test_doctor import NOON, POSTFIX, arrivals, stand_in

from gatepost.config.streams import Peer, Syslog
from gatepost.config.zones import load_zone
from gatepost.core.units import Instant
from gatepost.mta import DIALECTS
from gatepost.surface.commands.doctor import command
from gatepost.surface.doctor import feeds, log, overlap, queued
from gatepost.surface.doctor.advice import advice
from gatepost.surface.doctor.check import worst

DOVECOT = "Mar  2 11:59:0{n} mx1 dovecot: imap-login: Login: user=<ann@example.org>, method=PLAIN, rip=192.0.2.7, TLS\n"


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_every_dialect_has_a_name_for_operators(dialect: str) -> None:
    """No server is called by what the configuration calls its log, and only Exim's operators hear of Exim."""
    said = advice(dialect)
    assert not said.server.startswith("the mail server")
    assert dialect == "exim" or "xim" not in "".join((said.own, said.logins, said.recipients, said.zone, said.forgery))


def told(path: Path, name: str, text: str) -> overlap.Heard:
    """The facts of one log."""
    place = path / name
    place.write_text(text)
    os.utime(place, (NOON, NOON))
    return overlap.heard(name, log.records(place, load_zone("UTC")))


def test_a_copy_of_a_log_is_found_whatever_frames_it(tmp_path: Path) -> None:
    """Exim's main log and the same lines through syslog tell the same facts, at other positions."""
    wrapped = "".join(f"Mar  2 11:59:0{n} mx1 exim[1]: {line[20:]}\n" for n, line in enumerate(arrivals().splitlines()))
    mainlog, copy = told(tmp_path, "mainlog", arrivals()), told(tmp_path, "syslog", wrapped)
    (check,) = overlap.look([mainlog, copy])
    assert check.state == "fail" and "mainlog and syslog" in check.says and "2026-03-02T11:59" in check.says


def test_logs_that_tell_different_facts_are_no_overlap(tmp_path: Path) -> None:
    """Two mail servers, and a login server beside them, may speak in the same minute."""
    other = arrivals(auth="plain_login:ben@example.org").replace("1wAbCd", "1wAbCe")
    logins = "".join(DOVECOT.format(n=number) for number in range(5))
    sources = [told(tmp_path, "a", arrivals()), told(tmp_path, "b", other), told(tmp_path, "c", logins)]
    assert [check.state for check in overlap.look(sources)] == ["ok"]
    assert list(overlap.look(sources[:1])) == []


def test_stamps_that_lag_behind_the_writing_are_found(tmp_path: Path) -> None:
    """A log that is written now and says an hour ago has a wrong zone or clock; one that rests has not."""
    place = tmp_path / "mainlog"
    place.write_text(arrivals())
    for written, now, words in ((NOON + 3600, NOON + 3600, "before the log was written"), (NOON, NOON + 3600, "ago")):
        os.utime(place, (written, written))
        checks = {check.name: check for check in log.look("mx1", place, load_zone("UTC"), Instant(now))}
        check = checks["log mx1: time"]
        assert words in check.says and check.state == ("ok" if words == "ago" else "warn")


@pytest.mark.parametrize(
    ("listen", "more", "state"),
    [
        ("udp:192.0.2.1:514", {"allow_unauthenticated_udp": True}, "warn"),
        ("tcp:192.0.2.1:601", {}, "warn"),
        ("unix:/run/gatepost/log", {}, "ok"),
        ("unix:/run/gatepost/log", {"mode": "0666"}, "warn"),
        ("tls:192.0.2.1:6514", {"certificate": "/no/cert", "key": "/no/key", "authority": "/no/ca"}, "fail"),
    ],
)
def test_feeds_that_strangers_can_write_to_are_named(listen: str, more: dict[str, str], state: str) -> None:
    """UDP and plain TCP believe addresses, a socket its mode, TLS certificates that must be there."""
    source = Syslog(name="hosts", listen=listen, peers=(Peer(name="192.0.2.10"),), **more)  # type: ignore[arg-type]
    assert worst(list(feeds.look(source))) == state


def test_a_spool_that_cannot_be_asked_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another folder, one that is closed, and one that is open."""
    (check,) = queued.look("mx1", tmp_path)
    assert check.state == "fail" and "spool_directory" in check.remedy
    (tmp_path / "input").mkdir()
    assert [check.state for check in queued.look("mx1", tmp_path)] == ["ok"]
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    (check,) = queued.look("mx1", tmp_path)
    assert check.state == "fail" and "gpasswd" in check.remedy


def doctor(folder: Path, text: str, binary: str) -> dict[str, str]:
    """Every check by its name, with its state."""
    (folder / "gatepost.toml").write_text(text)
    words = [
        "--config",
        str(folder / "gatepost.toml"),
        "--offline",
        "--format",
        "json",
        *(["--exim", binary] * bool(binary)),
    ]
    done = CliRunner().invoke(command, words, standalone_mode=False)
    assert done.exception is None
    return {check["name"]: check["state"] for check in json.loads(done.stdout)["checks"]}


SOURCE = '[[source]]\nkind = "tail"\nname = "{0}"\npath = "{0}"\nzone = "UTC"\n'


def test_doctor_compares_all_sources(tmp_path: Path) -> None:
    """One log under two names is one failure, and the spool and the listener are looked at."""
    for name in ("mainlog", "copy"):
        (tmp_path / name).write_text(arrivals())
    text = SOURCE.format("mainlog") + 'spool = "spool"\n' + SOURCE.format("copy")
    text += (
        '[[source]]\nkind = "syslog"\nname = "hosts"\nlisten = "tcp:192.0.2.1:601"\npeers = [{ name = "192.0.2.10" }]\n'
    )
    found = doctor(tmp_path, text, str(stand_in(tmp_path, "log_selector = +all\n")))
    assert found["sources: overlap"] == "fail" and found["log mainlog: spool"] == "fail"
    assert found["source hosts: forgery"] == "warn"


def test_a_host_of_postfix_alone_hears_nothing_of_exim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where every log is another server's and there is no Exim, its absence is nothing to tell."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("gatepost.surface.doctor.eximconf.FOLDERS", str(tmp_path))
    (tmp_path / "mail.log").write_text("".join(POSTFIX.format(n=number) for number in range(9)))
    assert "exim" not in doctor(tmp_path, SOURCE.format("mail.log"), "")
    (tmp_path / "mainlog").write_text(arrivals())
    assert doctor(tmp_path, SOURCE.format("mail.log") + SOURCE.format("mainlog"), "")["exim"] == "unknown"
