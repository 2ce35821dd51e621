"""Whether a door speaks TLS with the certificate of its file, and answers nobody who shows none where it must not."""

import re
import socket
import ssl
from pathlib import Path

from gatepost.config.asking import DoorSettings
from gatepost.surface.doctor.check import Check
from gatepost.wire.policy import MAX_REQUEST

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")


def asked(door: DoorSettings, link: socket.socket, probe: bytes) -> tuple[bytes, bytes]:
    """What a door answers to who shows no certificate, and its own certificate (DER).

    Args:
        door: that asks for certificates if it has an authority.
        link: connected to it.
        probe: a question.

    Raises:
        OSError: there is no TLS, or no answer in time.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with context.wrap_socket(link, server_hostname="localhost") as spoken:
        shown = spoken.getpeercert(binary_form=True) or b""
        try:
            spoken.sendall(probe)
            return spoken.recv(MAX_REQUEST), shown
        except (ssl.SSLError, ConnectionError):
            if door.authority:
                return b"", shown
            raise


def trouble(door: DoorSettings, said: bytes, shown: bytes) -> Check | None:
    """What is wrong with the TLS of a door; None when nothing is.

    Args:
        door: as it is configured.
        said: its answer to who shows no certificate.
        shown: its certificate (DER).

    Raises:
        OSError: the file with the certificate cannot be read.
    """
    name, found = f"door {door.name}: answers", _PEM.search(Path(door.certificate).read_text(errors="replace"))
    if found is None or ssl.PEM_cert_to_DER_cert(found[0]) != shown:
        says = f"{door.listen}: it shows another certificate than the one in {door.certificate}"
        return Check(name, "warn", says, "gatepost reload reads the files again")
    if door.authority and said:
        says = f"{door.listen}: somebody without a certificate is answered"
        return Check(name, "fail", says, "gatepost reload; until then whoever gets there can ask")
    return None
