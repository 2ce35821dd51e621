"""The page of self-service: four things it can say, in two languages under each other.

No script, no style, nothing from elsewhere, and nobody may frame it. What it shows of a customer is his account.
"""

import html
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from gatepost.act.foreign import shown

Kind = Literal["ask", "done", "asked", "gone"]

_SAID: Mapping[Kind, tuple[int, str, str]] = {
    "ask": (
        200,
        "Sending from {account} is stopped. If it has a new password, press the button.",
        "Der Versand von {account} ist angehalten. Hat das Konto ein neues Passwort, drücken Sie den Knopf.",
    ),
    "done": (200, "{account} can send again.", "{account} kann wieder senden."),
    "asked": (
        200,
        "We have your request for {account} and look at it. Please wait, or call us.",
        "Ihre Bitte für {account} liegt uns vor. Bitte warten Sie, oder rufen Sie uns an.",
    ),
    "gone": (
        404,
        "This link does not work, or no longer. Please ask us.",
        "Dieser Link gilt nicht oder nicht mehr. Bitte fragen Sie uns.",
    ),
}

_BUTTON = '<form method="post"><button>I have a new password / Ich habe ein neues Passwort</button></form>\n'

HEADERS: tuple[tuple[str, str], ...] = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Robots-Tag", "noindex"),
)
"""Of every answer."""


class Page(Struct, frozen=True):
    """One answer."""

    status: int
    body: bytes


def page(kind: Kind, account: str = "") -> Page:
    """What is shown."""
    status, *texts = _SAID[kind]
    said = "".join(f"<p>{html.escape(text.format(account=shown(account)))}</p>\n" for text in texts)
    head = '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Mail</title></head>\n<body>\n'
    button = _BUTTON if kind == "ask" else ""
    return Page(status, f"{head}{said}{button}</body></html>\n".encode())
