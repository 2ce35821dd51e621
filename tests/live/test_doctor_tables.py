"""gatepost doctor beside a real Postfix and Dovecot: right configurations pass, wrong ones are named."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.live.dovecot import Dovecot, call
from tests.live.page import cuts, denied
from tests.live.postfix import Cuts, Postfix
from tests.live.test_dovecot_table import carrier as dovecot_carrier
from tests.live.test_postfix_table import carrier as postfix_carrier

from gatepost.config.settings import TableSettings
from gatepost.surface.doctor import dovecot as ask_dovecot
from gatepost.surface.doctor import postfix as ask_postfix
from gatepost.surface.doctor.check import worst

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("outside")]


def programs(place: Path, tree: Path, config: Path, names: tuple[str, ...], patch: pytest.MonkeyPatch) -> None:
    """Programs of one instance in front of PATH, run as a user without rights."""
    patch.setenv("PATH", f"{place}:/usr/sbin:/usr/bin:/bin")
    for name in names:
        words = f"chroot --userspec=65425:65425 {tree} /usr/bin/env -i PATH=/usr/sbin:/usr/bin {name} -c {config}"
        (place / name).write_text(f'#!/bin/sh\nexec {words} "$@"\n')
        (place / name).chmod(0o755)


def test_postfix_as_on_the_page_passes_and_without_it_fails(
    postfixes: Callable[..., Postfix], dovecot: Dovecot, tree: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without root: every check is ok with the page's lines; a service with a list of its own, or none, is named."""
    table = TableSettings(path=str(place / "deny"), format="lmdb", mode="0644")
    asyncio.run(postfix_carrier(place / "deny", "lmdb").stop("u1@example.test"))
    for file in place.glob("deny*"):
        file.chmod(0o644)
    page = cuts(place / "deny", "lmdb")
    for given, state in ((page, "ok"), (Cuts(page.main, ("smtpd_sender_restrictions=",)), "warn"), (Cuts(), "fail")):
        server = postfixes(dovecot, given)
        with monkeypatch.context() as patch:
            programs(place, tree, server.config, ("postconf", "postmap"), patch)
            found = list(ask_postfix.look(table, ["u1@example.test"]))
        assert worst(found) == state, found
    assert call(tree, "postmap", "-q", "u1@example.test", f"lmdb:{place}/deny").returncode == 0


def test_dovecot_as_on_the_page_passes_and_without_it_fails(
    dovecots: Callable[..., Dovecot], dovecot: Dovecot, tree: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the page's block a stopped account is turned away and doctor sees it; without it doctor says so."""
    table = TableSettings(path=str(place / "shut"), format="passwd-file")
    asyncio.run(dovecot_carrier(place / "shut").stop("u1@example.test"))
    guarded = dovecots(
        denied(place / "shut"), more="service auth {\n  unix_listener auth-client {\n    mode = 0666\n  }\n}"
    )
    for server, states in ((guarded, ["ok", "ok", "ok", "ok"]), (dovecot, ["fail"])):
        with monkeypatch.context() as patch:
            programs(place, tree, server.config, ("doveconf", "doveadm"), patch)
            found = list(ask_dovecot.look(table, ["u1@example.test"], offline=server is dovecot))
        assert [check.state for check in found] == states, found
