"""A web hook: each step of an incident and its end as signed JSON (docs/schemas/hook.json).

Owns the content and the signature, which is that of Standard Webhooks (standardwebhooks.com, specification 1.0.0):
HMAC-SHA256 over "id.timestamp.body". A receiver that keeps the ids it has seen and looks at the time acts once,
whatever is repeated or played back.
"""

import base64
import binascii
import hashlib
import hmac
import json
import ssl
from collections.abc import Sequence

from gatepost.act.foreign import visible, word
from gatepost.act.reach import Reach
from gatepost.act.tidings import News
from gatepost.act.url import Url
from gatepost.act.web import post
from gatepost.core.errors import ActionError
from gatepost.core.evidence import Evidence
from gatepost.core.ports import Clock, Row
from gatepost.core.units import iso

VERSION = 1
"""Of the content; fields are only ever added, so it will not grow soon."""

PREFIX = b"whsec_"
"""Begins a secret that is written in base64."""

MOST_MEASURES = 50
"""Measures that are told."""

NAMES = 1000
"""Characters of our own names: account, incident, action."""


class Hook:
    """A Speaker that posts."""

    def __init__(self, *, url: Url, secret: bytes, reach: Reach, tls: ssl.SSLContext, clock: Clock, timeout: float):
        """Say where to.

        Args:
            url: the receiver's.
            secret: as in the file: "whsec_" and base64, or the octets themselves.
            reach: which addresses may be connected to.
            tls: of the connection.
            clock: for the time that is signed.
            timeout: seconds for one try.

        Raises:
            ValueError: the secret is no base64.
        """
        self._url, self._secret = url, key_of(secret)
        self._reach, self._tls, self._clock, self._timeout = reach, tls, clock, timeout

    async def say(self, news: News) -> str:
        """Post it; the journal tries again.

        Raises:
            ActionError: it was not taken: any status but 2xx, a redirect too.
        """
        body = json.dumps(content(news)).encode()
        headers = signed(self._secret, id_of(news), int(self._clock.now()), body)
        status = await post(self._url, headers, body, self._reach, self._tls, self._timeout)
        where = self._url.authority
        if 300 <= status < 400:
            msg = f"{where} answered {status}: redirects are not followed; write where it leads into url"
            raise ActionError(msg, retry=True)
        if not 200 <= status < 300:
            msg = f"{where} answered {status}: see its log; 401 and 403 mean another secret"
            raise ActionError(msg, retry=True)
        return f"{where} was told: {status}"


def key_of(secret: bytes) -> bytes:
    """The key itself.

    Raises:
        ValueError: what stands behind "whsec_" is no base64.
    """
    if not secret.startswith(PREFIX):
        return secret
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("the secret is no base64 behind whsec_; write it as the receiver shows it") from error


def id_of(news: News) -> str:
    """The same for every try, and another after a state was lost and an incident got an old number again."""
    name = f"{news.key}\n{news.incident.opened!r}".encode("utf-8", "surrogatepass")
    return f"msg_{hashlib.blake2b(name, digest_size=16).hexdigest()}"


def signed(key: bytes, name: str, at: int, body: bytes) -> list[tuple[str, str]]:
    """The headers: id, seconds since 1970, signature."""
    made = hmac.digest(key, f"{name}.{at}.".encode() + body, "sha256")
    return [
        ("Content-Type", "application/json"),
        ("User-Agent", "gatepost"),
        ("Webhook-Id", name),
        ("Webhook-Timestamp", str(at)),
        ("Webhook-Signature", f"v1,{base64.b64encode(made).decode()}"),
    ]


def content(news: News) -> dict[str, object]:
    """What is told, as docs/schemas/hook.json has it; nothing in it is invisible or longer than it says."""
    found, verdict = news.incident, news.incident.verdict
    account, key = visible(found.account, NAMES), visible(found.key, NAMES)
    return {
        "version": VERSION,
        "id": id_of(news),
        "type": f"incident.{news.what}",
        "at": iso(news.at),
        "incident": key,
        "account": account,
        "state": found.state.value,
        "level": found.peak.word,
        "step": news.step,
        "score": verdict.score,
        "since": iso(found.hostile_since or found.opened),
        "opened": iso(found.opened),
        "out_before": found.out_before,
        "out_after": found.out_after,
        "refused": found.refused,
        "notes": [f"{visible(what)}: {visible(how)}" for what, how in news.notes],
        "evidence": [_evidence(proof) for proof in verdict.because],
        "measures": [_measure(row) for row in news.measures[:MOST_MEASURES]],
        "commands": _commands(news),
    }


def _evidence(proof: Evidence) -> dict[str, object]:
    return {
        "detector": proof.detector,
        "family": proof.family.value,
        "points": proof.points,
        "says": visible(proof.says),
        "measured": proof.measured,
        "limit": proof.limit,
        "values": [visible(value) for value in proof.values[:10]],
        "cites": [visible(str(cursor)) for cursor in proof.cites[:5]],
    }


def _measure(row: Row) -> dict[str, str]:
    done = {"action": visible(row.action, NAMES), "ensure": row.order.ensure, "state": row.state}
    return {**done, "note": visible(row.note, 500)}


def _commands(news: News) -> Sequence[str]:
    """What takes every measure back."""
    if news.what == "end":
        return []
    name = word(news.incident.key)
    return [f"gatepost release {name} --password-changed", f"gatepost release {name} --honest"]
