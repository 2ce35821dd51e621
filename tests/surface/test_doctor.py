"""gatepost doctor: what it says about a host, with a stand-in for Exim's binary."""

import json
import os
import shutil
import socket
import threading
from datetime import UTC
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from gatepost.config.settings import TableSettings
from gatepost.config.zones import load_zone
from gatepost.core.incident import Order
from gatepost.core.units import DAY, Account, Instant
from gatepost.store.sqlite import Sqlite
from gatepost.surface.commands.doctor import command
from gatepost.surface.doctor import consulted, exim, eximconf, log, notice, state, table
from gatepost.surface.doctor.check import Check, guarded, worst

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schemas" / "doctor.json").read_text())
NOON = Instant(1_772_452_800.0)
"""2026-03-02T12:00:00Z."""

ARRIVAL = (
    "2026-03-02 11:59:0{n} 1wAbCd-00000000{n}23-1aBc <= ann@example.org H=(pc) [192.0.2.7] P=esmtpsa "
    "X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no A={auth} S=900 id=m{n}@example.org{names}"
)
CONFIG = """\
# Exim Configuration (4.96)
# 1 "/etc/exim4/exim4.conf"
log_selector = +received_recipients +smtp_no_mail
acl_smtp_mail = acl_check_mail
acl_smtp_rcpt = acl_check_rcpt
acl_smtp_data = acl_check_data

begin acl

  gatepost_stopped:
    warn set acl_m_gatepost = no
    warn authenticated = *
    set acl_m_gatepost = ${lookup{${lc:$authenticated_id}}lsearch{/t/deny}{yes}{no}}
    accept condition = $acl_m_gatepost
    deny

  acl_check_mail:
    deny acl = gatepost_stopped
    accept

  acl_check_rcpt:
    deny acl = gatepost_stopped
    accept

  acl_check_data:
    deny acl = gatepost_stopped
    accept

begin authenticators

  plain_login:
    driver = plaintext
    server_prompts = :
    server_condition = ${if eq{$auth3}{x}}
    server_set_id = $auth2
"""
TABLE = TableSettings(path="/t/deny")


def arrivals(auth: str = "plain_login:ann@example.org", names: str = " for bob@example.net") -> str:
    """Five accepted messages."""
    return "".join(ARRIVAL.format(n=number, auth=auth, names=names) + "\n" for number in range(5))


def looked(path: Path, text: str, now: float = NOON, zone: str = "UTC") -> dict[str, Check]:
    """What is said of a log, by the last word of each check's name."""
    path.write_text(text)
    return {check.name.rpartition(": ")[2]: check for check in log.look("mx1", path, load_zone(zone), Instant(now))}


def states(checks: dict[str, Check]) -> dict[str, str]:
    """Only the states."""
    return {name: check.state for name, check in checks.items()}


def test_a_good_log_is_good(tmp_path: Path) -> None:
    """A log with names, recipients and a clock that is right raises nothing."""
    found = states(looked(tmp_path / "mainlog", arrivals()))
    assert set(found.values()) == {"ok"} and set(found) == {
        "readable", "language", "time", "zone", "logins", "recipients",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "name", "wanted", "words"),
    [
        ({"auth": "plain"}, "logins", "fail", "server_set_id"),
        ({"names": ""}, "recipients", "warn", "+received_recipients"),
    ],
)
def test_what_the_log_does_not_say_is_found(
    tmp_path: Path, change: dict[str, str], name: str, wanted: str, words: str
) -> None:
    """A login or recipients that the log leaves out are reported with the setting of Exim that brings them."""
    check = looked(tmp_path / "mainlog", arrivals(**change))[name]
    assert check.state == wanted and words in check.remedy


@pytest.mark.parametrize(("now", "wanted"), [(NOON - 3600, "fail"), (NOON + 200, "ok"), (NOON + 86400, "warn")])
def test_clocks_are_compared(tmp_path: Path, now: float, wanted: str) -> None:
    """Lines from the future are a wrong zone or clock; a day of silence is worth a look."""
    assert looked(tmp_path / "mainlog", arrivals(), now)["time"].state == wanted


