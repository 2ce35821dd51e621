"""Whether everybody who is to be told can be reached; nothing is sent."""

import asyncio
from collections.abc import Iterator
from functools import partial

from gatepost.act.chat import line_of
from gatepost.act.reach import Reach
from gatepost.act.trust import context
from gatepost.act.url import url_of
from gatepost.act.web import reachable
from gatepost.config.secret import secret
from gatepost.config.settings import NotifySettings, Settings
from gatepost.config.tellers import ChatSettings, CustomerSettings, HookSettings, SiemSettings
from gatepost.config.telling import siem
from gatepost.core.errors import ActionError
from gatepost.surface.doctor import notice
from gatepost.surface.doctor.check import Check, guarded, untried


def look(settings: Settings, *, offline: bool) -> Iterator[Check]:
    """Every action that tells, and letters to customers."""
    for action in settings.action:
        if isinstance(action, NotifySettings):
            yield notice.look(action.smtp, offline=offline)
        elif isinstance(action, CustomerSettings):
            yield notice.look(action.smtp, offline=offline, name="letters to customers")
        elif isinstance(action, HookSettings):
            yield from guarded(f"hook {action.url}", partial(_hook, action, offline=offline))
        elif isinstance(action, SiemSettings):
            yield from guarded(f"siem {action.server}", partial(_siem, action, offline=offline))
        elif isinstance(action, ChatSettings):
            yield from guarded(f"chat {action.name}", partial(_chat, action))
    if settings.letter.sender:
        yield notice.look(settings.letter.smtp, offline=offline, name="letters")


def _hook(found: HookSettings, *, offline: bool) -> Iterator[Check]:
    """The secret, the addresses that the name leads to, and the certificate."""
    url = url_of(found.url)
    name = f"hook {found.name or url.authority}"
    secret(found.secret, name)
    if offline:
        yield untried(name)
        return
    try:
        asyncio.run(reachable(url, Reach(found.networks), context(found.authority), found.timeout))
    except ActionError as error:
        yield Check(name, "fail", str(error), "correct url, networks or authority of this action")
    else:
        yield Check(name, "ok", f"{url.authority} is reached" + (", and its certificate is valid" if url.tls else ""))


def _siem(found: SiemSettings, *, offline: bool) -> Iterator[Check]:
    """Whether somebody is there; of UDP nobody can say."""
    name = f"siem {found.name or found.server}"
    if offline:
        yield untried(name)
        return
    try:
        asyncio.run(siem(found).reach())
    except (OSError, TimeoutError) as error:
        why = getattr(error, "strerror", None) or str(error) or f"no answer within {found.timeout:g} s"
        yield Check(name, "fail", f"{found.server}: {why}", "correct server of this action, or start that server")
        return
    if found.server.startswith("udp:"):
        says = f"{found.server}: a line that is lost on the way is lost without a word"
        yield Check(name, "warn", says, 'write server = "tls:…" or "tcp:…" when the SIEM can take it')
    else:
        yield Check(name, "ok", f"{found.server} is reached")


def _chat(found: ChatSettings) -> Iterator[Check]:
    """Whether there is a URL that Apprise knows; nothing is said in the chat."""
    name = f"chat {found.name}"
    try:
        line_of(secret(found.url_file, name).decode())
    except ValueError as error:
        yield Check(name, "fail", str(error), "docs/actions/chat.md has the form of such a URL")
    else:
        yield Check(name, "ok", "Apprise knows the service; whether it takes messages was not tried")
