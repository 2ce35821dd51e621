"""Published tables of autonomous systems into the packed form."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.enrich.packing import pack
from gatepost.enrich.tables import read

TSV = (
    "192.0.2.0\t192.0.2.127\t64500\tZZ\tONE\n192.0.2.128\t192.0.2.255\t64501\tZZ\tTWO, Ltd\n"
    "198.51.100.0\t198.51.100.255\t0\tNone\tNot routed\n2001:db8::\t"
    "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff\t64502\tZZ\tX\n"
)


@pytest.mark.parametrize(
    ("client", "asn"),
    [
        ("0.0.0.0", 0), ("192.0.1.255", 0), ("192.0.2.0", 64500), ("192.0.2.128", 64501), ("192.0.3.0", 0),
        ("198.51.100.9", 0), ("255.255.255.255", 0), ("::1", 0), ("2001:db8:1::1", 64502), ("2001:db9::", 0),
    ],
)  # fmt: skip
def test_each_address_belongs_to_its_line(client: str, asn: int) -> None:
    """And to nobody between the lines."""
    assert read(pack(TSV)).asn(ip_address(client)) == asn


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9), st.integers(0, 3)), max_size=8), st.integers(0, 80))
def test_lines_in_any_order_give_the_same_table(spans: list[tuple[int, int, int]], place: int) -> None:
    """Disjoint ranges, whatever their order and gaps."""
    rows, end = list[tuple[int, int, int]](), 0
    for gap, length, asn in spans:
        rows.append((end + gap, end + gap + length - 1, asn))
        end += gap + length
    lines = [f"{ip_address(first)}\t{ip_address(last)}\t{asn}\tZZ\tx" for first, last, asn in rows]
    expected = next((asn for first, last, asn in rows if first <= place <= last), 0)
    assert read(pack("\n".join(lines))).asn(ip_address(place)) == expected
    assert pack("\n".join(lines)) == pack("\n".join(reversed(lines)))


@pytest.mark.parametrize("line", ["x", "192.0.2.0\t192.0.2.9", "192.0.2.0\t192.0.2.9\tAS1\tZZ", "::\t192.0.2.1\t1\t"])
def test_a_line_that_is_none_is_named(line: str) -> None:
    """By its number."""
    with pytest.raises(ValueError, match="line 5"):
        pack(f"{TSV}{line}\n")
