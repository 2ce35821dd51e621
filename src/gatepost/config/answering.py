"""Settings of a door to what answers there: its wire protocol, and who may ask."""

import ssl
from collections.abc import Callable, Mapping
from functools import partial
from hashlib import sha256
from pathlib import Path

from msgspec import Struct

from gatepost.config.asking import DoorSettings, DovecotDoor, EximDoor, MilterDoor, PostfixDoor
from gatepost.config.heard import FILES
from gatepost.config.secret import secret
from gatepost.core.errors import ConfigError
from gatepost.mta.dovecot.door import Talk as DovecotTalk
from gatepost.mta.exim.door import Talk as EximTalk
from gatepost.mta.milter import Talk as MilterTalk
from gatepost.mta.postfix.door import Talk as PostfixTalk
from gatepost.source.askers import Askers
from gatepost.source.inline import Talk
from gatepost.source.tls import tls_context

_TALKS: Mapping[type[DoorSettings], Callable[[], Talk]] = {
    PostfixDoor: PostfixTalk,
    EximDoor: EximTalk,
    MilterDoor: MilterTalk,
}


class Manner(Struct, frozen=True):
    """How a door talks, and with whom."""

    talk: Callable[[], Talk]
    """Makes the wire protocol of one more connection."""
    askers: Askers
    tls: ssl.SSLContext | None
    seal: bytes
    """Another one when other certificates are used, or others may ask."""


def manner(door: DoorSettings) -> Manner:
    """What a door is opened with; files are read now.

    Raises:
        ConfigError: a secret or a certificate cannot be used, or there is no such user.
    """
    tls = tls_context(door.certificate, door.key, door.authority) if door.certificate else None
    return Manner(talk(door), askers(door), tls, _seal(door))


def _seal(door: DoorSettings) -> bytes:
    """A digest of who may ask and of the certificates.

    Raises:
        ConfigError: a file that could be read a moment ago is gone.
    """
    found = sha256(repr((door.users, door.peers)).encode())
    for name in FILES:
        path = getattr(door, name)
        try:
            found.update(sha256(Path(path).read_bytes()).digest() if path else b"-")
        except OSError as error:
            raise ConfigError(f"door {door.name}: {name} cannot be read: {error.strerror}", path) from error
    return found.digest()


def talk(door: DoorSettings) -> Callable[[], Talk]:
    """Makes the wire protocol of one more connection at a door.

    Raises:
        ConfigError: the secret of the door cannot be used.
    """
    if isinstance(door, DovecotDoor):
        return partial(DovecotTalk, secret(door.secret, f"door {door.name}"))
    return _TALKS[type(door)]


def askers(door: DoorSettings) -> Askers:
    """Who may ask at a door.

    Raises:
        ConfigError: there is no such user.
    """
    try:
        return Askers(door.users, door.peers, certified=bool(door.authority))
    except LookupError as error:
        raise ConfigError(f"door {door.name}: {error}; name users of this host", door.listen) from error
