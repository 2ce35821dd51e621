"""What is usual on a server: what its accounts come back with, not what thieves have in common."""

from tests.build import START, House, submission

from gatepost.core.units import DAY, Account

SCRIPT = "bare/plain/login"


def test_where_accounts_come_back_from_is_usual_from_the_next_day() -> None:
    """An account that comes from a network with a program on two days; today is left out."""
    house = House()
    for day in range(2):
        house.see(submission(START + day * DAY))
        assert not house.site.used_to("net:192.0.0.0/16", "fqdn/tls/plain", START + day * DAY)
    assert house.site.used_to("net:192.0.0.0/16", "fqdn/tls/plain", START + 2 * DAY)


def test_what_many_thieves_have_in_common_is_not_usual() -> None:
    """Other accounts every day, all from one network with one program."""
    house = House()
    for day in range(9):
        for number in range(5):
            account = Account(f"user{day}.{number}@example.org")
            house.see(submission(START + day * DAY + 60 * number, account=account, print_=SCRIPT))
    assert not house.site.used_to("net:192.0.0.0/16", SCRIPT, START + 9 * DAY)
