"""All knowledge of mail servers: one dialect each, and the thread that joins their lines."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, tzinfo

from gatepost.core.units import Instant
from gatepost.mta.base import Dialect
from gatepost.mta.courier import Courier
from gatepost.mta.cyrus import Cyrus
from gatepost.mta.dovecot import Dovecot, DovecotFile
from gatepost.mta.exim import Exim
from gatepost.mta.haraka import Haraka
from gatepost.mta.kumomta import KumoMTA
from gatepost.mta.opensmtpd import OpenSMTPD
from gatepost.mta.postfix import Postfix
from gatepost.mta.selfstamped import SelfStamped, SelfStampedFile
from gatepost.mta.sendmail import Sendmail
from gatepost.mta.stalwart import Stalwart
from gatepost.mta.syslogged import Program, Syslogged

SELF_STAMPED: dict[str, Callable[[str], SelfStamped]] = {
    "haraka": Haraka,
    "kumomta": KumoMTA,
    "stalwart": Stalwart,
}
"""Mail servers that write a log of their own, and may send it through syslog, by the name of their dialect."""

PROGRAMS: dict[str, Callable[[str], Program]] = {
    "cyrus": Cyrus,
    "postfix": Postfix,
    "dovecot": Dovecot,
    "courier": Courier,
    "sendmail": Sendmail,
    "opensmtpd": OpenSMTPD,
    **SELF_STAMPED,
}
"""Mail servers that log through syslog, by the name of their dialect; each is made with the tag.

The first that owns a program reads it: "cyrus/lmtp" is Cyrus's, though Postfix knows any name that ends like this.
"""


def _syslogged(name: str) -> Callable[..., Dialect]:
    """A dialect that reads one server's lines, and those of every other in the same file."""

    def make(zone: tzinfo | None = UTC, tag: str = "[gatepost]", reference: Instant | None = None) -> Syslogged:
        programs = [program(tag) for program in PROGRAMS.values()]
        return Syslogged(programs, zone, tag, reference, name=name, exim=Exim(zone, tag, reference))

    return make


def _dovecot(zone: tzinfo | None = UTC, tag: str = "[gatepost]", reference: Instant | None = None) -> Dialect:
    """Dovecot's lines in syslog's form, and in that of the file it writes itself."""
    return DovecotFile(zone, tag, reference, beside=_syslogged("dovecot")(zone, tag, reference))


def _self_stamped(name: str) -> Callable[..., Dialect]:
    """A server's lines in the form of its own log, and in syslog's."""

    def make(zone: tzinfo | None = UTC, tag: str = "[gatepost]", reference: Instant | None = None) -> Dialect:
        return SelfStampedFile(SELF_STAMPED[name](tag), _syslogged(name)(zone, tag, reference))

    return make


DIALECTS: dict[str, Callable[..., Dialect]] = {
    "exim": Exim,
    **{name: _syslogged(name) for name in PROGRAMS},
    **{name: _self_stamped(name) for name in SELF_STAMPED},
    "dovecot": _dovecot,
}
"""Every dialect by its name; each is made with `zone`, `tag` and `reference`."""

UNKNOWN = "unknown"


def detect(lines: Sequence[str]) -> str:
    """The dialect most of these lines are written in; UNKNOWN when none of them is any dialect's.

    Exim's lines in a syslog file that holds another server's too are read by the other's dialect, which reads both.

    Args:
        lines: the first lines of a log; a few hundred are enough.
    """
    scores = {name: _score(make(), lines) for name, make in DIALECTS.items() if name not in PROGRAMS}
    shared = Syslogged([program("") for program in PROGRAMS.values()])
    among = Counter(map(shared.whose, lines))
    found = {name: among[name] for name in PROGRAMS}
    found["dovecot"] += _score(DovecotFile(), lines)
    for name, make in SELF_STAMPED.items():
        found[name] += _score(SelfStampedFile(make(""), Syslogged(())), lines)
    if scores["exim"] and any(found.values()):
        scores["exim"] = 0
    scores |= found
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] else UNKNOWN


def _score(dialect: Dialect, lines: Sequence[str]) -> int:
    """Lines that only this dialect would have written."""
    records = (dialect.read(line) for line in lines)
    return sum(
        record.why == "tampered" or (record.kind != "unread" and record.why not in dialect.vague) for record in records
    )
