"""gatepost doctor on doors, with a stand-in for postconf: the wrong list, the wrong order, a door that is shut."""

import asyncio
from pathlib import Path

import pytest

from gatepost.config.asking import EximDoor, MilterDoor, PostfixDoor
from gatepost.core.asked import PASS
from gatepost.mta.exim.door import Talk as EximTalk
from gatepost.mta.milter import Talk as MilterTalk
from gatepost.mta.postfix.door import Talk
from gatepost.source.inline import Door, opened
from gatepost.surface.doctor import doors
from gatepost.surface.doctor.check import Check, worst

DOOR = PostfixDoor(name="postfix", listen="unix:/spool/gatepost/policy")
ASKS = "check_policy_service { unix:gatepost/policy, timeout=2s, try_limit=1, default_action=DUNNO }"
PLAIN = "check_policy_service unix:/spool/gatepost/policy"
RCPT, DATA, END = "smtpd_recipient_restrictions", "smtpd_data_restrictions", "smtpd_end_of_data_restrictions"
ALL = {RCPT: ASKS, DATA: ASKS, END: ASKS}


def look(folder: Path, patch: pytest.MonkeyPatch, lists: dict[str, str], door: PostfixDoor = DOOR) -> list[Check]:
    """What is said of a Postfix with these settings."""
    values = {"queue_directory": "/spool", "smtpd_policy_service_default_action": "451 4.3.5 problem", **lists}
    for name, value in values.items():
        (folder / name).write_text(value + "\n")
    text = f'for name in "$@"; do :; done\nif [ -f "{folder}/$name" ]; then cat "{folder}/$name"; else echo; fi\n'
    (folder / "postconf").write_text(f"#!/bin/sh\n{text}")
    (folder / "postconf").chmod(0o755)
    patch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return list(doors.look(door))


@pytest.mark.parametrize(
    ("lists", "state", "said"),
    [
        (ALL, "ok", "Postfix asks at RCPT, DATA, the end of DATA"),
        ({**ALL, RCPT: f"reject_non_fqdn_recipient, {ASKS}, permit"}, "ok", "asks at RCPT"),
        ({**ALL, RCPT: f"permit_sasl_authenticated, {ASKS}"}, "warn", "not at RCPT"),
        ({RCPT: ASKS}, "warn", "not at DATA, the end of DATA"),
        ({RCPT: f"permit_sasl_authenticated, {ASKS}"}, "fail", "nobody is stopped"),
        ({**ALL, RCPT: ASKS.replace("policy,", "policy2,")}, "warn", "not at RCPT"),
        ({"smtpd_helo_restrictions": ASKS, "smtpd_delay_reject": "no"}, "fail", "before anybody has logged in"),
        ({}, "fail", "nobody is stopped"),
        ({**ALL, RCPT: PLAIN}, "fail", "'451 4.3.5 problem' to everybody while gatepost is down"),
        ({**ALL, DATA: ASKS.replace("2s", "100s")}, "warn", "waits 100s"),
        ({**ALL, "smtpd_proxy_filter": "127.0.0.1:10025"}, "warn", "cannot hold"),
        ({**ALL, "-P": f"587/inet/{RCPT} = permit"}, "warn", "587/inet has a list of its own"),
        ({**ALL, "-P": f"587/inet/{RCPT} = {ASKS}"}, "ok", "asks at RCPT"),
    ],
)
def test_where_postfix_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lists: dict[str, str], state: str, said: str
) -> None:
    """A door counts where a list comes to it after a login, and when mail flows without it."""
    found = look(tmp_path, monkeypatch, lists)
    assert worst(found) == state, found
    assert any(said in check.says for check in found), found


@pytest.mark.parametrize(("kind", "talk"), [(PostfixDoor, Talk), (EximDoor, EximTalk), (MilterDoor, MilterTalk)])
def test_a_question_is_asked_at_the_door(
    tmp_path: Path, kind: type[PostfixDoor | EximDoor | MilterDoor], talk: type[Talk | EximTalk | MilterTalk]
) -> None:
    """Answered: ok; nobody there, or somebody else: said with the remedy."""
    door = kind(name="door", listen=f"unix:{tmp_path}/door")
    assert doors.live(door).state == "fail"

    async def run() -> None:
        made = Door("door", talk, lambda question: PASS)
        async with opened(made, door.listen):
            assert (await asyncio.to_thread(doors.live, door)).state == "ok"
            assert made.counts.asked == 1
        server = await asyncio.start_unix_server(_other, f"{tmp_path}/door")
        async with server:
            found = await asyncio.to_thread(doors.live, door)
            assert found.state == "fail" and "somebody else" in found.says

    asyncio.run(run())


async def _other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 mx1.example.org ESMTP\r\n")
    await reader.read()
    writer.close()
