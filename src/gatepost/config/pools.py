"""The roaming pools that `gatepost pools` keeps in the folder of tables."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from gatepost.config.settings import Data
from gatepost.core.errors import ConfigError
from gatepost.enrich.pools import MOST_BLOCKS, Pool

FILE = "pools.json"


def kept(data: Data) -> tuple[Pool, ...]:
    """What is written there, dropped ones too; nothing when there is no folder or no file.

    Raises:
        ConfigError: the file cannot be read or holds something else.
    """
    file = Path(data.folder) / FILE
    if not data.folder or not file.exists():
        return ()
    try:
        return msgspec.json.decode(file.read_bytes(), type=tuple[Pool, ...])
    except (OSError, ValueError) as error:
        msg = f"data.folder: cannot be used: {error}; delete the file, then `gatepost pools learn` writes it anew"
        raise ConfigError(msg, str(file)) from error


def blocks(data: Data) -> Mapping[str, int]:
    """Blocks that count as one access, of each pool that holds."""
    return {pool.network: min(pool.blocks, MOST_BLOCKS) for pool in kept(data) if pool.state != "dropped"}