def test_stamps_without_zone_are_said_where_summers_differ(tmp_path: Path) -> None:
    """The hour that happens twice is named where the zone has daylight saving (contracts 20)."""
    assert looked(tmp_path / "a", arrivals(), zone="Europe/Berlin")["zone"].state == "warn"
    zoned = arrivals().replace(" 1wAb", " +0000 1wAb")
    assert looked(tmp_path / "b", zoned, zone="Europe/Berlin")["zone"].state == "ok"


POSTFIX = (
    "Mar  2 11:59:0{n} mx1 postfix/smtpd[4711]: 225C022A26{n}: client=pc.example.net[192.0.2.7], sasl_method=PLAIN,"
    " sasl_username=ann@example.org\nMar  2 11:59:0{n} mx1 postfix/qmgr[4]: 225C022A26{n}: from=<ann@example.org>,"
    " size=900, nrcpt=1 (queue active)\n"
)


def test_nobody_is_told_to_set_up_a_server_he_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is wrong with a log of Postfix, no check speaks of Exim or its selectors."""
    passwd = tmp_path / "passwd"
    passwd.write_text("ann:x:1000:1000::/home/ann:/bin/bash\n")
    monkeypatch.setattr(log, "PASSWD", passwd)
    text = "".join(POSTFIX.format(n=number) for number in range(9))
    os.utime(tmp_path, (NOON, NOON))
    for now, zone in ((NOON, "UTC"), (NOON - 7200, "UTC"), (NOON + 86400, "Europe/Berlin")):
        (tmp_path / "mail.log").write_text(text)
        os.utime(tmp_path / "mail.log", (NOON, NOON))
        found = list(log.look("mx1", tmp_path / "mail.log", load_zone(zone), Instant(now)))
        names = {check.name.rpartition(": ")[2]: check for check in found}
        assert "recipients" not in names and names["logins"].state == "ok" and names["syslog"].state == "warn"
        assert not [check for check in found if "xim" in check.says + check.remedy]
        assert "maillog_file" in names["syslog"].remedy


def test_logins_alone_are_enough_for_a_server_that_takes_no_mail(tmp_path: Path) -> None:
    """A log of an IMAP server has logins and no messages, and nothing is wrong with that."""
    line = "Mar  2 11:59:01 imap1 dovecot: imap-login: Login: user=<ann@example.org>, method=PLAIN, rip=192.0.2.7, TLS"
    (tmp_path / "mail.log").write_text(f"{line}\n")
    found = {check.name.rpartition(": ")[2]: check for check in log.look("x", tmp_path / "mail.log", UTC, NOON)}
    assert found["logins"].state == "ok" and "recipients" not in found


def test_a_log_in_another_language_than_the_configuration_says_fails(tmp_path: Path) -> None:
    """`dialect = "postfix"` on Exim's log reads nothing, and doctor says which one it is."""
    path = tmp_path / "mainlog"
    path.write_text(arrivals())
    found = {check.name: check for check in log.look("x", path, UTC, NOON, dialect="postfix")}
    assert found["log x: language"].state == "fail" and "exim" in found["log x: language"].remedy


def test_lines_that_cannot_be_read_are_counted_and_shown(tmp_path: Path) -> None:
    """A share of unread lines is a warning with one of them, control characters escaped."""
    check = looked(tmp_path / "mainlog", arrivals() + "2026-03-02 11:59:30 1wAbCd-00000000123-1aBc <= \x1b[31m\n")[
        "language"
    ]
    assert check.state == "warn" and "\x1b" not in check.remedy and "\\x1b" in check.remedy


def test_forged_lines_are_named_with_their_clients(tmp_path: Path) -> None:
    """Log syntax written by a client is reported with the client, whoever it names."""
    forged = ARRIVAL.format(n=9, auth="plain_login:ann@example.org", names="")
    forged = forged.replace("(pc)", "(x) [198.51.100.1] P=esmtpa A=plain:bob@example.org:)")
    found = looked(tmp_path / "mainlog", arrivals() + forged + "\n")
    assert found["forgery"].state == "warn"
    assert "192.0.2.7" in found["forgery"].says and "bob@example.org" in found["forgery"].says


