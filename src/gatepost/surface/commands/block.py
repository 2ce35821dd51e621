"""gatepost block: stop an account's sending."""

import click

from gatepost.surface import options, orders


@click.command("block")
@click.argument("account")
@click.option(
    "--reason", "--because", "reason", required=True, help="Why; shown in every place that shows the incident."
)
@options.dry_run
@options.config
@options.form("text", "json")
def command(account: str, reason: str, dry_run: bool, config: str | None, form: str) -> int:
    """Stop an account's sending, whatever the evidence says. It still receives mail.

    Exit code 1 when it could not be completed, as in observe mode.
    """
    settings = options.settings(config, needed=True)
    return orders.give(settings, orders.request(settings, "block", account, reason), form, dry=dry_run)
