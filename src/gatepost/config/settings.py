"""What an operator may set, with the defaults.

Owns the shape of the configuration; reading it is `load.py`'s work, judging it `checks.py`'s. After loading, every
path is absolute.
"""

from typing import Literal

from msgspec import Struct

from gatepost.config.acting import Others
from gatepost.config.asking import DovecotDoor, EximDoor, MailDoor, MilterDoor, PostfixDoor
from gatepost.config.languages import Language
from gatepost.config.naming import Naming
from gatepost.config.plans import Measures, Plan
from gatepost.config.streams import Journal, Stdin, Syslog
from gatepost.config.unlocking import SelfService
from gatepost.core.units import DAY, Seconds
from gatepost.detect.base import Detector
from gatepost.detect.quota import Limits
from gatepost.judge.score import Levels

Role = Literal["person", "shared", "bulk", "relay", "device"]
Described = Literal["consumer", "mobile", "hosting", "vpn", "relay", "app"]
Step = Literal["throttle", "hold", "block"]


class State(Struct, frozen=True, forbid_unknown_fields=True):
    """Where gatepost remembers, and for how long."""

    path: str = "state.db"  #: file of the state, seen from the folder of the configuration
    pages: Seconds = Seconds(400 * DAY)  #: how long a silent account is remembered
    incidents: Seconds = Seconds(3 * 365 * DAY)  #: how long a closed incident is kept
    addresses: Seconds = Seconds(90 * DAY)  #: how long recipient addresses are kept in clear
    group: str = ""  #: group that may give orders through the control socket; "" = the owner alone


class Start(Struct, frozen=True, forbid_unknown_fields=True):
    """The very first start."""

    learn: Seconds = Seconds(14 * DAY)  #: how much old log is read first; "0s" = begin now
    observe_for: Seconds = Seconds(7 * DAY)  #: observe only for so long, whatever the mode; "0s" = enforce at once
    daily: bool = True  #: while observing, a mail a day to those of [[action]] notify: what would have been done