def test_logs_that_are_none_are_refused(tmp_path: Path) -> None:
    """No file, a folder, an empty file and another program's file each have their own words."""
    first = next(iter(log.look("x", tmp_path / "no", UTC, NOON)))
    assert first.state == "fail" and "does not exist" in first.says
    assert "no ordinary file" in next(iter(log.look("x", tmp_path, UTC, NOON))).says
    assert states(looked(tmp_path / "empty", "")) == {"readable": "warn"}
    assert states(looked(tmp_path / "other", "root:x:0:0\n" * 9))["language"] == "fail"


def test_only_the_newest_lines_are_read(tmp_path: Path) -> None:
    """A long log costs no more than its end: old trouble is not reported."""
    text = arrivals(auth="plain") * 400 + arrivals() * 1001
    assert looked(tmp_path / "mainlog", text)["logins"].state == "ok"


def test_syslog_files_are_open_to_local_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file written by syslog is forgeable by whoever has a shell (contracts 12)."""
    wrapped = "".join(f"Mar  2 11:59:01 mx1 exim[1]: {line}\n" for line in arrivals().splitlines())
    passwd = tmp_path / "passwd"
    monkeypatch.setattr(log, "PASSWD", passwd)
    passwd.write_text("root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/bash\n")
    check = looked(tmp_path / "syslog", wrapped)["syslog"]
    assert check.state == "warn" and "ann" in check.says
    passwd.write_text("ann:x:1000:1000::/home/ann:/usr/sbin/nologin\n")
    assert looked(tmp_path / "syslog", wrapped)["syslog"].state == "ok"


def test_the_configuration_of_exim_is_cut_into_parts() -> None:
    """Options, switches, ACLs and authenticators of `exim -bP config` are told apart."""
    config = eximconf.parse("no_log_timezone\nhide x = 1\n" + CONFIG)
    assert config.options["log_timezone"] == "false" and config.options["x"] == "1"
    assert set(config.acls) == {"gatepost_stopped", "acl_check_mail", "acl_check_rcpt", "acl_check_data"}
    assert "server_set_id = $auth2" in config.authenticators["plain_login"]


def test_a_table_that_is_consulted_is_found_through_called_acls() -> None:
    """`acl = name` is followed, so the documented snippet counts at MAIL, RCPT and DATA."""
    (check,) = consulted.look(TABLE, eximconf.parse(CONFIG))
    assert check.state == "ok" and "MAIL, RCPT, DATA" in check.says


LOOKUP = "${lookup{${lc:$authenticated_id}}lsearch{/t/deny}{yes}{no}}"


@pytest.mark.parametrize(
    ("old", "new", "wanted", "words"),
    [
        ("/t/deny}", "/t/deny2}", "fail", "nobody is stopped"),
        ("  gatepost_stopped:", "  unused:", "fail", "nobody is stopped"),
        (LOOKUP, "${if exists{/t/deny}{yes}{no}}", "fail", "nobody is stopped"),
        ("lsearch{/t", "dsearch,cache=no_rd{/t", "fail", "made for lsearch"),
        ("$authenticated_id", "$sender_address", "fail", "other than the login"),
        ("${lc:$authenticated_id}", "$authenticated_id", "warn", "lower case"),
        ("acl_smtp_data = acl_check_data", "", "warn", "not at DATA"),
    ],
)
def test_a_table_that_is_not_consulted_rightly_is_found(old: str, new: str, wanted: str, words: str) -> None:
    """Another file, an ACL nobody calls, another form, another key, a missing step: each is told apart."""
    checks = list(consulted.look(TABLE, eximconf.parse(CONFIG.replace(old, new))))
    assert worst(checks) == wanted and any(words in check.says for check in checks)


def test_freezing_needs_only_data() -> None:
    """Who accepts and freezes looks into the table at DATA alone."""
    text = CONFIG.replace("acl_smtp_mail = acl_check_mail\nacl_smtp_rcpt = acl_check_rcpt\n", "")
    text = text.replace(
        "  acl_check_data:\n    deny acl", "  acl_check_data:\n    control = freeze/no_tell\n    deny acl"
    )
    assert [check.state for check in consulted.look(TABLE, eximconf.parse(text))] == ["ok"]


@pytest.mark.parametrize(
    ("old", "new", "holds", "found"),
    [
        ("", "", False, {}),
        ("log_selector", "timeout_frozen_after = 7d\nlog_selector", False, {}),
        ("log_selector", "timeout_frozen_after = 7d\nlog_selector", True, {"timeout_frozen_after": "fail"}),
        ("log_selector", "timeout_frozen_after = 3w\nlog_selector", True, {}),
        ("log_selector", "auto_thaw = 1d12h\nlog_selector", True, {"auto_thaw": "fail"}),
        ("    accept\n", "    warn control = freeze\n", False, {}),
        ("log_selector", "helo_accept_junk_hosts = *\nlog_selector", False, {"helo_accept_junk_hosts": "warn"}),
        (" +smtp_no_mail", "", False, {"log_selector": "warn"}),
        ("+received_recipients +smtp_no_mail", "+all -smtp_no_mail", False, {}),
        ("+received_recipients +smtp_no_mail", "+all -all +smtp_no_mail", False, {"log_selector": "warn"}),
        ("server_set_id = $auth2", "", False, {"server_set_id": "fail"}),
        ("server_", "client_", False, {"server_set_id": "unknown"}),
    ],
)
def test_settings_of_exim_that_matter_are_looked_at(old: str, new: str, holds: bool, found: dict[str, str]) -> None:
    """Timers that undo a hold, greetings that forge, selectors and ids that are missing."""
    config = eximconf.parse(CONFIG.replace(old, new))
    checks = exim.look(config, holds=holds, keep=14 * DAY)
    trouble = {check.name.removeprefix("exim: "): check.state for check in checks}
    assert {name: state for name, state in trouble.items() if state != "ok"} == found


def test_how_long_held_mail_is_kept_is_the_operators_word() -> None:
    """A timer of a week is too short for two weeks and long enough for two days; the remedy names the setting."""
    config = eximconf.parse(CONFIG.replace("log_selector", "timeout_frozen_after = 7d\nlog_selector"))
    found = {days: {c.name: c for c in exim.look(config, holds=True, keep=days * DAY)} for days in (2, 14)}
    long, short = (found[days]["exim: timeout_frozen_after"] for days in (2, 14))
    assert (long.state, short.state) == ("ok", "fail") and "14d or more: [life] hold_keep" in short.remedy


def test_a_table_has_a_folder_that_can_be_written(tmp_path: Path) -> None:
    """A missing folder, one open to all, and a good one."""
    place = tmp_path / "exim"
    one = TableSettings(path=str(place / "deny"))
    assert next(iter(table.look(one, tmp_path / "state.db"))).state == "fail"
    place.mkdir(mode=0o750)
    assert [check.state for check in table.look(one, tmp_path / "state.db")] == ["ok", "ok"]
    place.chmod(0o777)
    assert next(iter(table.look(one, tmp_path / "state.db"))).state == "fail"


def test_entries_without_a_state_are_said(tmp_path: Path) -> None:
    """A table whose state is lost stays, and doctor says so (contracts 16)."""
    one = TableSettings(path=str(tmp_path), format="dsearch")
    (tmp_path / "ann@example.org").write_text("ann@example.org#1\n")
    tmp_path.chmod(0o750)
    content = list(table.look(one, tmp_path.parent / "no-state.db"))[-1]
    assert content.state == "warn" and "1 entries" in content.says


def test_unknown_owners_are_found(tmp_path: Path) -> None:
    """A user or group that this host does not have is reported before the first block needs it."""
    one = TableSettings(path=str(tmp_path / "deny"), owner="no-such-user", group="no-such-group")
    found = [check.says for check in table.look(one, tmp_path / "state.db") if check.state == "fail"]
    assert any("no-such-user" in says for says in found) and any("no-such-group" in says for says in found)


def test_a_table_closed_to_exim_is_found_before_it_is_written(tmp_path: Path) -> None:
    """Mode 0640 without Exim's group would make Exim answer every login with 451: said before the first block."""
    tmp_path.chmod(0o755)
    stranger = table.Reader("Debian-exim", 64999, frozenset({64999}))
    opened = [parent.stat().st_mode & 0o001 for parent in tmp_path.parents]
    closed, good = TableSettings(path=str(tmp_path / "deny")), TableSettings(path=str(tmp_path / "deny"), mode="0644")
    assert table.open_to(closed, stranger).state == "fail"
    assert table.open_to(good, stranger).state == ("ok" if all(opened) else "fail")


