"""Settings to the actions that tell machines and chats."""

from gatepost.act.chat import Chat, line_of
from gatepost.act.hook import Hook
from gatepost.act.post import Budget
from gatepost.act.reach import Reach
from gatepost.act.siem import Siem
from gatepost.act.tidings import Teller
from gatepost.act.trust import context
from gatepost.act.url import url_of
from gatepost.config.secret import secret
from gatepost.config.tellers import ChatSettings, HookSettings, SiemSettings, TellerSettings
from gatepost.core.ports import Clock, Journal


def teller(found: TellerSettings, journal: Journal, clock: Clock, budget: Budget) -> Teller:
    """The action that a block asks for.

    Raises:
        ConfigError: its secret cannot be used.
        ValueError: something else of it cannot.
    """
    on = frozenset(found.on)
    if isinstance(found, SiemSettings):
        return Teller(f"siem:{found.name or found.server}", siem(found), journal, on)
    if isinstance(found, ChatSettings):
        name = f"chat:{found.name}"
        return Chat(name, line_of(secret(found.url_file, name).decode()), journal, on, budget, found.timeout)
    return Teller(*_hook(found, clock), journal, on)


def siem(found: SiemSettings) -> Siem:
    """What sends lines.

    Raises:
        ValueError: a file of TLS cannot be used.
    """
    tls = context(found.authority, found.certificate, found.key) if found.server.startswith("tls:") else None
    return Siem(to=found.server, host=found.host, facility=found.facility, tls=tls, timeout=found.timeout)


def _hook(found: HookSettings, clock: Clock) -> tuple[str, Hook]:
    url = url_of(found.url)
    name = f"hook:{found.name or url.authority}"
    key, reach, tls = secret(found.secret, name), Reach(found.networks), context(found.authority)
    return name, Hook(url=url, secret=key, reach=reach, tls=tls, clock=clock, timeout=found.timeout)
