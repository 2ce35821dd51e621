"""Reports to the networks an account was attacked from, as mails of feedback loops are (ARF, RFC 5965).

One mail is about one address that handed in messages. The reported message itself is the customer's, so of its header
only what is the sender's goes out: a Received field made of address and time (RFC 5965 section 2 wants a header there,
RFC 6650 section 5 lets it be redacted). The same incident and address always give the same mail.
"""

from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from email.utils import formatdate

from gatepost import __version__
from gatepost.core.errors import ConfigError
from gatepost.core.incident import Incident
from gatepost.core.units import Instant
from gatepost.runtime.sightings import Sighting
from gatepost.surface import xarf


def mail(incident: Incident, client: str, seen: Sighting, org: str, contact: str) -> bytes:
    """One report about one address, as it stands in an mbox (RFC 4155): behind its From line, before an empty one.

    Args:
        incident: of which it is a part.
        client: the address.
        seen: what it did; messages are among it.
        org: who we are.
        contact: our abuse desk.

    Raises:
        ConfigError: the two make no sender.
    """
    name, domain = xarf.report_id(incident, client), contact.rpartition("@")[2]
    whole = EmailMessage(policy=default)
    whole["From"] = _us(org, contact)
    whole["Date"] = formatdate(int(seen.last))
    whole["Subject"] = f"Abuse report: {client} used a stolen mail account"
    whole["Message-ID"] = f"<{name}@{domain}>"
    whole["MIME-Version"] = "1.0"
    whole["Content-Type"] = f'multipart/report; report-type=feedback-report; boundary="=_{name.hex}"'
    whole.attach(_words(client, seen, org))
    whole.attach(_part("message/feedback-report", _feedback(client, seen)))
    whole.attach(_part("text/rfc822-headers", _received(client, seen, domain)))
    return f"From {contact} {_asctime(seen.last)}\n".encode() + whole.as_bytes() + b"\n"


def _us(org: str, contact: str) -> Address:
    try:
        return Address(org, addr_spec=contact)
    except (ValueError, MessageError) as error:
        msg = "org and contact make no sender of a mail: write one line, and an address such as abuse@example.org"
        raise ConfigError(msg, "[reports]") from error


def _asctime(at: Instant) -> str:
    """ "Sun Mar 15 03:00:03 2026", in UTC, as an mbox has it."""
    return datetime.fromtimestamp(int(at), UTC).ctime()


def _words(client: str, seen: Sighting, org: str) -> EmailMessage:
    part = EmailMessage(policy=default)
    part.set_content(
        f"{xarf.description(seen)}\n\nWhat our mail server logged of {client}, UTC:\n\n"
        f"{xarf.lines(client, seen).decode()}\nReported by: {org}\n"
    )
    return part


def _feedback(client: str, seen: Sighting) -> str:
    """RFC 5965 section 3: what is required first."""
    fields = {
        "Feedback-Type": "abuse",
        "User-Agent": f"gatepost/{__version__}",
        "Version": "1",
        "Source-IP": client,
        "Arrival-Date": _first(seen),
        "Incidents": str(seen.messages),
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items())


def _received(client: str, seen: Sighting, domain: str) -> str:
    literal = f"IPv6:{client}" if ":" in client else client
    return f"Received: from [{literal}]\n\tby {domain}; {_first(seen)}\n"


def _first(seen: Sighting) -> str:
    """When the first message was handed in."""
    return formatdate(int(min(at for at, _ in seen.times)))


def _part(kind: str, text: str) -> EmailMessage:
    part = EmailMessage(policy=default)
    part["Content-Type"] = kind
    part.set_payload(text)
    return part
