"""The records of postfix.journal.gz, a real journal file.

`python -m tests.source.journalled | systemd-journal-remote -o postfix.journal -`, then `gzip -9 postfix.journal`, made
it; the records here say what it holds.
"""

import gzip
import sys
from pathlib import Path

FILE = Path(__file__).with_name("postfix.journal.gz")
START = 1_772_445_600
"""2026-03-02T10:00:00Z, the first record's time; each of the others is a second later."""

OURS = {"_UID": "0", "_COMM": "smtpd", "_SYSTEMD_UNIT": "postfix@-.service", "_TRANSPORT": "syslog", "_PID": "70",
        "SYSLOG_IDENTIFIER": "postfix/submission/smtpd", "SYSLOG_PID": "7"}  # fmt: skip
LOGIN = "4F1: client=unknown[192.0.2.7], sasl_method=PLAIN, sasl_username=ann@example.org"
FORGED = LOGIN.replace("ann", "ben")

RECORDS: tuple[dict[str, bytes], ...] = tuple(
    {name: value if isinstance(value, bytes) else value.encode() for name, value in record.items()}
    for record in (
        OURS | {"MESSAGE": LOGIN},
        OURS | {"MESSAGE": FORGED, "_UID": "1000", "_COMM": "logger"},
        OURS | {"MESSAGE": FORGED, "_SYSTEMD_UNIT": "user@1000.service"},
        OURS | {"MESSAGE": FORGED, "_TRANSPORT": "stdout"},
        OURS | {"MESSAGE": "first\nMar  2 10:00:00 mx1 postfix/smtpd[7]: second"},
        OURS | {"MESSAGE": b"no \xff UTF-8"},
        OURS | {"MESSAGE": "x: y", "SYSLOG_IDENTIFIER": "a b: c", "SYSLOG_PID": "; 7"},
        OURS | {"MESSAGE": "4F1: removed", "_UID": "89", "SYSLOG_IDENTIFIER": "postfix/qmgr"},
    )
)

WHO = "mx1 postfix/submission/smtpd[7]:"
LINES = [
    f"2026-03-02T10:00:00.000000+00:00 {WHO} {LOGIN}",
    f"2026-03-02T10:00:04.000000+00:00 {WHO} first#012Mar  2 10:00:00 mx1 postfix/smtpd[7]: second",
    f"2026-03-02T10:00:05.000000+00:00 {WHO} no \udcff UTF-8",
    "2026-03-02T10:00:06.000000+00:00 mx1 unknown[70]: x: y",
    "2026-03-02T10:00:07.000000+00:00 mx1 postfix/qmgr[7]: 4F1: removed",
]
"""What is read of it for the unit postfix@-.service and the users 0 and 89."""


def unpacked(folder: Path) -> Path:
    """The journal file in a folder."""
    path = folder / "postfix.journal"
    path.write_bytes(gzip.decompress(FILE.read_bytes()))
    return path


def exported(number: int, record: dict[str, bytes]) -> bytes:
    """One record in the journal's export format, whose bytes are counted."""
    at = {"__REALTIME_TIMESTAMP": str((START + number) * 10**6), "__MONOTONIC_TIMESTAMP": str((1 + number) * 10**6)}
    ids = {"_BOOT_ID": "0123456789abcdef" * 2, "_MACHINE_ID": "fedcba9876543210" * 2, "_HOSTNAME": "elsewhere"}
    fields = {name: value.encode() for name, value in (at | ids).items()}
    text = b"".join(b"%s=%s\n" % (name.encode(), value) for name, value in fields.items())
    for name, value in record.items():
        text += b"%s\n%s%s\n" % (name.encode(), len(value).to_bytes(8, "little"), value)
    return text + b"\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(b"".join(exported(number, record) for number, record in enumerate(RECORDS)))
