"""Whether Dovecot asks at a door, does what it is told there, and lets people log in without it; needs no root.

Source: doveconf(1); Dovecot's manual, "Authentication Policy". The header with the secret is never looked at.
"""

from collections.abc import Iterator

from gatepost.config.asking import DovecotDoor
from gatepost.surface.doctor.check import Check
from gatepost.surface.doctor.program import answer

PAGE = "docs/doors/dovecot.md has the lines"
NAMES = (
    "auth_policy_server_url",
    "auth_policy_check_before_auth",
    "auth_policy_check_after_auth",
    "auth_policy_log_only",
    "auth_policy_reject_on_fail",
    "auth_policy_server_timeout_msecs",
)
PATIENCE = 2000
"""Milliseconds a login may wait for a gatepost that hangs; Dovecot's own default."""


def look(door: DovecotDoor) -> Iterator[Check]:
    """What Dovecot's configuration says about the door.

    Raises:
        OSError, subprocess.SubprocessError: doveconf did not answer.
    """
    pairs = (line.partition("=") for line in answer("doveconf", *NAMES).splitlines())
    found = {name.strip(): value.strip() for name, _, value in pairs}
    yield _asked(door, found)
    yield _open(door, found)


def _asked(door: DovecotDoor, found: dict[str, str]) -> Check:
    name, url = f"door {door.name}: asked", found.get("auth_policy_server_url", "")
    if not url or not _reaches(url, door.listen):
        says = f"auth_policy_server_url is {url[:80] or 'empty'}, not the address {door.listen}: nobody is stopped"
        return Check(name, "fail", says, PAGE)
    scheme = "https" if door.certificate else "http"
    if not door.listen.startswith("unix:") and not url.startswith(f"{scheme}://"):
        says = f"auth_policy_server_url is {url[:80]}, but the door {door.listen} speaks {scheme}: nobody is stopped"
        return Check(name, "fail", says, "write https:// where the door has a certificate, else http://")
    if "yes" not in (found.get("auth_policy_check_before_auth"), found.get("auth_policy_check_after_auth")):
        return Check(name, "fail", "Dovecot asks neither before nor after it checks a password", PAGE)
    if found.get("auth_policy_log_only") == "yes":
        return Check(name, "fail", "Dovecot only logs what it is told: nobody is stopped", "auth_policy_log_only = no")
    if found.get("auth_policy_check_before_auth") == "yes":
        says = "Dovecot asks before it checks the password: a stranger can find out who is stopped"
        return Check(name, "warn", says, "auth_policy_check_before_auth = no")
    return Check(name, "ok", "Dovecot asks at every login with the right password")


def _reaches(url: str, listen: str) -> bool:
    """Whether an address of Dovecot's names the door's port; what a proxy does before a socket cannot be seen."""
    kind, _, place = listen.partition(":")
    return kind == "unix" or url.partition("://")[2].partition("/")[0].rpartition(":")[2] == place.rpartition(":")[2]


def _open(door: DovecotDoor, found: dict[str, str]) -> Check:
    name = f"door {door.name}: without gatepost"
    if found.get("auth_policy_reject_on_fail") != "no":
        says = "Dovecot lets nobody in while gatepost is down"
        return Check(name, "fail", says, f"auth_policy_reject_on_fail = no; {PAGE}")
    wait = found.get("auth_policy_server_timeout_msecs", "")
    if not wait.isdigit() or int(wait) >= PATIENCE:
        says = f"logins go on, but each waits {wait[:20]} ms when gatepost hangs"
        return Check(name, "warn", says, f"auth_policy_server_timeout_msecs = 500; {PAGE}")
    return Check(name, "ok", "logins go on")
