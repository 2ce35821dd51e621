"""The operator's own MMDB files: AS numbers and countries.

The format is MaxMind's (https://maxmind.github.io/MaxMind-DB/, version 2.0); the package `maxminddb` reads it and is
needed for this only. Fields are those of MaxMind and DB-IP (`autonomous_system_number`, `country.iso_code`) and of
IPinfo (`asn` as "AS64500", `country` as "DE").
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from gatepost.core.errors import ConfigError

SUFFIX = ".mmdb"
NUMBERS, NATIONS = ("asn", "isp"), ("country", "city")
"""Words in the type of a file, one of which must be there."""


class Mmdb:
    """One file, which stays open; a newer one is taken with a reload."""

    def __init__(self, path: str, setting: str, kinds: Sequence[str]) -> None:
        """Open it.

        Args:
            path: the file.
            setting: named in errors: "data.asn".
            kinds: words, one of which its type must have.

        Raises:
            ConfigError: the package is missing; the file cannot be read, is none, or knows something else.
        """
        try:
            package = import_module("maxminddb")
        except ImportError as error:
            msg = f"{setting}: the package maxminddb is missing: install it with gatepost's, pip install maxminddb"
            raise ConfigError(msg, path) from error
        self._broken: type[Exception] = package.InvalidDatabaseError
        try:
            self._reader: Any = package.open_database(path)
        except (OSError, ValueError, self._broken) as error:
            raise ConfigError(f"{setting}: cannot be used: {error}", path) from error
        kind = str(self._reader.metadata().database_type)
        if not any(word in kind.lower() for word in kinds):
            msg = f"{setting}: it is of type {kind!r}: take one about {' or '.join(kinds)}"
            raise ConfigError(msg, path)

    def asn(self, address: IPv4Address | IPv6Address) -> int:
        """The AS number; 0 when it is not known."""
        found = self._record(address)
        number = found.get("autonomous_system_number", found.get("asn"))
        if isinstance(number, str):
            digits = number.upper().removeprefix("AS")
            number = int(digits) if digits.isascii() and digits.isdigit() else 0
        return number if isinstance(number, int) and 0 < number < 1 << 32 else 0

    def four(self, number: int) -> int:
        """The same for an IPv4 address that is a number already."""
        return self.asn(IPv4Address(number))

    def of(self, address: IPv4Address | IPv6Address) -> str:
        """ISO 3166-1 alpha-2; "" when it is not known."""
        country = self._record(address).get("country")
        code = country.get("iso_code") if isinstance(country, Mapping) else country
        return code if isinstance(code, str) and len(code) == 2 and code.isascii() and code.isupper() else ""

    def _record(self, address: IPv4Address | IPv6Address) -> Mapping[str, Any]:
        """What stands there; nothing for IPv6 in a file of IPv4, or where the file is damaged."""
        try:
            found = self._reader.get(address)
        except (ValueError, self._broken):
            return {}
        return found if isinstance(found, Mapping) else {}
