"""The servers that write to syslog: their corpus files and who reads them."""

import json
from collections.abc import Callable

from msgspec import to_builtins
from tests.mta.corpus import WRITTEN, names

from gatepost.core.units import iso
from gatepost.mta import SELF_STAMPED
from gatepost.mta.base import Record
from gatepost.mta.courier import Courier
from gatepost.mta.cyrus import Cyrus
from gatepost.mta.dovecot import Dovecot, DovecotFile
from gatepost.mta.opensmtpd import OpenSMTPD
from gatepost.mta.selfstamped import SelfStampedFile
from gatepost.mta.sendmail import Sendmail
from gatepost.mta.syslogged import Program, Syslogged

PROGRAMS: dict[str, Callable[[], Program]] = {
    "dovecot": Dovecot,
    "cyrus": Cyrus,
    "courier": Courier,
    "sendmail": Sendmail,
    "opensmtpd": OpenSMTPD,
}


def self_stamped(folder: str) -> SelfStampedFile:
    """A fresh reader for the log that a server writes itself."""
    program = SELF_STAMPED[folder]("[gatepost]")
    return SelfStampedFile(program, Syslogged((program,), reference=WRITTEN))


def files() -> list[tuple[str, str]]:
    """Every corpus file, as its folder and its name."""
    return [(folder, name) for folder in PROGRAMS for name in names(folder)]


def reader(folder: str, name: str) -> Callable[[str], Record]:
    """A fresh reader for a corpus file: `own-file.log` is one that the server wrote without syslog."""
    if name == "own-file.log":
        return DovecotFile(reference=WRITTEN).read
    return Syslogged((PROGRAMS[folder](),), reference=WRITTEN).read


def stated(record: Record) -> dict[str, object]:
    """The fields that a record states, the time written out."""
    fields: dict[str, object] = json.loads(json.dumps(to_builtins(record)))
    if record.time is not None:
        fields["time"] = iso(record.time)
    return fields
