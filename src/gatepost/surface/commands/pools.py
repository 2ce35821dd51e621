"""gatepost pools: networks whose members change address all the time."""

from collections.abc import Sequence

import click

from gatepost.config.pools import kept
from gatepost.core.errors import ConfigError
from gatepost.enrich.pools import MOST_BLOCKS, Pool
from gatepost.runtime import pools
from gatepost.runtime.replay import Replay
from gatepost.surface import options

RELOAD = "a running gatepost takes it after: gatepost reload"


@click.group("pools")
def command() -> None:
    """Roaming pools: networks whose members change address all the time."""


@command.command("learn")
@click.argument("logs", nargs=-1, required=True, metavar="LOG...")
@options.config
@options.domains
@options.zone
def learn(logs: tuple[str, ...], config: str | None, domains: str | None, zone: str) -> int:
    """Find the pools in old logs, plain or packed; a week of them or more."""
    settings = options.settings(config, needed=True)
    run = Replay(logs, settings, options.told(domains), zone=zone)
    found = pools.learn(run)
    for error in run.broken:
        click.echo(f"gatepost: {error}", err=True)
    _print(pools.keep(settings.data, found))
    click.echo(RELOAD)
    return 3 if run.broken else 0


@command.command("list")
@options.config
def list_(config: str | None) -> int:
    """Which networks are pools, and who says so."""
    _print(kept(options.settings(config, needed=True).data))
    return 0


@command.command("pin")
@click.argument("network")
@click.option("--blocks", type=click.IntRange(1, MOST_BLOCKS), help="Blocks that count as one access.")
@options.config
def pin(network: str, blocks: int | None, config: str | None) -> int:
    """Make NETWORK (as64500) a pool, whatever the logs say."""
    pool = pools.pin(options.settings(config, needed=True).data, _known(network), blocks)
    click.echo(f"{network}: {pool.blocks} blocks are one access; {RELOAD}")
    return 0


@command.command("drop")
@click.argument("network")
@options.config
def drop(network: str, config: str | None) -> int:
    """Make NETWORK (as64500) no pool, whatever the logs say."""
    pools.drop(options.settings(config, needed=True).data, _known(network))
    click.echo(f"{network} is no pool; {RELOAD}")
    return 0


def _known(network: str) -> str:
    if not network.startswith(("as", "net:", "named:")) or not network.isprintable():
        raise ConfigError(f"{network!r} cannot be a pool: write as64500, net:… or named:…, as explain shows it")
    return network


def _print(found: Sequence[Pool]) -> None:
    if not found:
        click.echo("no pools; `gatepost pools learn LOG…` looks for them")
    for pool in found:
        seen = f"{pool.roaming} of {pool.witnesses} accounts roam" if pool.witnesses else "not seen roaming"
        click.echo(f"{pool.network:<16} {pool.blocks:>3} blocks are one access  {pool.state:<8} {seen}")
