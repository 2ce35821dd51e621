"""Programs of the operator's."""

import asyncio
import os
from pathlib import Path

import pytest
from tests.act.book import Book
from tests.act.carrier import Carrier
from tests.live.ports import alive, until

from gatepost.act.command import Command
from gatepost.core.errors import ActionError

ANN = "ann@example.org"


def program(folder: Path, body: str) -> str:
    """A shell script."""
    path = folder / "program"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


def carrier(*words: str, argument: bool = True, seconds: float = 20.0) -> Carrier:
    """The program locks with "lock" in front, and unlocks with "unlock"."""
    lock, unlock = ((words[0], how, *words[1:]) for how in ("lock", "unlock"))
    book = Book()
    return Carrier(Command(lock, unlock, argument=argument, seconds=seconds), book)


def test_the_account_is_one_argument(tmp_path: Path) -> None:
    """It stands behind "--", whole, whatever is in it, and never meets a shell."""
    account = "-n;$(touch x) '\"@example.org"
    told = tmp_path / "told"
    acting = carrier(program(tmp_path, f'printf "%s|" "$@" >>{told}'), "-v")
    asyncio.run(acting.stop(account))
    asyncio.run(acting.release(account))
    assert told.read_text() == f"lock|-v|--|{account}|unlock|-v|--|{account}|"
    assert not Path("/x").exists()


def test_the_environment_is_ours_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Account, incident and order stand there, and nothing of what gatepost itself was started with."""
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/secret")
    told = tmp_path / "told"
    acting = carrier(program(tmp_path, f"env >{told}; echo $# $PWD >>{told}"), argument=False)
    asyncio.run(acting.stop(ANN))
    found = told.read_text().splitlines()
    assert {f"GATEPOST_ACCOUNT={ANN}", f"GATEPOST_INCIDENT={ANN}#1", "GATEPOST_ORDER=blocked", "1 /"} <= set(found)
    assert "CREDENTIALS_DIRECTORY=/secret" not in found


def test_a_failure_says_the_last_line(tmp_path: Path) -> None:
    """Its exit code and its last words, harmless and short, and it is worth another try."""
    acting = carrier(program(tmp_path, "echo first; printf 'no such \\033[31mmailbox%0300d\\n' 7; exit 3"))
    with pytest.raises(ActionError, match=r"code 3: no such \\u001b\[31mmailbox0") as caught:
        asyncio.run(acting.stop(ANN))
    assert caught.value.retry
    assert "first" not in str(caught.value) and len(str(caught.value)) < 400


def test_endless_output_is_dropped(tmp_path: Path) -> None:
    """Megabytes of output neither stop the program nor stay in memory."""
    acting = carrier(program(tmp_path, "head -c 20000000 /dev/zero | tr '\\0' x; echo; echo locked"))
    assert asyncio.run(acting.stop(ANN)).endswith("done: locked")


def test_a_program_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    """After the deadline nothing of it runs any more, and it is worth another try."""
    child = tmp_path / "child"
    acting = carrier(program(tmp_path, f"sleep 600 & echo $! >{child}; wait"), seconds=1.0)
    with pytest.raises(ActionError, match="did not end within 1 s") as caught:
        asyncio.run(acting.stop(ANN))
    assert caught.value.retry
    until(lambda: not alive(int(child.read_text())), "the child ends")


def test_a_program_that_is_not_there_is_said(tmp_path: Path) -> None:
    """With its name and why."""
    (tmp_path / "text").write_text("no program")
    for name, why in (("none", "No such file"), ("text", "Permission denied")):
        if name == "text" and os.geteuid() == 0:
            (tmp_path / "text").chmod(0o644)
        with pytest.raises(ActionError, match=f"{name}.*{why}"):
            asyncio.run(carrier(str(tmp_path / name)).stop(ANN))


@pytest.mark.parametrize("account", ["a\nb@example.org", "a\0b", "a\\xffb@example.org", "a\u202eb"])
def test_what_is_no_plain_name_is_given_to_no_program(account: str, tmp_path: Path) -> None:
    """Control characters and octets that are not known exactly are refused."""
    with pytest.raises(ActionError, match="by hand"):
        asyncio.run(carrier(program(tmp_path, "exit 0")).stop(account))
