"""Amounts that a log may name."""

from tests.build import ANN, START, House, submission

from gatepost.ledger.page import decode, encode


def test_a_monstrous_number_of_recipients_breaks_nothing() -> None:
    """A line may claim more recipients than any number of the page can hold; it is counted as very many."""
    house = House()
    house.see(submission(START, recipients=10**15), submission(START + 1, recipients=10**15))
    page = decode(encode(house.page(ANN)))
    assert page.rings.row("count recipient.accepted 3600")[1] == 2 << 31