def test_the_state_is_looked_at_without_being_made(tmp_path: Path) -> None:
    """doctor makes no file: neither the state nor its folder."""
    place = tmp_path / "later" / "state.db"
    assert [check.state for check in state.look(place)] == ["warn"]
    assert [check.state for check in state.look(tmp_path / "state.db")] == ["ok"]
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_state_is_found(tmp_path: Path) -> None:
    """Something else in the place of the state is a failure with its path."""
    place = tmp_path / "state.db"
    place.write_bytes(b"no database at all" * 100)
    place.chmod(0o600)
    (check,) = state.look(place)
    assert check.state == "fail" and str(place) in check.says


def test_a_server_for_notices_must_greet(tmp_path: Path) -> None:
    """A closed port, one that is silent, and one that is not asked."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert notice.look(f"127.0.0.1:{port}", offline=True).state == "unknown"
    assert notice.look(f"127.0.0.1:{port}", offline=False).state == "fail"


def test_trouble_becomes_an_answer() -> None:
    """What goes wrong while looking is one more check, never an exception."""

    def breaks() -> list[Check]:
        msg = "the disk is gone"
        raise OSError(msg)

    (check,) = guarded("state", breaks)
    assert check.state == "unknown" and "the disk is gone" in check.says


def stand_in(folder: Path, text: str) -> Path:
    """A program that answers as Exim does."""
    (folder / "config").write_text(text)
    program = folder / "exim"
    program.write_text(
        f'#!{shutil.which("sh")}\ncase "$*" in\n*"-bP config"*) cat {folder}/config ;;\n'
        '*exim_user*) echo "exim_user = root"; echo "exim_group = root" ;;\n*-be*) echo no ;;\n*) exit 1 ;;\nesac\n'
    )
    program.chmod(0o755)
    return program


def doctor(folder: Path, text: str, *options: str) -> tuple[int, str]:
    """Exit code and output."""
    file = folder / "gatepost.toml"
    file.write_text(text)
    done = CliRunner().invoke(command, ["--config", str(file), "--offline", *options], standalone_mode=False)
    assert done.exception is None
    return done.return_value, done.stdout


def whole(folder: Path) -> str:
    """A configuration with everything in it, whose files are there."""
    (folder / "mainlog").write_text(arrivals())
    return (
        '[[source]]\nkind = "tail"\nname = "mx1"\npath = "mainlog"\nzone = "UTC"\n'
        '[[action]]\nkind = "table"\npath = "deny"\n'
        '[[action]]\nkind = "notify"\nto = ["abuse@example.org"]\nfrom = "gatepost@example.org"\n'
    )


def test_the_whole_host_is_looked_at(tmp_path: Path) -> None:
    """Every part has its checks, and JSON keeps to docs/schemas/doctor.json."""
    program = stand_in(tmp_path, CONFIG.replace("/t/deny", f"{tmp_path}/deny"))
    code, said = doctor(tmp_path, whole(tmp_path), "--exim", str(program), "--format", "json")
    answer = json.loads(said)
    jsonschema.validate(answer, SCHEMA)
    found = {check["name"]: check["state"] for check in answer["checks"]}
    assert (code == 1) == (answer["worst"] == "fail")
    assert found["configuration"] == found["state"] == found[f"table {tmp_path}/deny: consulted"] == "ok"
    assert {"exim: server_set_id", "log mx1: logins", "notice by 127.0.0.1:25"} <= set(found)


def test_exim_that_hangs_or_fails_is_one_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A binary that does not answer is unknown, with its own words, and the rest is looked at."""
    monkeypatch.setattr(eximconf, "PATIENCE", 0.2)
    program = stand_in(tmp_path, CONFIG)
    for body in ("echo panic >&2; exit 1", "exec sleep 30"):
        program.write_text(f"#!{shutil.which('sh')}\n{body}\n")
        _, said = doctor(tmp_path, whole(tmp_path), "--exim", str(program))
        assert "?     exim: could not be found out" in said and "notice by" in said


