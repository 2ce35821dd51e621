"""What an account weighs stays within the budget (contracts 7)."""

from io import StringIO

from bench import sizes, traffic


def test_pages_of_a_log_with_thefts_keep_to_their_budget() -> None:
    """Hot, pages are 8 kB in the middle, 12 kB at most; saved, 2 kB in the middle."""
    out = StringIO()
    truth = traffic.write(out, seed=5, accounts=70, days=8, attacks=("botnet", "forged", "guessed"))
    found = sizes.measure(out.getvalue().splitlines())
    assert len(truth.thefts) == 3
    assert found.hot[0] <= 8 * 1024
    assert found.hot[2] <= 12 * 1024
    assert found.encoded[0] <= 2 * 1024
