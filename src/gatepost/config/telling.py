"""Settings to the actions that tell machines and chats."""

from collections.abc import Callable
from functools import partial

from gatepost.act.chat import Chat, line_of
from gatepost.act.customer import Office
from gatepost.act.hook import Hook
from gatepost.act.post import Budget, Post
from gatepost.act.reach import Reach
from gatepost.act.siem import Siem
from gatepost.act.tidings import Teller
from gatepost.act.trust import context
from gatepost.act.url import url_of
from gatepost.act.warned import Owner, Rules, Warned
from gatepost.act.wording import LANGUAGES, THEFT, texts
from gatepost.config.naming import accounts
from gatepost.config.secret import secret
from gatepost.config.settings import Settings
from gatepost.config.tellers import ChatSettings, CustomerSettings, HookSettings, SiemSettings, TellerSettings
from gatepost.core.incident import Incident
from gatepost.core.ports import Clock, Journal
from gatepost.core.units import Account


def teller(
    found: TellerSettings,
    settings: Settings,
    journal: Journal,
    clock: Clock,
    budget: Budget,
    stopped: Callable[[str], bool],
    link: Callable[[Incident], str] = lambda _: "",
) -> Teller:
    """The action that a block asks for.

    Args:
        found: the block.
        settings: all of them.
        journal: where its rows stand.
        clock: the time of day.
        budget: of all messages that people get.
        stopped: whether the account that reads an address is held or blocked.
        link: makes the address of self-service for an incident.

    Raises:
        ConfigError: its secret cannot be used.
        ValueError: something else of it cannot.
    """
    on = frozenset(found.on)
    if isinstance(found, SiemSettings):
        return Teller(f"siem:{found.name or found.server}", siem(found), journal, on)
    if isinstance(found, CustomerSettings):
        rules = Rules(partial(owner, settings, found), stopped, found.released, link)
        post = Post(found.smtp, budget)
        return Warned(f"customer:{found.sender}", offices(found), post, journal, on, rules, clock)
    if isinstance(found, ChatSettings):
        name = f"chat:{found.name}"
        return Chat(name, line_of(secret(found.url_file, name).decode()), journal, on, budget, found.timeout)
    return Teller(*_hook(found, clock), journal, on)


def offices(found: CustomerSettings) -> dict[str, Office]:
    """In whose words customers are written to, by language.

    Raises:
        ConfigError: a text of the operator's is wrong.
    """
    return {
        language: Office(found.sender, texts(language, found.templates, THEFT), language, found.contact)
        for language in LANGUAGES
    }


def owner(settings: Settings, found: CustomerSettings, account: Account) -> Owner:
    """Whom an account belongs to; the account itself is no other address of his."""
    fold = accounts(settings.accounts).fold
    mine = next((one for name, one in settings.account.items() if fold(name) == account), None)
    theirs = settings.domain.get(account.rpartition("@")[2])
    to = mine.mail if mine is not None and fold(mine.mail) != account else ""
    told = (one.language for one in (mine, theirs) if one is not None and one.language)
    return Owner(to, next(told, found.language))


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