class Domains(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose senders are ours."""

    local: tuple[str, ...] = ()  #: mail domains hosted here; none here and in the file = learnt from the log
    file: str = ""  #: file with more of them, one a line, # starts a comment


class AccountSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of one account."""

    role: Role = "person"  #: person, shared (several people), bulk (newsletters), relay (sends for others) or device
    quota: Limits | None = None  #: recipients it may write to: { hour = 5000, day = 20000 }
    plan: str = ""  #: name of the [plan] block that holds for it
    measures: Measures = Measures()  #: what a level means for it: { block = "hold" }
    mail: str = ""  #: address its owner reads, for letters to customers; "" = the account itself
    language: Literal["", "en", "de"] = ""  #: of letters about a theft (kind = "customer"); "" = its domain's
    senders: tuple[str, ...] = ()  #: addresses it may also send as: "sales@example.org", "*@shop.example.org", "*"


class DomainSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What holds for every account of one domain."""

    quota: Limits | None = None  #: recipients each of its accounts may write to
    plan: str = ""  #: name of the [plan] block that holds for each of them
    measures: Measures = Measures()  #: what a level means for each of them: { block = "hold" }
    language: Literal["", "en", "de"] = ""  #: of letters about a theft (kind = "customer"); "" = the action's


class Exempt(Struct, frozen=True, forbid_unknown_fields=True):
    """Who is spared."""

    accounts: tuple[str, ...] = ()  #: never measured against; shown at watch at most
    networks: tuple[str, ...] = ()  #: own networks such as "192.0.2.0/24": they never count as a new place
    protected: tuple[str, ...] = ()  #: reported, never stopped


class Tail(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="tail"):
    """A log file that is followed through its rotations."""

    name: str  #: name of the source, unique; not operator, clock, door or finding; evidence cites its lines under it
    path: str  #: the log file
    host: str = ""  #: name of the mail server that writes it; "" = the source's name
    dialect: Language = "auto"  #: which server's log it is; auto = found out from its lines
    spool: str = ""  #: Exim's spool folder: asked who it was when a client forged the log; "" = not asked
    zone: str = "local"  #: zone of times without an offset: local, UTC, "Europe/Berlin" or "+01:00"
    local_users: tuple[
        str, ...
    ] = ()  #: local users who are charged with their mail: "web12", or "*" and "!root" for all but root
    relay_clients: tuple[str, ...] = ()  #: networks of clients that are charged with mail without a login

    @property
    def hosts(self) -> tuple[str, ...]:
        """The mail server it speaks for."""
        return (self.host or self.name,)


TableFormat = Literal["lsearch", "dsearch", "hash", "lmdb", "cdb", "passwd-file"]


class TableSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="table"):
    """A deny table that the mail server reads."""

    path: str  #: the file that gatepost owns; the folder (dsearch); the file without its service (passwd-file)
    format: TableFormat = "lsearch"  #: lsearch, dsearch: Exim; hash, lmdb, cdb: Postfix; passwd-file: Dovecot
    on: tuple[Step, ...] = ("block",)  #: levels that put an account into the table: throttle, hold, block
    mode: str = "0640"  #: access mode of the file, or of each file in the folder, octal
    owner: str = ""  #: user that owns it; "" = the user gatepost runs as
    group: str = ""  #: group that owns it: the one the mail server runs in
    deny: str = "sending is stopped for this account: please ask your postmaster"  #: said by Postfix
    services: tuple[str, ...] = ("smtp", "submission", "sieve")  #: shut by Dovecot: a file PATH.SERVICE for each


class NotifySettings(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag_field="kind",
    tag="notify",
    rename={"sender": "from"},
):
    """A mail to the abuse desk."""

    to: tuple[str, ...]  #: who is told
    sender: str  #: address in the From line; the envelope sender is always empty
    smtp: str = "127.0.0.1:25"  #: server that takes the mail, host:port
    on: tuple[Step, ...] = ("hold", "block")  #: levels that are told
    templates: str = ""  #: folder with texts of your own: notice.txt, digest.txt, alarm.txt; "" = ours


ActionSettings = TableSettings | NotifySettings | Others
"""What an [[action]] block may be."""


class LetterSettings(Struct, frozen=True, forbid_unknown_fields=True, rename={"sender": "from"}):
    """Letters to customers whose list is old."""

    sender: str = ""  #: address in the From line; "" = customers get no letters
    smtp: str = "127.0.0.1:25"  #: server that takes the mail, host:port
    language: Literal["en", "de"] = "en"  #: of our texts: en or de
    templates: str = ""  #: folder with texts of your own, such as first.txt; "" = ours
    contact: str = ""  #: whom customers ask: an address, a telephone number, a page
    bulk: str = ""  #: your page about bulk mail services; "" = no such advice
    at: int = 20  #: dead addresses that are worth a letter
    within: Seconds = Seconds(7 * DAY)  #: how long they are gathered
    again: Seconds = Seconds(7 * DAY)  #: time to clean a list before refusals count again


class Breaker(Struct, frozen=True, forbid_unknown_fields=True):
    """Blocks that gatepost gives by itself, the larger of the two; beyond it only holds, undone without loss."""

    blocks_per_hour: int = 10  #: blocks in any 60 minutes
    share: float = 0.01  #: blocks in any 60 minutes as a share of the active accounts


class Life(Struct, frozen=True, forbid_unknown_fields=True):
    """When measures end by themselves."""

    hold_ends_after: Seconds | None = None  #: a hold or block that nobody confirmed ends after so long; unset = never
    after_theft: float = 10.0  #: points by which hold and block come sooner for 30 days after a theft; 0 = not sooner
    hold_keep: Seconds = Seconds(14 * DAY)  #: how long held mail must be safe from the mail server's own timers


class NetworkSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """A network you know better than the tables do; of several that fit the first counts."""

    addresses: tuple[str, ...] = ()  #: its networks in CIDR notation
    asns: tuple[int, ...] = ()  #: its AS numbers: all of them together are one network
    kind: Described = "consumer"  #: hosting: each address for itself; app, relay: all once; else by blocks


class HostSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """One of your mail servers that hands mail to another of yours, or takes it from there."""

    addresses: tuple[str, ...]  #: addresses from which it hands mail on, and at which it takes it: "192.0.2.30"


class Data(Struct, frozen=True, forbid_unknown_fields=True):
    """Tables about networks."""

    asn: str = "bundled"  #: addresses to AS numbers: bundled, none, or a file of yours (.mmdb, or packed as ours)
    country: str = "bundled"  #: addresses to countries, for rules of yours: bundled, none, or a file of yours
    lists: Literal["bundled", "none"] = "bundled"  #: Tor, relays, VPNs, mail apps, hosters: bundled, or none
    folder: str = ""  #: folder of newer tables, filled by `gatepost data update`; "" = those that come with gatepost


class Bounces(Struct, frozen=True, forbid_unknown_fields=True):
    """How refusals are understood."""

    rules: str = ""  #: file with rules of your own, which go before those that come with gatepost; "" = none


class Reports(Struct, frozen=True, forbid_unknown_fields=True):
    """What others report about your mail (`gatepost ingest`), and what you report about theirs (`gatepost report`)."""

    keep: Seconds = Seconds(0)  #: how long sent messages are known, so that reports about them count; "0s" = not at all
    from_one_network: int = 20  #: reports about one account that count in 24 hours from one network (/24, IPv6: /48)
    lmtp: str = ""  #: where reports are delivered: "unix:/run/gatepost/lmtp", "inet:127.0.0.1:2424"; "" = nowhere
    lmtp_group: str = ""  #: group that may use this unix socket, your mail server's; "" leaves it
    org: str = ""  #: who you are, in reports to the networks of attackers (`gatepost report`)
    contact: str = ""  #: address of your abuse desk, in these reports


class Adjusted(Struct, frozen=True):
    """One [[detector]] block: the detector it makes, or the built-in one it takes away."""

    kind: str
    detector: Detector
    enabled: bool = True


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole configuration."""

    mode: Literal["observe", "enforce"] = "observe"  #: observe = only report; enforce = act
    tag: str = "[gatepost]"  #: begins every text the mail server says for gatepost, so that it is not counted
    state: State = State()
    start: Start = Start()
    domains: Domains = Domains()
    accounts: Naming = Naming()
    levels: Levels = Levels()
    account: dict[str, AccountSettings] = {}
    domain: dict[str, DomainSettings] = {}
    plan: dict[str, Plan] = {}
    exempt: Exempt = Exempt()
    source: tuple[Tail | Syslog | Journal | Stdin, ...] = ()
    detector: tuple[Adjusted, ...] = ()
    action: tuple[ActionSettings, ...] = ()
    door: tuple[PostfixDoor | EximDoor | DovecotDoor | MilterDoor, ...] = ()
    letter: LetterSettings = LetterSettings()
    breaker: Breaker = Breaker()
    life: Life = Life()
    network: dict[str, NetworkSettings] = {}
    host: dict[str, HostSettings] = {}
    data: Data = Data()
    bounces: Bounces = Bounces()
    reports: Reports = Reports()
    selfservice: SelfService = SelfService()

    @property
    def logs(self) -> tuple[Tail, ...]:
        """The sources that are files."""
        return tuple(source for source in self.source if isinstance(source, Tail))

    @property
    def owners(self) -> tuple[MailDoor, ...]:
        """The doors whose word is their server's record."""
        return tuple(door for door in self.door if isinstance(door, MailDoor) and door.owns)
