"""Settings to the actions that tell machines and chats."""

from gatepost.act.hook import Hook
from gatepost.act.reach import Reach
from gatepost.act.tidings import Teller
from gatepost.act.url import url_of
from gatepost.act.web import context
from gatepost.config.secret import secret
from gatepost.config.tellers import TellerSettings
from gatepost.core.ports import Clock, Journal


def teller(found: TellerSettings, journal: Journal, clock: Clock) -> Teller:
    """The action that a block asks for.

    Raises:
        ConfigError: its secret cannot be used.
        ValueError: something else of it cannot.
    """
    url = url_of(found.url)
    name = f"hook:{found.name or url.authority}"
    key, reach, tls = secret(found.secret, name), Reach(found.networks), context(found.authority)
    hook = Hook(url=url, secret=key, reach=reach, tls=tls, clock=clock, timeout=found.timeout)
    return Teller(name, hook, journal, frozenset(found.on))
