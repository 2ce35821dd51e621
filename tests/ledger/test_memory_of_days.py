"""Daily numbers, familiar values, and the site's own distribution."""

from hypothesis import given
from hypothesis import strategies as st

from gatepost.core.units import DAY
from gatepost.ledger import daily, familiar
from gatepost.ledger.site import Site


def test_a_day_closes_at_the_first_event_of_a_later_day() -> None:
    """The open day is no part of what is usual."""
    diary: daily.Diary = []
    assert daily.write(diary, 0.2 * DAY, 3, 35) is None
    assert daily.write(diary, 0.4 * DAY, 4, 35) is None
    assert daily.write(diary, 1.1 * DAY, 9, 35) == (0, 7)
    assert daily.closed(diary, 1.2 * DAY, ()) == [7]
    assert daily.closed(diary, 2.2 * DAY, (0,)) == [9]


def test_a_late_event_belongs_to_its_own_day() -> None:
    """A late event is added to its day, not to today."""
    diary: daily.Diary = []
    daily.write(diary, 0.9 * DAY, 1, 35)
    daily.write(diary, 1.1 * DAY, 5, 35)
    daily.write(diary, 0.95 * DAY, 2, 35)
    assert diary == [0, 3, 1, 5]


def test_a_diary_keeps_so_many_days() -> None:
    """Older days fall out."""
    diary: daily.Diary = []
    for day in range(100):
        daily.write(diary, day * DAY, day, 35)
    assert len(diary) == 72
    assert diary[0] == 64


@given(st.sets(st.text(max_size=20), max_size=1200))
def test_what_was_learnt_is_familiar(values: set[str]) -> None:
    """No false negatives within one rotation, whatever the values."""
    sets = familiar.Sets()
    for value in values:
        familiar.learn(sets, familiar.mark(value, b"k"))
    assert all(familiar.knows(sets, familiar.mark(value, b"k")) for value in values)
    assert len(sets.young) + len(sets.old) + len(sets.exact) <= 4096 + 2048


def test_false_positives_stay_below_what_is_stated() -> None:
    """Full sets call at most 1.6 % of unknown values familiar."""
    sets = familiar.Sets()
    for number in range(2 * familiar.FULL - 1):
        familiar.learn(sets, familiar.mark(f"d{number}.example.net", b"k"))
    wrong = sum(familiar.knows(sets, familiar.mark(f"x{number}.example.org", b"k")) for number in range(5000))
    assert wrong <= 0.016 * 5000


def test_the_site_speaks_only_when_it_knows_enough() -> None:
    """Twenty closed days are needed; then the 95th percentile is stated, rounded up to half an octave."""
    site = Site()
    for _ in range(19):
        site.teach("recipient.accepted", 10)
    assert site.usual("recipient.accepted") is None
    site.teach("recipient.accepted", 10)
    usual = site.usual("recipient.accepted")
    assert usual is not None
    assert 10 <= usual <= 14.2
