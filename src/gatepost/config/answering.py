"""Settings of a door to what answers there: its wire protocol, and who may ask."""

from collections.abc import Callable, Mapping
from functools import partial

from gatepost.config.asking import DoorSettings, DovecotDoor, EximDoor, MilterDoor, PostfixDoor
from gatepost.config.secret import secret
from gatepost.core.errors import ConfigError
from gatepost.mta.dovecot.door import Talk as DovecotTalk
from gatepost.mta.exim.door import Talk as EximTalk
from gatepost.mta.milter import Talk as MilterTalk
from gatepost.mta.postfix.door import Talk as PostfixTalk
from gatepost.source.askers import Askers
from gatepost.source.inline import Talk

_TALKS: Mapping[type[DoorSettings], Callable[[], Talk]] = {
    PostfixDoor: PostfixTalk,
    EximDoor: EximTalk,
    MilterDoor: MilterTalk,
}


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
        return Askers(door.users, door.peers)
    except LookupError as error:
        raise ConfigError(f"door {door.name}: {error}; name users of this host", door.listen) from error
