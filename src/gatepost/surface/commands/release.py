"""gatepost release: undo every measure against an account."""

import click

from gatepost.core.errors import ConfigError
from gatepost.surface import options, orders


@click.command("release")
@click.argument("account")
@click.option("--password-changed", "changed", is_flag=True, help="It was stolen and is the owner's again.")
@click.option("--honest", is_flag=True, help="We were wrong: what was seen becomes habit.")
@click.option("--reason", "--because", "reason", default="", help="Shown in every place that shows the incident.")
@options.dry_run
@options.config
@options.form("text", "json")
def command(
    account: str, changed: bool, honest: bool, reason: str, dry_run: bool, config: str | None, form: str
) -> int:
    """Undo every measure against an account; ACCOUNT may be an incident such as ann@example.org#3.

    One of --password-changed and --honest must be given, because they teach gatepost opposite things.
    """
    if changed == honest:
        raise ConfigError("say --password-changed (it was stolen) or --honest (we were wrong)", "release")
    settings = options.settings(config, needed=True)
    how: orders.How = "honest" if honest else "password-changed"
    return orders.give(settings, orders.request(settings, "release", account, reason, how), form, dry=dry_run)
