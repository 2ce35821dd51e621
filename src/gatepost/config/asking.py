"""Where mail servers ask in the dialogue, and what they are answered: the [[door]] blocks."""

from typing import Literal

from msgspec import Struct

from gatepost.core.units import Seconds

Step = Literal["throttle", "hold", "block"]


class DoorSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An address at which a mail server asks in the dialogue."""

    name: str = ""  #: name of the door in messages; "" = its kind
    listen: str  #: "unix:/run/gatepost/postfix", or "inet:127.0.0.1:4002": see users
    mode: str = "0660"  #: access mode of a unix socket, octal
    group: str = ""  #: group that may use a unix socket: the one the mail server runs in
    users: tuple[str, ...] = ()  #: users of this host that may ask, besides root: "postfix"; none = whoever gets there
    peers: tuple[str, ...] = ()  #: hosts that may ask at "inet:": "192.0.2.10"; with authority "mx1.example.org"
    certificate: str = ""  #: file of our certificate with its chain, PEM: at "inet:" everybody must speak TLS
    key: str = ""  #: file of its key, PEM, without a passphrase
    authority: str = ""  #: file of the certificates that sign those of peers, PEM; "" = peers are known by address
    on: tuple[Step, ...] = ("throttle", "hold", "block")  #: levels that are answered: throttle, hold, block
    slow: Seconds = Seconds(10)  #: how long a recipient waits at throttle, at most "10s"
    sleepers: int = 50  #: connections kept waiting at a time; one more is told to come back later
    deny: str = "sending is stopped: the password seems stolen; change it, then ask your provider"  #: said at block
    defer: str = "this account sends more than usual; try again later"  #: said at throttle to relays and devices
    hold: str = "kept for a look at it"  #: noted with a message that is kept


class MailDoor(DoorSettings, frozen=True):
    """A door at which every message is asked about."""

    owns: str = ""  #: name of the mail server that asks, when no log of its mail is read: its questions are the record


class PostfixDoor(MailDoor, frozen=True, tag_field="kind", tag="postfix"):
    """Postfix's policy delegation (check_policy_service)."""

    route: str = ""  #: at throttle, mail leaves by this transport of master.cf: "suspects:"; "" = as everybody's
    mark: str = ""  #: at throttle, mail gets this header: "X-Suspect: yes"; not beside route; "" = none
    at_hold: Literal["keep", "route"] = "keep"  #: at hold, mail is kept, or leaves at once by route
    at_block: Literal["deny", "keep"] = "deny"  #: at block, mail is refused, or accepted and kept: nobody is warned


class EximDoor(MailDoor, frozen=True, tag_field="kind", tag="exim"):
    """Exim's ${readsocket} in the access control lists."""

    local_users: bool = False  #: acl_not_smtp asks too, so that holds and blocks of local users are carried out there


class MilterDoor(DoorSettings, frozen=True, tag_field="kind", tag="milter"):
    """A mail filter (milter) of Postfix or Sendmail."""

    slow: Seconds = Seconds(1)  #: how long a recipient waits at throttle; less than the mail server waits for us


class DovecotDoor(DoorSettings, frozen=True, kw_only=True, tag_field="kind", tag="dovecot"):
    """Dovecot's auth policy: it asks at every login."""

    secret: str  #: file with the secret of auth_policy_server_api_header: 16 characters or more, not for others to read
    services: tuple[str, ...] = ("smtp", "submission", "sieve")  #: logins that are refused or slowed; others pass
    on: tuple[Literal["throttle", "block"], ...] = ("throttle", "block")  #: levels that are answered: throttle, block
