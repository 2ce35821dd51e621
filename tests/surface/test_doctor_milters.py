"""gatepost doctor on milter doors: a list without it, a closed or impatient mail server, Postfix and Sendmail."""

from pathlib import Path

import pytest

from gatepost.config.asking import MilterDoor
from gatepost.surface.doctor import milters
from gatepost.surface.doctor.check import Check, worst

DOOR = MilterDoor(name="milter", listen="unix:/spool/gatepost/milter")
PORT = MilterDoor(name="milter", listen="inet:127.0.0.1:4003")
OURS = "{ unix:gatepost/milter, connect_timeout=2s, command_timeout=2s, default_action=accept }"
ALL = {"smtpd_milters": OURS}


def look(folder: Path, patch: pytest.MonkeyPatch, values: dict[str, str], door: MilterDoor = DOOR) -> list[Check]:
    """What is said of a Postfix with these settings."""
    usual = {"queue_directory": "/spool", "milter_default_action": "tempfail", "milter_command_timeout": "30s"}
    for name, value in {**usual, **values}.items():
        (folder / name).write_text(value + "\n")
    text = f'for name in "$@"; do :; done\nif [ -f "{folder}/$name" ]; then cat "{folder}/$name"; else echo; fi\n'
    (folder / "postconf").write_text(f"#!/bin/sh\n{text}")
    (folder / "postconf").chmod(0o755)
    patch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return list(milters.look(door))


@pytest.mark.parametrize(
    ("values", "state", "said"),
    [
        (ALL, "ok", "Postfix asks"),
        ({"smtpd_milters": f"inet:127.0.0.1:8891, {OURS}"}, "ok", "mail flows"),
        ({"smtpd_milters": "inet:127.0.0.1:8891"}, "fail", "nobody is stopped"),
        ({"smtpd_milters": OURS.replace("milter,", "milter2,")}, "fail", "nobody is stopped"),
        ({}, "fail", "nobody is stopped"),
        ({"smtpd_milters": "unix:/spool/gatepost/milter"}, "fail", "'tempfail' to everybody"),
        ({"smtpd_milters": "unix:gatepost/milter", "milter_default_action": "accept"}, "warn", "waits 30 s"),
        ({"smtpd_milters": OURS.replace("command_timeout=2s", "command_timeout=1s")}, "fail", "would pass"),
        ({"smtpd_milters": OURS.replace("accept", "quarantine")}, "fail", "'quarantine' to everybody"),
        ({**ALL, "-P": "587/inet/smtpd_milters = "}, "warn", "587/inet has smtpd_milters of its own"),
        ({"-P": f"587/inet/smtpd_milters = {OURS}"}, "ok", "Postfix asks"),
    ],
)
def test_what_postfix_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: dict[str, str], state: str, said: str
) -> None:
    """A door counts where it is in the list, mail flows without it, and its slow answers are waited for."""
    found = look(tmp_path, monkeypatch, values)
    assert worst(found) == state, found
    assert any(said in check.says for check in found), found


LINE = "Xgatepost, S=local:/spool/gatepost/milter, T=C:2s;S:2s;R:2s;E:2s\n"
USED = "O InputMailFilters=dkim, gatepost\n"


@pytest.mark.parametrize(
    ("text", "door", "state", "said"),
    [
        (USED + LINE, DOOR, "ok", "Sendmail asks"),
        (LINE, DOOR, "fail", "nobody is stopped"),
        (USED, DOOR, "fail", "nobody is stopped"),
        (USED + LINE.replace("milter,", "milter, F=T,"), DOOR, "fail", "F=T"),
        (USED + LINE.split(", T=")[0] + "\n", DOOR, "warn", "waits 10 s"),
        (USED + LINE.replace("R:2s", "R:1s"), DOOR, "fail", "would pass"),
        (USED + LINE.replace("local:/spool/gatepost/milter", "inet:4003@127.0.0.1"), PORT, "ok", "Sendmail asks"),
    ],
)
def test_what_sendmail_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, door: MilterDoor, state: str, said: str
) -> None:
    """By the lines that m4 makes of INPUT_MAIL_FILTER, where there is no Postfix."""
    (tmp_path / "sendmail.cf").write_text(text)
    monkeypatch.setattr(milters, "SENDMAIL", tmp_path / "sendmail.cf")
    monkeypatch.setattr(milters, "there", lambda name: False)
    found = list(milters.look(door))
    assert worst(found) == state, found
    assert any(said in check.says for check in found), found