def test_a_host_without_exim_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No binary: unknown, with how to name it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(eximconf, "FOLDERS", str(tmp_path))
    assert "--exim /usr/sbin/exim4" in doctor(tmp_path, whole(tmp_path))[1]


def test_mistakes_in_the_configuration_fail(tmp_path: Path) -> None:
    """A configuration with mistakes is a failure that names the first, and logs are looked at all the same."""
    (tmp_path / "mainlog").write_text(arrivals())
    code, said = doctor(tmp_path, "mode = 3\nx = 1\n", "--log", str(tmp_path / "mainlog"), "--zone", "UTC")
    assert code == 1 and "2 mistakes" in said and "gatepost check" in said and "logins" in said


def test_enforcing_without_a_table_fails(tmp_path: Path) -> None:
    """Whoever wants thieves stopped and gives no table is told at once."""
    code, said = doctor(tmp_path, 'mode = "enforce"')
    assert code == 1 and "nobody can be stopped" in said


def test_a_log_alone_needs_no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--log works before anything is configured."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GATEPOST_CONFIG", str(tmp_path / "none"))
    (tmp_path / "mainlog").write_text(arrivals())
    done = CliRunner().invoke(command, ["--log", "mainlog", "--zone", "UTC"], standalone_mode=False)
    assert done.return_value == 0 and "configuration" not in done.stdout


