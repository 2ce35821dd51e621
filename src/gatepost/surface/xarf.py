"""Reports to the networks an account was attacked from, in the form XARF 4 (https://xarf.org, schemas/v4).

One report is about one address: connection/login_attack, the type for stolen and guessed credentials. Nothing of the
customer is in it: no account, no recipient, no subject. The same incident and address always give the same `report_id`.
"""

import base64
from hashlib import blake2b, sha256
from uuid import UUID

from gatepost.core.incident import Incident
from gatepost.core.units import iso
from gatepost.runtime.sightings import Sighting
from gatepost.surface.words import Json

VERSION = "4.0.0"

LINES = 200
"""Lines of evidence in one report; the numbers say how many there were."""


def report(incident: Incident, client: str, seen: Sighting, org: str, contact: str) -> Json:
    """One report about one address.

    Args:
        incident: of which it is a part.
        client: the address.
        seen: what it did.
        org: who we are.
        contact: our abuse desk.
    """
    us = {"org": org, "contact": contact, "domain": contact.rpartition("@")[2]}
    evidence = lines(client, seen)
    return {
        "xarf_version": VERSION,
        "report_id": str(report_id(incident, client)),
        "timestamp": iso(seen.first),
        "reporter": us,
        "sender": us,
        "source_identifier": client,
        "category": "connection",
        "type": "login_attack",
        "protocol": "tcp",
        "first_seen": iso(seen.first),
        "last_seen": iso(seen.last),
        "evidence_source": "traffic_analysis",
        "description": description(seen),
        "evidence": [
            {
                "content_type": "text/plain",
                "description": "What our mail server logged of this address, UTC",
                "payload": base64.b64encode(evidence).decode(),
                "hash": f"sha256:{sha256(evidence).hexdigest()}",
                "size": len(evidence),
            }
        ],
    }


def report_id(incident: Incident, client: str) -> UUID:
    """The name of the report about an address."""
    return UUID(bytes=blake2b(f"{incident.key} {client}".encode(), digest_size=16).digest(), version=4)


def description(seen: Sighting) -> str:
    """What an address did, in one sentence and its numbers."""
    return (
        "A stolen mail account was used from this address: it logged in with the right password."
        f" Messages handed in: {seen.messages}, recipients: {seen.recipients}."
    )


def lines(client: str, seen: Sighting) -> bytes:
    """What it did, time by time, at most LINES."""
    times = sorted(seen.times, key=lambda pair: pair[0])[:LINES]
    told = [f"{iso(at)} {client} logged in and handed in a message{_to(recipients)}" for at, recipients in times]
    if not told:
        told = [f"{iso(seen.first)} {client} logged in ({seen.logins} times until {iso(seen.last)})"]
    return "".join(f"{line}\n" for line in told).encode()


def _to(recipients: int | None) -> str:
    return f" for {recipients} recipients" if recipients else ""
