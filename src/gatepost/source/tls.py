"""TLS at a syslog listener: our certificate, and theirs asked for and verified."""

import ssl

from gatepost.core.errors import ConfigError


def tls_context(certificate: str, key: str, authority: str) -> ssl.SSLContext:
    """TLS 1.2 or later, with a certificate asked of every client (RFC 5425 section 4.2.2).

    Args:
        certificate: file of ours, PEM, with its chain.
        key: file of its key, PEM, without a passphrase.
        authority: file of the certificates that sign the peers', PEM.

    Raises:
        ConfigError: one of them cannot be used.
    """
    try:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(certificate, key, password=lambda: "")
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        msg = f"TLS: {reason}; look at certificate, key and authority: PEM files that this user can read"
        raise ConfigError(msg, certificate) from error
    return context
