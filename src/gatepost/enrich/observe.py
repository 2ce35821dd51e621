"""Event to observation: adds what we know of the client, the sender and the cause of a refusal."""

from collections.abc import Callable
from functools import lru_cache

from gatepost.core.events import AnyEvent, Delivery, Login, Recipient, Submission
from gatepost.core.facts import Again, Observation
from gatepost.core.units import Account
from gatepost.enrich.bounces import Classifier, classifier
from gatepost.enrich.network import Networks
from gatepost.enrich.senders import Senders


class Observer:
    """Pure look-ups in loaded tables."""

    def __init__(self, networks: Networks, senders: Senders, bounces: Classifier | None = None) -> None:
        self.networks, self.senders = networks, senders
        self.cause = (bounces or classifier()).cause
        self.again: Callable[[Account], Again] | None = None
        """Asked which failed logins of an account tried a password again; None: nobody tells."""

    def observe(self, event: AnyEvent) -> Observation:
        """An event together with what we know about it."""
        if isinstance(event, Submission):
            facts = self.senders.facts(event.account, event.envelope_sender)
            program = client_print(event.helo, event.tls, event.mechanism)
            author = self.senders.facts(event.account, event.author) if event.author else None
            origin, again = self.networks.origin(event.client), self.again(event.account) if self.again else ()
            return Observation(event, origin, facts, None, program, author, again=again)
        if isinstance(event, Delivery):
            return self._delivery(event)
        if isinstance(event, Login):
            program = client_print(event.helo, event.tls, event.mechanism)
            again = self.again(event.account) if self.again and event.ok else ()
            return Observation(event, self.networks.origin(event.client), None, None, program, again=again)
        if isinstance(event, Recipient):
            facts = self.senders.facts(event.account, event.envelope_sender)
            return Observation(event, self.networks.origin(event.client), facts)
        return Observation(event)

    def _delivery(self, event: Delivery) -> Observation:
        if event.result not in ("bounced", "refused", "complained"):
            return Observation(event)
        program = client_print(event.helo, event.tls, event.mechanism)
        cause = self.cause(event) if event.result != "complained" else None
        return Observation(event, self.networks.origin(event.client), None, cause, program)


@lru_cache(maxsize=65536)
def client_print(helo: str, tls: bool, mechanism: str) -> str:
    """The client's print: class of greeting, TLS, mechanism; never an exact match ("fqdn/tls/plain")."""
    if not helo and not mechanism:
        return ""
    return f"{_greeting(helo)}/{'tls' if tls else 'plain'}/{mechanism.lower()}"


def _greeting(helo: str) -> str:
    """How a client introduces itself."""
    if not helo:
        return "none"
    if helo.startswith("["):
        return "literal"
    return "fqdn" if "." in helo else "bare"
