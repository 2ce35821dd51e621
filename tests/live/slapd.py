"""A real OpenLDAP server on loopback, with password policies."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.live.ports import answers, free_port
from tests.live.stores import PASSWORD, USER, Process, call, own_folder, started

BASE = "dc=example,dc=org"
ADMIN = f"cn=gatepost,{BASE}"
POLICY = f"cn=policy,{BASE}"


@dataclass(frozen=True)
class Slapd:
    """One running slapd."""

    tree: Path
    port: int
    process: Process

    @property
    def url(self) -> str:
        """As an operator writes it."""
        return f"ldap://127.0.0.1:{self.port}"

    def again(self) -> "Slapd":
        """The same after a kill, with the same data and port."""
        return _run(self.tree, self.process.folder, self.port)


def start_slapd(tree: Path, entries: str = "") -> Slapd:
    """Start one.

    Args:
        tree: the folder that stores.sh made.
        entries: LDIF below dc=example,dc=org.
    """
    folder = own_folder(tree)
    (folder / "data").mkdir()
    shutil.chown(folder / "data", USER, USER)
    (folder / "slapd.conf").write_text(
        CONFIG.format(folder=folder, base=BASE, admin=ADMIN, policy=POLICY, password=PASSWORD)
    )
    (folder / "entries.ldif").write_text(LDIF.format(base=BASE, policy=POLICY) + entries)
    call(tree, "/usr/sbin/slapadd", "-f", f"{folder}/slapd.conf", "-l", f"{folder}/entries.ldif")
    return _run(tree, folder, free_port())


def _run(tree: Path, folder: Path, port: int) -> Slapd:
    words = ["/usr/sbin/slapd", "-f", f"{folder}/slapd.conf", "-h", f"ldap://127.0.0.1:{port}/", "-d", "0"]
    return Slapd(tree, port, started(tree, folder, words, lambda: answers(port)))


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
