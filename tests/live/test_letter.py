"""A letter to a customer through a real Exim."""

import asyncio

import pytest
from tests.act.book import Fixed
from tests.act.test_customer import NOW, case, office
from tests.live.exim import Exim
from tests.live.world import World

from gatepost.act.customer import Customers
from gatepost.act.post import Budget, Post

pytestmark = pytest.mark.live


def test_a_letter_arrives_whole_with_a_null_sender(local_exim: Exim, sink: World) -> None:
    """A real mail server takes text, HTML and file, delivers them, and sees the null sender."""
    post = Post(f"127.0.0.1:{local_exim.port}", Budget(Fixed()))
    asyncio.run(Customers(office("de"), post).send(case(to="customer@example.test"), NOW))
    mail = sink.await_mail("customer@example.test")
    headers = {key.lower(): value for key, value in mail["headers"]}
    assert mail["from"] in ("", "<>", None)
    assert headers["auto-submitted"] == "auto-generated"
    assert all(part in mail["text"] for part in ("text/plain", "text/html", "text/csv", "gone@example.net"))
