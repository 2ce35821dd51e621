"""What an operator may set about sources that are no files: a syslog listener, the journal, standard input."""

from msgspec import Struct

from gatepost.config.languages import Language


class Peer(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who may send, and for which mail server."""

    name: str  #: address or network it sends from ("192.0.2.10"); with tls the DNS name in its certificate
    host: str = ""  #: name of the mail server it speaks for, whatever its lines say; "" = its name


class Syslog(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="syslog"):
    """A port at which mail servers' syslog arrives."""

    name: str  #: name of the source, unique; evidence cites its lines under name:host
    listen: str  #: "udp:192.0.2.1:514", "tcp:192.0.2.1:601", "tls:192.0.2.1:6514" or "unix:/run/gatepost/log"
    peers: tuple[Peer, ...] = ()  #: who may send: { name = "192.0.2.10", host = "mx1" }; none with unix
    host: str = ""  #: with unix: name of the mail server that writes there; "" = the source's name
    zone: str = "local"  #: zone of times without an offset: local, UTC, "Europe/Berlin" or "+01:00"
    certificate: str = ""  #: with tls: file of our certificate and its chain, PEM
    key: str = ""  #: with tls: file of its key, PEM, without a passphrase
    authority: str = ""  #: with tls: file of the certificates that sign the peers', PEM
    mode: str = "0660"  #: with unix: access mode of the socket, octal
    group: str = ""  #: with unix: group that may write to it: the one the mail server runs in
    allow_unauthenticated_udp: bool = False  #: true takes UDP from beyond this host, though its sender can be forged
    backlog: int = 256  #: megabytes kept for each mail server while they are not worked on; at least 32
    local_users: tuple[
        str, ...
    ] = ()  #: local users who are charged with their mail: "web12", or "*" and "!root" for all but root
    relay_clients: tuple[str, ...] = ()  #: networks of clients that are charged with mail without a login

    @property
    def hosts(self) -> tuple[str, ...]:
        """The mail servers it speaks for, each once."""
        found = [peer.host or peer.name for peer in self.peers] or [self.host or self.name]
        return tuple(dict.fromkeys(found))


class Journal(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="journal"):
    """The systemd journal, as far as the mail server's own processes wrote it."""

    name: str  #: name of the source, unique; evidence cites its lines under it
    units: tuple[str, ...]  #: units of the mail server: "postfix@-.service", "dovecot.service"
    users: tuple[str, ...]  #: names or numbers of the users its own processes run as: "root", "postfix", "dovecot"
    host: str = ""  #: name of the mail server; "" = the source's name
    path: str = ""  #: a journal file or a folder of them; "" = this host's journal
    local_users: tuple[
        str, ...
    ] = ()  #: local users who are charged with their mail: "web12", or "*" and "!root" for all but root
    relay_clients: tuple[str, ...] = ()  #: networks of clients that are charged with mail without a login

    @property
    def hosts(self) -> tuple[str, ...]:
        """The mail server it speaks for."""
        return (self.host or self.name,)


class Stdin(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="stdin"):
    """What another program writes into the standard input of `gatepost watch`."""

    name: str  #: name of the source, unique; evidence cites its lines under it
    host: str = ""  #: name of the mail server whose log it is; "" = the source's name
    dialect: Language = "auto"  #: which server's log it is; auto = found out from its lines
    zone: str = "local"  #: zone of times without an offset: local, UTC, "Europe/Berlin" or "+01:00"
    local_users: tuple[
        str, ...
    ] = ()  #: local users who are charged with their mail: "web12", or "*" and "!root" for all but root
    relay_clients: tuple[str, ...] = ()  #: networks of clients that are charged with mail without a login

    @property
    def hosts(self) -> tuple[str, ...]:
        """The mail server it speaks for."""
        return (self.host or self.name,)
