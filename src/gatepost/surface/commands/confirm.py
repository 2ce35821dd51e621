"""gatepost confirm: say that an incident was a theft."""

import click

from gatepost.surface import options, orders


@click.command("confirm")
@click.argument("account")
@click.option("--reason", "--because", "reason", default="", help="Shown in every place that shows the incident.")
@options.dry_run
@options.config
@options.form("text", "json")
def command(account: str, reason: str, dry_run: bool, config: str | None, form: str) -> int:
    """Say that an account's incident was a theft: it stays as it is until the release. Exit code 1 without one."""
    settings = options.settings(config, needed=True)
    return orders.give(settings, orders.request(settings, "confirm", account, reason), form, dry=dry_run)
