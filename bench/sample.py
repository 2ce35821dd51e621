"""Writes the sample log that `make run` reads: `python -m bench.sample`.

Small on purpose: forty honest accounts over twelve days and five stolen ones, at most 400 kB packed.
"""

import gzip
import io
import sys
from pathlib import Path

from msgspec.structs import replace

from bench import traffic

SEED = 15
DAYS = 12
ACCOUNTS = {
    "light": 19, "heavy": 1, "phone": 5, "devices": 3, "newsletter": 1, "club": 1, "traveller": 2, "role": 1,
    "forgetful": 1, "new": 1, "mover": 2, "new-phone": 1, "rare": 7,
}  # fmt: skip
"""Honest accounts by profile, the five victims among them."""
ATTACKS = ("botnet", "slow", "washed", "blast", "guessed")
MESSAGES = 40
"""Where each thief stops, so that the file stays small."""


def files() -> dict[str, bytes]:
    """The sample as file names and contents; the same bytes on every machine."""
    text = io.StringIO()
    truth = traffic.write(text, seed=SEED, accounts=ACCOUNTS, days=DAYS, attacks=ATTACKS, messages=MESSAGES, noise=0.25)
    short = replace(truth, thefts=tuple(replace(theft, sent=()) for theft in truth.thefts))
    return {"mainlog.gz": _packed(text.getvalue().encode()), "truth.json": traffic.save(short)}


def _packed(data: bytes) -> bytes:
    """Gzip without a time stamp."""
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, compresslevel=9, mtime=0) as out:
        out.write(data)
    return packed.getvalue()


def main(folder: Path) -> None:
    """Write the files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files().items():
        (folder / name).write_bytes(data)
        print(f"{folder / name}: {len(data)} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "examples" / "sample")
