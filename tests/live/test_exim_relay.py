"""A relay host without login: a real Exim asks in the name of its network."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from tests.live.client import MailProgram, letter
from tests.live.exim import Exim
from tests.live.oracle import oracle
from tests.live.page import asking

from gatepost.core.asked import Question
from gatepost.mta.exim.door import Talk

pytestmark = pytest.mark.live


def relayed(port: int, to: list[str], client: str) -> dict[str, tuple[int, bytes]]:
    """One message without login; returns the refused recipients."""
    program = MailProgram(port, client)
    try:
        program.ehlo_or_helo_if_needed()
        return program.sendmail("app@example.test", to, letter("app@example.test", to[0]))
    finally:
        program.close()


def answer(words: bytes, _: str) -> bytes:
    """The same to everybody."""
    return words


def test_a_relay_is_asked_about_by_its_network(exims: Callable[..., Exim], open_folder: Path) -> None:
    """With what does not exist; put off when told so, let through without a door; strangers are not asked about."""
    exim = exims(asking(open_folder / "exim-relay", way="relay"))
    with oracle(open_folder / "exim-relay", partial(answer, b"pass")) as made:
        relayed(exim.port, ["v1@a.example.net", "nouser1@a.example.net"], "192.0.2.77")
        relayed(exim.port, ["u1@example.test"], "203.0.113.99")
        found = [one for text in made.asked for one in Talk().receive(text.encode()) if isinstance(one, Question)]
        assert {one.login for one in found} == {"relay/192.0.2.0/24@mx1.example.org"}
        assert [(one.stage, one.unknown) for one in found] == [("rcpt", False), ("rcpt", True), ("end", False)]
        made.reply = partial(answer, b"defer [gatepost] try again later")
        with pytest.raises(Exception, match="try again later"):
            relayed(exim.port, ["v2@a.example.net"], "192.0.2.77")
    assert not relayed(exim.port, ["v3@a.example.net"], "192.0.2.77")
