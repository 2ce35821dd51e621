"""TLS towards others: whose certificates are believed, and ours where one is asked for."""

import ssl


def context(authority: str = "", certificate: str = "", key: str = "") -> ssl.SSLContext:
    """TLS that asks for a valid certificate of the host's name.

    Args:
        authority: file of the certificates that sign it, PEM; "" is the system's.
        certificate: file of ours, PEM, with its chain; "" is none.
        key: file of its key, PEM, without a passphrase.

    Raises:
        ValueError: a file cannot be used.
    """
    file = authority
    try:
        made = ssl.create_default_context(cafile=authority or None)
        if file := certificate:
            made.load_cert_chain(certificate, key, password=lambda: "")
    except OSError as error:
        reason = getattr(error, "reason", None) or error.strerror or error
        raise ValueError(f"TLS: {file}: {reason}; name PEM files that this user can read") from error
    return made
