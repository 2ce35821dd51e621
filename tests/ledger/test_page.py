"""A page survives being written down."""

from tests.build import ANN, House, habits, theft

from gatepost.ledger.page import decode, encode


def test_a_page_read_back_is_equal() -> None:
    """Decode after encode gives the same page, empty rings left out."""
    house = House()
    house.see(*habits(), *theft(1_773_600_000.0))
    page = house.page()
    again = decode(encode(page))
    assert again.standing == page.standing
    assert again.incident == page.incident
    assert again.known == page.known
    assert encode(again) == encode(page)


def test_a_quiet_account_is_small() -> None:
    """At most 2 kB for an ordinary account (contracts 7)."""
    house = House()
    house.see(*habits())
    assert len(encode(house.page())) <= 2048


def test_spellings_are_bounded() -> None:
    """A client that plays with capitals fills no memory."""
    page = House().page(ANN)
    for number in range(200):
        page.spell(f"Ann{number}", number)
    assert len(page.spellings) <= 16
