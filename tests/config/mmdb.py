"""Writes small MMDB files (https://maxmind.github.io/MaxMind-DB/)."""

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network

Value = str | int | Mapping[str, "Value"]
MARK = b"\xab\xcd\xefMaxMind.com"


def encoded(value: Value) -> bytes:
    """A value of the data section; texts below 285 octets."""
    if isinstance(value, str):
        text = value.encode()
        return bytes([2 << 5 | len(text)]) + text if len(text) < 29 else bytes([2 << 5 | 29, len(text) - 29]) + text
    if isinstance(value, int):
        return bytes([6 << 5 | 4]) + value.to_bytes(4, "big")
    return bytes([7 << 5 | len(value)]) + b"".join(encoded(name) + encoded(one) for name, one in value.items())


def written(records: Mapping[str, Value], kind: str, version: int = 6) -> bytes:
    """A file with a record for each network, 24 bits a pointer."""
    nodes: list[list[int | bytes | None]] = [[None, None]]
    for text, record in records.items():
        network = ip_network(text)
        node = 0
        for bit in _bits(network, version)[:-1]:
            below = nodes[node][bit]
            if not isinstance(below, int):
                below = nodes[node][bit] = len(nodes)
                nodes.append([None, None])
            node = below
        nodes[node][_bits(network, version)[-1]] = encoded(record)
    tree, data = bytearray(), bytearray()
    for side in (side for pair in nodes for side in pair):
        number = len(nodes) if side is None else side if isinstance(side, int) else len(nodes) + 16 + len(data)
        data += side if isinstance(side, bytes) else b""
        tree += number.to_bytes(3, "big")
    about = {
        "node_count": encoded(len(nodes)), "record_size": _short(24), "ip_version": _short(version),
        "binary_format_major_version": _short(2), "binary_format_minor_version": _short(0),
        "build_epoch": b"\x08\x02" + (1).to_bytes(8, "big"), "database_type": encoded(kind), "languages": b"\x00\x04",
        "description": encoded({}),
    }  # fmt: skip
    head = bytes([7 << 5 | len(about)]) + b"".join(encoded(name) + value for name, value in about.items())
    return bytes(tree) + bytes(16) + bytes(data) + MARK + head


def _short(number: int) -> bytes:
    """A number of 16 bits."""
    return bytes([5 << 5 | 2]) + number.to_bytes(2, "big")


def _bits(network: IPv4Network | IPv6Network, version: int) -> list[int]:
    """From the root to the network; IPv4 lies under ::/96 of a tree of IPv6."""
    wide, length = network.max_prefixlen, network.prefixlen
    bits = [int(network.network_address) >> (wide - 1 - place) & 1 for place in range(length)]
    return [0] * 96 + bits if version == 6 and wide == 32 else bits
