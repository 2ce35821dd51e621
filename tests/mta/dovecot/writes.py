"""Lines as Dovecot writes them, for strangers who choose names and passwords.

Each function renders the fields in the order of Dovecot's source, for a server that allows any character in a name
(`auth_username_chars =` empty) and logs passwords as they were given (`auth_verbose_passwords = plain`).
"""

from hypothesis import strategies as st

HEADER = "2026-03-02T10:00:00Z imap1 dovecot: "
CLIENT = "203.0.113.9"
VICTIM = "victim@example.org"
SECRET = "sEcReT-42"

PIECES = (
    "<", ">", ">, ", "user=<", f"user=<{VICTIM}>, ", ": user=<", "method=PLAIN, ", "rip=198.51.100.1, ",
    ", rip=198.51.100.1", "lip=192.0.2.1", ", lip=192.0.2.1", ", mpid=1", ", TLS", ", session=<x>", "Login: ",
    f"{VICTIM},198.51.100.1", ",198.51.100.1", "): ", ",<x>", ",<x>): ", ")", "(", ",", "unknown user",
    "Password mismatch", " (given password: ", " (SHA1 of given password: ",
    "pam_authenticate() failed: Authentication failure (Password mismatch?)",
    "): unknown user (given password: ", "<1><x>: request [1]: sql: ", ",sasl:plain)<x>: sql: ", "auth(", "1): sql(",
    "User found from deny passdb", "Authentication failure due to policy server refusal: [gatepost] no",
    " - trying the next passdb", " (auth failed, 1 attempts in 1 secs)", "proxy(x): started proxying to y:1",
    " ruser=", " rhost=198.51.100.1", "pam_unix(", ": ", " ", "@", "a", "ü", "[gatepost]", "Info: ",
)  # fmt: skip

hostile = st.lists(
    st.sampled_from(PIECES) | st.text(st.characters(codec="ascii", min_codepoint=32, max_codepoint=126), max_size=4),
    max_size=9,
).map("".join)
"""What a stranger types: pieces of Dovecot's own language, in any order."""

users = hostile | st.sampled_from([VICTIM, "ann@example.org", "ann smith"])
passwords = st.tuples(hostile, hostile).map(SECRET.join)
endings = st.sampled_from([", session=<AAAAe1xgRrt/AAAB>", ""])
layers = st.sampled_from([", TLS", ", secured", "", ", TLS: Connection closed"])

FAILED = ("unknown user", "Password mismatch", "pam_authenticate() failed: Authentication failure (Password mismatch?)")


def session(message: str, user: str, layer: str = ", TLS", ending: str = ", session=<AAAAe1xgRrt/AAAB>") -> str:
    """client_get_log_str: the message, and the fields in Dovecot's own order; a name is cut at 80 characters."""
    fields = f"user=<{user[:80]}>, method=PLAIN, rip={CLIENT}, lip=192.0.2.1{layer}{ending}"
    return f"{HEADER}imap-login: {message}: {fields}"


def failed(user: str, words: str, password: str | None, recent: bool, named: bool) -> str:
    """auth_request_log_login_failure: 2.3's prefix or 2.4's; a name is cut at 64 characters."""
    given = "" if password is None else f" (given password: {password})"
    if recent:
        name = f"{user[:64]},{CLIENT},sasl:plain" + (")<AAAAe1xgRrt/AAAB>" if named else ")")
        return f"{HEADER}auth({name}: sql: {words}{given}"
    return f"{HEADER}auth: sql({user[:64]},{CLIENT}{',<AAAAe1xgRrt/AAAB>' if named else ''}): {words}{given}"


def by_pam(user: str) -> str:
    """pam_unix's own line."""
    told = f"authentication failure; logname= uid=0 euid=0 tty=dovecot ruser={user} rhost={CLIENT}"
    return f"2026-03-02T10:00:00Z imap1 auth: pam_unix(dovecot:auth): {told}"
