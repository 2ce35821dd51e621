"""Values in LDAP filters."""

import re

from hypothesis import given
from hypothesis import strategies as st

from gatepost.wire.filters import escaped


@given(st.binary(max_size=30))
def test_a_value_stays_a_value(octets: bytes) -> None:
    """Whatever a login is made of, no sign of a filter is left in it, and it reads back as it was."""
    found = escaped(octets.decode("utf-8", "surrogateescape"))
    assert re.fullmatch(r"(?:[A-Za-z0-9]|\\[0-9a-f]{2})*", found)
    back = re.sub(r"\\(..)", lambda pair: chr(int(pair[1], 16)), found)
    assert back.encode("latin-1") == octets
