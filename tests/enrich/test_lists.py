"""Published lists of special networks."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.enrich.lists import FILES, lists, read_apps, read_ranges, read_systems


def test_a_list_is_read_as_it_is_published() -> None:
    """Addresses, networks, comments, and what stands behind a comma."""
    text = "# exits\n192.0.2.7\n198.51.100.0/28,US,US-CA,TOWN,\n\n2001:db8:1::/48  # more\n"
    found = read_ranges(text, "relay.txt")
    assert ip_address("192.0.2.7") in found and ip_address("192.0.2.8") not in found
    assert ip_address("198.51.100.15") in found and ip_address("198.51.100.16") not in found
    assert ip_address("2001:db8:1:ffff::1") in found and ip_address("2001:db8:2::1") not in found


@given(
    st.lists(st.tuples(st.integers(0, 255), st.integers(20, 32)), max_size=12),
    st.integers(0, 1023),
)
def test_overlapping_networks_hold_what_one_of_them_holds(networks: list[tuple[int, int]], place: int) -> None:
    """Sorted and merged spans answer as the networks themselves."""
    known = [ip_network((0xC0000200 + host, bits), strict=False) for host, bits in networks]
    address = ip_address(0xC0000000 + place)
    found = read_ranges("\n".join(map(str, known)), "vpn.txt")
    assert (address in found) == any(address in network for network in known)


@pytest.mark.parametrize("line", ["192.0.2.0/33", "192.0.2.0/-1", "office", "192.0.2", "2001:db8::/x", "/8", "::1/129"])
def test_a_line_that_is_no_network_is_named(line: str) -> None:
    """With file and line."""
    with pytest.raises(ValueError, match=r"vpn\.txt:2"):
        read_ranges(f"192.0.2.1\n{line}\n", "vpn.txt")


def test_systems_are_written_with_and_without_letters() -> None:
    """As the lists have them."""
    assert read_systems("AS64500 # a hoster\n64501\n", "hosting.txt", "hosting") == {64500: "hosting", 64501: "hosting"}
    assert read_systems("64500 relay # whose\n", "systems.txt") == {64500: "relay"}


@pytest.mark.parametrize("line", ["ASx", "64500", "-1 relay", "4294967296 relay", "\u0664 relay"])
def test_a_line_that_is_no_system_is_named(line: str) -> None:
    """Neither a number alone where a word is needed, nor a number too large."""
    with pytest.raises(ValueError, match=r"systems\.txt:1"):
        read_systems(line, "systems.txt")


def test_an_app_has_a_name() -> None:
    """A network without one belongs to nobody."""
    ((app, ranges),) = read_apps("192.0.2.0/28 mailer\n192.0.2.64/28 mailer\n")
    assert app == "mailer" and ip_address("192.0.2.65") in ranges
    with pytest.raises(ValueError, match=r"apps\.txt:1"):
        read_apps("192.0.2.0/28\n")


def test_our_own_word_on_a_system_wins() -> None:
    """Over the lists of others."""
    found = lists({"hosting.txt": "64500\n64501\n", "mobile.txt": "64502\n", "systems.txt": "64500 many\n"})
    assert found.systems == {64500: "many", 64501: "hosting", 64502: "mobile"}


@given(st.sampled_from(FILES), st.text(max_size=80))
def test_no_text_does_more_than_be_refused(name: str, text: str) -> None:
    """A list that somebody else writes is read, or refused with one error."""
    try:
        lists({name: text})
    except ValueError as error:
        assert name in str(error)
