"""What today's tools do: single rules over one account's acts, as their documentation proposes them.

They see the story itself, not a log, so that no reading of lines stands in their way. A rule fires once an account.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping

from gatepost.lab.mail import Happening, Look, Mail
from gatepost.lab.score import Detection
from gatepost.lab.world import DAY, HOUR

Count = Callable[[Mail | Look], Iterable[str]]
"""What an act adds to a window."""


class Window:
    """What one account did in the last so many seconds."""

    def __init__(self, within: int, count: Count, distinct: bool = False) -> None:
        """Start an empty window over what `count` names, each once when `distinct`."""
        self._within, self._count, self._distinct = within, count, distinct
        self._seen: dict[str, deque[tuple[float, str]]] = {}

    def size(self, act: Mail | Look) -> int:
        """How much is in the account's window after this act."""
        seen = self._seen.setdefault(act.account, deque())
        seen.extend((act.at, value) for value in self._count(act))
        while seen and seen[0][0] <= act.at - self._within:
            seen.popleft()
        return len({value for _, value in seen}) if self._distinct else len(seen)


Rule = Callable[[Mail | Look], bool]


def nonexistent() -> Rule:
    """A hundred recipients that do not exist within an hour: the Exim wiki's BlockCracking."""
    window = Window(HOUR, lambda act: [to for to, fate in _recipients(act) if fate == "dead"])
    return lambda act: window.size(act) >= 100


def addresses() -> Rule:
    """Five logins from three addresses or more within five minutes."""
    logins, clients = Window(300, lambda act: ["login"]), Window(300, lambda act: [act.client], distinct=True)
    return lambda act: (logins.size(act) >= 5) & (clients.size(act) >= 3)


def messages() -> Rule:
    """A hundred messages an hour."""
    window = Window(HOUR, lambda act: ["mail"] if isinstance(act, Mail) else [])
    return lambda act: window.size(act) >= 100


def recipients() -> Rule:
    """Two hundred recipients an hour, or a thousand in a day."""
    hour, day = (Window(within, lambda act: [to for to, _ in _recipients(act)]) for within in (HOUR, DAY))
    return lambda act: (hour.size(act) >= 200) | (day.size(act) >= 1000)


def networks() -> Rule:
    """More than ten networks (/16, or /32 of IPv6) in a day."""
    window = Window(DAY, lambda act: [_network(act.client)], distinct=True)
    return lambda act: window.size(act) > 10


RULES: Mapping[str, Callable[[], Rule]] = {
    "100 nonexistent/h": nonexistent, "5 logins, 3 addresses, 300 s": addresses, "100 messages/h": messages,
    "200 recipients/h, 1,000/24 h": recipients, "more than 10 networks/24 h": networks,
}  # fmt: skip
TOGETHER = "all of them together"


def run(days: Iterable[Iterable[Happening]]) -> dict[str, list[Detection]]:
    """What each rule says about a story, and all of them together."""
    rules = {name: make() for name, make in RULES.items()}
    found: dict[str, dict[str, Detection]] = {name: {} for name in (*RULES, TOGETHER)}
    for act in _acts(days):
        for name, rule in rules.items():
            if rule(act):
                said = Detection(act.at, act.account, "block", name)
                found[name].setdefault(act.account, said)
                found[TOGETHER].setdefault(act.account, said)
    return {name: list(said.values()) for name, said in found.items()}


def _acts(days: Iterable[Iterable[Happening]]) -> Iterator[Mail | Look]:
    for day in days:
        yield from (one for one in day if isinstance(one, Mail | Look))


def _recipients(act: Mail | Look) -> tuple[tuple[str, str], ...]:
    return act.recipients if isinstance(act, Mail) else ()


def _network(client: str) -> str:
    return ":".join(client.split(":")[:2]) if ":" in client else ".".join(client.split(".")[:2])
