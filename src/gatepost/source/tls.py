"""TLS where we listen: our certificate, and theirs asked for and verified where it says who they are."""

import ssl

from gatepost.core.errors import ConfigError


def tls_context(certificate: str, key: str, authority: str = "") -> ssl.SSLContext:
    """TLS 1.2 or later, with a certificate asked of every client (RFC 5425 section 4.2.2) if there is an authority.

    Args:
        certificate: file of ours, PEM, with its chain.
        key: file of its key, PEM, without a passphrase.
        authority: file of the certificates that sign the peers', PEM; "" asks none of them.

    Raises:
        ConfigError: one of them cannot be used.
    """
    try:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.verify_mode = ssl.CERT_REQUIRED if authority else ssl.CERT_NONE
        context.load_cert_chain(certificate, key, password=lambda: "")
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        named = "certificate, key and authority" if authority else "certificate and key"
        msg = f"TLS: {reason}; look at {named}: PEM files that this user can read"
        raise ConfigError(msg, certificate) from error
    return context
