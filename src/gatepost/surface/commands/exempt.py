"""gatepost exempt: never measure against an account, for a while or for good."""

import click

from gatepost.core.errors import ConfigError
from gatepost.core.units import Seconds
from gatepost.runtime.clock import SystemClock
from gatepost.surface import options, orders


@click.command("exempt")
@click.argument("account")
@click.option("--reason", "--because", "reason", required=True, help="Why; shown with every verdict that is spared.")
@click.option("--for", "span", default="", metavar="SPAN", help='How long, such as "12h" or "30d"; default: for good.')
@click.option("--end", is_flag=True, help="End an exemption now.")
@options.dry_run
@options.config
@options.form("text", "json")
def command(account: str, reason: str, span: str, end: bool, dry_run: bool, config: str | None, form: str) -> int:
    """Watch an account without measures. What already stands against it needs a release."""
    settings = options.settings(config, needed=True)
    now = SystemClock().now()
    until = now if end else _until(now, span)
    return orders.give(settings, orders.request(settings, "exempt", account, reason, "", until), form, dry=dry_run)


def _until(now: float, span: str) -> float | None:
    try:
        return now + Seconds.parse(span) if span else None
    except ValueError as error:
        raise ConfigError(str(error), "--for") from error
