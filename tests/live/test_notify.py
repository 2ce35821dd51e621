"""A letter through a real Exim."""

import asyncio

import pytest
from tests.act.book import Fixed, incident, order, target
from tests.live.exim import Exim
from tests.live.world import World

from gatepost.act.notify import Notify

pytestmark = pytest.mark.live


def test_a_letter_is_delivered_with_a_null_sender(local_exim: Exim, sink: World) -> None:
    """A real mail server takes the letter, delivers it, and sees the null sender."""
    about = incident()
    action = Notify(
        to=("desk@example.test",), sender="gatepost@example.test", smtp=f"127.0.0.1:{local_exim.port}", clock=Fixed()
    )
    asyncio.run(action.ensure(order(about, "notified"), target(about)))
    mail = sink.await_mail("desk@example.test")
    headers = {key.lower(): value for key, value in mail["headers"]}
    assert mail["from"] in ("", "<>", None)
    assert headers["auto-submitted"] == "auto-generated"
    assert "gatepost release 'ann@example.org#1' --honest" in mail["text"].replace("=\r\n", "").replace("=23", "#")