def test_a_log_closed_to_this_user_names_the_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log that this user may not read is told with the group to join, or the mode that keeps the group out."""
    place = tmp_path / "mainlog"
    place.write_text(arrivals())
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    for mode, words in ((0o640, "gpasswd"), (0o600, "chmod g+r")):
        place.chmod(mode)
        (first,) = log.look("x", place, UTC, NOON)
        assert first.state == "fail" and words in first.remedy


def test_the_table_is_compared_with_the_state(tmp_path: Path) -> None:
    """A stopped account that is missing from the table fails; an entry nobody knows of is a warning (contracts 16)."""
    tmp_path.chmod(0o750)
    place, folder = tmp_path / "state.db", tmp_path / "deny"
    folder.mkdir(mode=0o750)
    one = TableSettings(path=str(folder), format="dsearch")
    order = Order("ann@example.org#1", "blocked", Account("ann@example.org"), NOON, 1)
    undo = json.dumps({"incident": order.incident, "spellings": ["ann@example.org"]})
    with Sqlite.open(place) as store:
        assert store.claim(order, f"table:{folder}", undo, NOON)
    (folder / "bob@example.org").write_text("bob@example.org#4\n")
    content = {check.state: check.says for check in table.look(one, place) if check.name.endswith("content")}
    assert "ann@example.org" in content["fail"] and "bob@example.org" in content["warn"]
    (folder / "bob@example.org").unlink()
    (folder / "ann@example.org").write_text("ann@example.org#1\n")
    assert [check.state for check in table.look(one, place)] == ["ok", "ok"]


@pytest.mark.parametrize(("greeting", "wanted"), [(b"220 mx1\r\n", "ok"), (b"554 no\r\n", "fail"), (b"", "fail")])
def test_the_greeting_decides(greeting: bytes, wanted: str) -> None:
    """A server that greets with 220 takes mail (RFC 5321 section 4.2); any other answer is a failure."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            line, _ = server.accept()
            with line:
                line.sendall(greeting)

        thread = threading.Thread(target=answer)
        thread.start()
        assert notice.look(f"127.0.0.1:{server.getsockname()[1]}", offline=False).state == wanted
        thread.join(5)
