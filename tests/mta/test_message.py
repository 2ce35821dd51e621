"""One open message: which of its recipients counts when."""

from hypothesis import given
from hypothesis import strategies as st

from gatepost.core.events import MAX_ADDRESSES
from gatepost.core.units import Account, Instant
from gatepost.mta.message import Message, addresses, load, save

KEY = b"k"
BOB, EVE = "bob@example.net", "eve@example.net"


def message(told: int = -1) -> Message:
    """An open message of ann's."""
    return Message(Account("ann@example.org"), Instant(1000.0), told=told)


def test_a_recipient_is_delivered_once() -> None:
    """Fifty members of one alias are one original recipient."""
    one = message()
    assert [one.deliver(BOB, KEY) for _ in range(50)] == [True, *[False] * 49]
    assert (one.delivered, one.more) == (1, 1)


def test_a_message_to_one_person_is_delivered_once_whatever_its_addresses() -> None:
    """When the arrival names one recipient, further addresses are what that one expands to."""
    one = message(told=1)
    assert one.deliver(BOB, KEY)
    assert not one.deliver(EVE, KEY)
    assert (one.delivered, one.more) == (1, 0)


def test_a_recipient_is_deferred_once() -> None:
    """Twenty tries later it is still the first deferral that counts."""
    one = message()
    assert [one.trouble(BOB, KEY, deferred=True) for _ in range(20)].count(True) == 1
    assert one.deliver(BOB, KEY)
    assert (one.delivered, one.more) == (1, 1)


def test_a_recipient_that_failed_is_done() -> None:
    """Nothing that follows a failure counts again."""
    one = message()
    assert one.trouble(BOB, KEY, deferred=False)
    assert not one.trouble(BOB, KEY, deferred=False)
    assert not one.trouble(BOB, KEY, deferred=True)
    assert not one.deliver(BOB, KEY)
    assert one.more == 1


outcomes = st.lists(
    st.tuples(st.sampled_from(["delivered", "deferred", "bounced"]), st.sampled_from([BOB, EVE, "x@example.com"])),
    max_size=20,
)


def apply(one: Message, happened: list[tuple[str, str]]) -> list[bool]:
    """What each outcome counted."""
    return [
        one.deliver(address, KEY) if what == "delivered" else one.trouble(address, KEY, deferred=what == "deferred")
        for what, address in happened
    ]


@given(outcomes, outcomes, st.sampled_from([-1, 1, 3]))
def test_saving_and_loading_in_the_middle_makes_no_difference(
    before: list[tuple[str, str]], after: list[tuple[str, str]], told: int
) -> None:
    """Recipients known by their hashes count exactly like recipients known by name."""
    whole, half = message(told), message(told)
    apply(whole, before)
    apply(half, before)
    again = load(save(half, KEY))
    assert apply(again, after) == apply(whole, after)
    assert (again.delivered, again.more) == (whole.delivered, whole.more)
    first, second = save(again, KEY), save(whole, KEY)
    assert set(first.done) == set(second.done)
    assert set(first.waiting) == set(second.waiting)


def test_a_saved_message_holds_no_address() -> None:
    """Recipients are written down as keyed hashes only (contracts 22)."""
    one = message()
    apply(one, [("delivered", BOB), ("deferred", EVE)])
    saved = save(one, KEY)
    assert [len(mark) for mark in (*saved.done, *saved.waiting)] == [8, 8]
    assert saved.done != save(one, b"other").done


def test_recipients_are_named_once_and_bounded() -> None:
    """A submission names each recipient once, in lower case, at most a hundred."""
    assert addresses(["a@Example.net", "A@example.NET", "c@example.org"]) == ("a@example.net", "c@example.org")
    assert len(addresses(f"a{number}@example.net" for number in range(180))) == MAX_ADDRESSES
