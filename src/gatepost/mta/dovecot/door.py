"""Dovecot asks whether somebody may log in: auth policy requests to questions, answers to a status.

Source: Dovecot's manual, "Authentication Policy" (request attributes, `status` and `msg`); docs/doors/dovecot.md.
Postfix and Exim that let Dovecot check passwords are the protocol `smtp`, Dovecot's own proxy is `submission`. `report`
tells how a login ended: the log says so too, and the log is the record. Of a failed one, only what tells its password
from others is used. Without a password, as in CRAM-MD5, Dovecot hashes none and every guess looks the same (Dovecot
src/auth/auth-policy.c): the hash counts only when the report names a mechanism that has one. The clients
of weakforced speak the same, and also `ping` (weakforced's README, "API Calls"; docs/migrate-weakforced.md).
"""

import hmac
import re
from collections.abc import Callable, Iterator

import msgspec
from msgspec import Struct

from gatepost.core.asked import Answer, Question, Tried
from gatepost.core.errors import BadRequest, Stranger
from gatepost.mta.addresses import plain
from gatepost.wire import posted
from gatepost.wire.posted import Posted
from gatepost.wire.texts import CONTROLS, kept

_PROOF = re.compile(r"[0-9a-f]{4,128}")
"""At least nine bits, Dovecot's own is twelve: with fewer, other passwords would too often look the same."""

_WITH_PASSWORD = frozenset({"PLAIN", "LOGIN"})


class _Login(Struct):
    """What Dovecot says of somebody who logs in, as its auth_policy_request_attributes are by default."""

    login: str = ""
    protocol: str = ""
    remote: str = ""
    tls: bool = False


class _Report(Struct):
    """What Dovecot says of a login that is over; `mechanism` only when it is configured to."""

    login: str = ""
    remote: str = ""
    pwhash: str = ""
    mechanism: str = ""
    success: bool = True
    policy_reject: bool = False


class _Status(Struct):
    status: int
    msg: str = ""


_read = msgspec.json.Decoder(_Login).decode
_read_report = msgspec.json.Decoder(_Report).decode
_write = msgspec.json.Encoder().encode
_PASSES = posted.reply(_write(_Status(0)))
_HEARD = posted.reply(b'{"status":"ok"}')
_UNKNOWN = posted.reply(b'{"status":"failure","reason":"gatepost has no such command"}', b"404 Not Found")
_TOLD = {"report": _HEARD, "ping": _HEARD, "allow": b""}


class Talk:
    """One connection of a Dovecot auth process, which asks again and again."""

    def __init__(self, secret: bytes) -> None:
        """Begin.

        Args:
            secret: what whoever asks must know.
        """
        self.lasting = True
        self._told = b""
        """The answer to what is no question."""
        self._secret, self._requests = secret, posted.Requests()

    @property
    def halfway(self) -> bool:
        """Whether a question has begun and not ended."""
        return self._requests.halfway

    def receive(self, data: bytes) -> Iterator[Question | Tried | None]:
        """Who wants to log in, or could not; None is another report, a ping, or a command we do not know.

        Raises:
            Stranger: without the secret.
            WireError: bytes that are no request.
        """
        for request in self._requests.feed(data):
            if not hmac.compare_digest(request.key, self._secret):
                msg = "somebody asked without the secret: see auth_policy_server_api_header in Dovecot's configuration"
                raise Stranger(msg, posted.UNAUTHORIZED)
            self.lasting, self._told = request.lasting, _TOLD.get(request.command, _UNKNOWN)
            yield _READERS.get(request.command, _nothing)(request)

    def reply(self, answer: Answer) -> bytes:
        """The status for an answer: refuse, wait so many seconds, or go on; whatever was no question has its own."""
        if self._told:
            return self._told
        if answer.act in ("deny", "defer"):
            return posted.reply(_write(_Status(-1, answer.text.translate(CONTROLS))))
        return posted.reply(_write(_Status(answer.seconds))) if answer.act == "slow" else _PASSES


def _question(request: Posted) -> Question:
    try:
        found = _read(request.body.decode("utf-8", "replace"))
    except (msgspec.DecodeError, UnicodeError) as error:
        msg = f"the body of a request is not what Dovecot sends: {error}"[:200]
        raise BadRequest(msg) from error
    return Question(
        stage="auth",
        login=kept(found.login),
        client=kept(found.remote),
        service=kept(found.protocol).lower(),
        tls=found.tls,
    )


def _tried(request: Posted) -> Tried | None:
    """A failed login; None: any other end, also one that gatepost refused itself."""
    try:
        found = _read_report(request.body.decode("utf-8", "replace"))
    except (msgspec.DecodeError, UnicodeError):
        return None
    if found.success or found.policy_reject or not found.login:
        return None
    sure = found.mechanism.upper() in _WITH_PASSWORD and _PROOF.fullmatch(found.pwhash)
    proof = found.pwhash if sure else ""
    return Tried(login=kept(found.login), client=plain(kept(found.remote)), proof=proof)


def _nothing(request: Posted) -> None:
    """A ping, or a command that we do not know."""


_READERS: dict[str, Callable[[Posted], Question | Tried | None]] = {"allow": _question, "report": _tried}
