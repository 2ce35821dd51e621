"""Whether Exim is set up as gatepost needs it: what it logs, whom it believes, how long it keeps what is frozen."""

import re
from collections.abc import Iterator

from gatepost.core.units import spoken
from gatepost.surface.doctor.check import Check
from gatepost.surface.doctor.eximconf import Config

SELECTORS = ("received_recipients", "smtp_no_mail")
"""Without the first, recipients are counted late; without the second, a login that sends nothing is not seen."""

_TIMES = re.compile(r"(\d+)([wdhms])")
_SECONDS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
_SENT = ("acl_smtp_mail", "acl_smtp_rcpt", "acl_smtp_predata", "acl_smtp_data", "acl_smtp_mime")


def look(config: Config, *, holds: bool, keep: float) -> Iterator[Check]:
    """The settings of Exim itself.

    Args:
        config: what Exim says.
        holds: whether gatepost may hold mail in it.
        keep: seconds for which held mail must stay where it is.
    """
    yield _selectors(config)
    yield _ids(config)
    yield _greetings(config)
    if holds or freezes(config):
        yield from _timers(config, keep)


def freezes(config: Config) -> bool:
    """Whether an ACL freezes messages."""
    return any("freeze" in line for line in config.reached(*_SENT))


def _selectors(config: Config) -> Check:
    name, chosen = "exim: log_selector", set[str]()
    for word in config.options.get("log_selector", "").replace("+", " +").replace("-", " -").split():
        chosen = chosen | {word[1:]} if word[0] == "+" else chosen - {word[1:]}
        chosen = set() if word == "-all" else chosen
    missing = [word for word in SELECTORS if word not in chosen and "all" not in chosen]
    if not missing:
        return Check(name, "ok", "logs what gatepost reads")
    words = " ".join(f"+{word}" for word in missing)
    return Check(name, "warn", f"lacks {words}", f"add to what is there: log_selector = {words}")


def _ids(config: Config) -> Check:
    name = "exim: server_set_id"
    serving = {
        auth: lines for auth, lines in config.authenticators.items() if any(_sets(line, "server_") for line in lines)
    }
    if not serving:
        return Check(
            name, "unknown", "no authenticator for clients", "name the configuration that has them: --exim-config"
        )
    nameless = [auth for auth, lines in serving.items() if not any(_sets(line, "server_set_id") for line in lines)]
    if not nameless:
        return Check(name, "ok", f"set in {', '.join(serving)}: the log says who logged in")
    says = f"missing in {', '.join(nameless)}: the log does not say who logged in"
    return Check(name, "fail", says, "set server_set_id = $auth2 for PLAIN, $auth1 for LOGIN and others")


def _sets(line: str, name: str) -> bool:
    return line.startswith(name) and "=" in line


def _greetings(config: Config) -> Check:
    name, hosts = "exim: helo_accept_junk_hosts", config.options.get("helo_accept_junk_hosts", "")
    if not hosts:
        return Check(name, "ok", "empty: clients cannot write log syntax into their greeting")
    says = f"is {hosts[:80]}: these clients can write log syntax into their greeting"
    return Check(name, "warn", says, "take it out; gatepost charges such lines to nobody, but thieves can hide in them")


def _timers(config: Config, keep: float) -> Iterator[Check]:
    """Frozen mail that is bounced or sent by a timer was not held."""
    does = {
        "timeout_frozen_after": "bounces frozen mail, to senders that may be forged",
        "auto_thaw": "sends frozen mail",
    }
    for option, what in does.items():
        name, value = f"exim: {option}", config.options.get(option, "0s")
        span = sum(int(number) * _SECONDS[unit] for number, unit in _TIMES.findall(value))
        if span and span < keep:
            says = f"is {value}: after {spoken(span)} Exim {what}"
            yield Check(name, "fail", says, f"take it out, or set it to {spoken(keep)} or more: [life] hold_keep")
        else:
            yield Check(name, "ok", "leaves held mail where it is" if not span else f"is {value}, long enough")
