"""A real OpenLDAP server on loopback, with password policies."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tests.live.ports import answers, free_port
from tests.live.stores import PASSWORD, USER, Process, call, certificate, own_folder, started

BASE = "dc=example,dc=org"
ADMIN = f"cn=gatepost,{BASE}"
POLICY = f"cn=policy,{BASE}"


@dataclass(frozen=True)
class Slapd:
    """One running slapd."""

    tree: Path
    port: int
    tls_port: int
    process: Process

    @property
    def url(self) -> str:
        """As an operator writes it."""
        return f"ldap://127.0.0.1:{self.port}"

    def again(self) -> "Slapd":
        """The same after a kill, with the same data and port."""
        return _run(self.tree, self.process.folder, self.port)


def start_slapd(tree: Path, entries: str = "", access: str = "", *, tls: bool = False) -> Slapd:
    """Start one.

    Args:
        tree: the folder that stores.sh made.
        entries: LDIF below dc=example,dc=org.
        access: lines of access control, which go first.
        tls: with its own certificate, in `folder/server.crt`, also at `tls_port` and at the socket `folder/ldapi`.
    """
    folder = own_folder(tree)
    (folder / "data").mkdir()
    shutil.chown(folder / "data", USER, USER)
    text = CONFIG.format(folder=folder, base=BASE, admin=ADMIN, policy=POLICY, password=PASSWORD, access=access)
    if tls:
        certificate(folder / "server.crt", folder / "server.key")
        shutil.chown(folder / "server.key", USER, USER)
        text = f"TLSCertificateFile {folder}/server.crt\nTLSCertificateKeyFile {folder}/server.key\n{text}"
    (folder / "slapd.conf").write_text(text)
    (folder / "entries.ldif").write_text(LDIF.format(base=BASE, policy=POLICY) + entries)
    call(tree, "/usr/sbin/slapadd", "-f", f"{folder}/slapd.conf", "-l", f"{folder}/entries.ldif")
    return _run(tree, folder, free_port())


def _run(tree: Path, folder: Path, port: int) -> Slapd:
    tls_port = free_port() if (folder / "server.key").exists() else 0
    more = f" ldaps://127.0.0.1:{tls_port}/ ldapi://{quote(f'{folder}/ldapi', safe='')}" if tls_port else ""
    words = ["/usr/sbin/slapd", "-f", f"{folder}/slapd.conf", "-h", f"ldap://127.0.0.1:{port}/{more}", "-d", "0"]
    return Slapd(tree, port, tls_port, started(tree, folder, words, lambda: answers(port)))


CONFIG = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
pidfile {folder}/pid
database mdb
maxsize 33554432
suffix "{base}"
rootdn "{admin}"
rootpw "{password}"
directory {folder}/data
{access}
access to attrs=userPassword by anonymous auth by * none
access to * by * read
overlay ppolicy
ppolicy_default "{policy}"
"""

LDIF = """\
dn: {base}
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: {policy}
objectClass: device
objectClass: pwdPolicy
cn: policy
pwdAttribute: userPassword
pwdLockout: TRUE

"""
