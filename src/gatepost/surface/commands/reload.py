"""gatepost reload: let the running gatepost load its configuration anew."""

import asyncio
import os
from pathlib import Path

import click

from gatepost.core.errors import ConfigError, StoreError
from gatepost.runtime.control import Reply, Request
from gatepost.surface import options
from gatepost.surface.asked import ask

WAIT = 75.0
"""Seconds: an action that runs is waited for, and may take sixty."""


@click.command("reload")
@options.config
def command(config: str | None) -> int:
    """Let the running gatepost load its configuration anew, without losing a line.

    With a mistake in it the old one stays in force, and every mistake is printed. The running gatepost reads the file
    it was started with; --config finds it. Exit code 1 when none is running.
    """
    path = Path(options.settings(config, needed=True).state.path)
    reply = asyncio.run(_ask(path))
    if reply is None:
        raise StoreError(f"no gatepost works on {path}: nothing to reload; it reads its configuration when it starts")
    if reply.error:
        raise ConfigError(reply.error)
    click.echo(f"reloaded: {reply.note}")
    return 0


async def _ask(path: Path) -> Reply | None:
    request = Request("reload", "", sudo=os.environ.get("SUDO_USER", ""))
    return await ask(path, request, WAIT, may="give orders", late="its log says whether it reloaded")
