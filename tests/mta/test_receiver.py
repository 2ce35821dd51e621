"""The host that refused a recipient is read where our server names it, never out of what a stranger wrote."""

import pytest

from gatepost.mta import DIALECTS
from gatepost.mta.exim import Exim

EXIM = "2026-03-01 10:00:00 1abcde-000001-AB ** bob@example.net R=dns T=smtp"
SAID = "SMTP error from remote mail server after end of data: 550 no"
POSTFIX = (
    "Mar  1 10:00:00 mx1 postfix/smtp[7]: 4ABCDE1234: to=<bob@example.net>, relay={}, "
    "delay=1, delays=0/0/1/0, dsn=5.1.1, status=bounced ({})"
)


@pytest.mark.parametrize(
    ("behind", "receiver"),
    [
        (f" H=mx.example.com [192.0.2.25]: {SAID}", "mx.example.com"),
        (f" H=mx.example.com [192.0.2.25] X=TLS1.3:x: {SAID} H=mx.example.org [192.0.2.26]", "mx.example.com"),
        (f": {SAID} H=mx.example.org [192.0.2.26]", ""),
        (": retry timeout exceeded H=mx.example.org [192.0.2.26]", ""),
        (f" H={'a' * 300} [192.0.2.25]: 550 no", ""),
    ],
)  # fmt: skip
def test_exim_names_the_host_before_the_reason(behind: str, receiver: str) -> None:
    """H= counts in front of the colon; a reply that imitates it says nothing."""
    assert Exim().read(EXIM + behind).receiver == receiver


@pytest.mark.parametrize(
    ("relay", "receiver"),
    [
        ("mx.example.com[192.0.2.25]:25", "mx.example.com"),
        ("none", ""),
        ("local", ""),
        (f"{'a' * 300}[192.0.2.25]:25", ""),
    ],
)
def test_postfix_names_the_host_as_relay(relay: str, receiver: str) -> None:
    """relay= counts, without its address; what the remote host said does not."""
    line = POSTFIX.format(relay, "host x[192.0.2.9] said: 550 relay=mx.example.org[192.0.2.26]:25")
    assert DIALECTS["postfix"](None, "[gatepost]", None).read(line).receiver == receiver
