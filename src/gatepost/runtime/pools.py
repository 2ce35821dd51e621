"""Roaming pools read from the operator's own logs, and his word on them."""

from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec.structs import replace as changed

from gatepost.act.durable import Owner, write_own
from gatepost.config.pools import FILE, kept
from gatepost.config.settings import Data
from gatepost.core.errors import ConfigError
from gatepost.core.events import AnyEvent, Login, Submission
from gatepost.core.evidence import Level
from gatepost.core.units import Account
from gatepost.enrich.pools import LEAST_BLOCKS, Pool, Witnesses
from gatepost.runtime.replay import Replay


def learn(replay: Replay) -> list[Pool]:
    """The pools that a run over logs shows; an account that was throttled or more witnesses nothing."""
    book, spoilt = Witnesses(), set[Account]()
    networks = replay.pipeline.observer.networks

    def see(event: AnyEvent) -> None:
        if (isinstance(event, Submission) and not event.more) or (isinstance(event, Login) and event.ok):
            origin = networks.origin(event.client)
            if event.account and origin is not None:
                book.see(event.account, origin, event.client, event.at)

    replay.pipeline.saw = see
    for change in replay.changes():
        if change.level >= Level.THROTTLE:
            spoilt.add(change.account)
    return list(book.pools(spoilt))


def keep(data: Data, learned: Iterable[Pool]) -> tuple[Pool, ...]:
    """Write what was learned in place of what was learned before; pinned and dropped ones stay as they are."""
    known = {pool.network: pool for pool in kept(_with_folder(data)) if pool.state != "learned"}
    return _write(data, {**{pool.network: pool for pool in learned}, **known}.values())


def pin(data: Data, network: str, blocks: int | None) -> Pool:
    """Make a network a pool, whatever logs say; so many blocks count as one access, or as many as were learned."""
    known = {pool.network: pool for pool in kept(_with_folder(data))}
    before = known.get(network, Pool(network, LEAST_BLOCKS))
    pool = known[network] = changed(before, blocks=blocks or before.blocks, state="pinned")
    _write(data, known.values())
    return pool


def drop(data: Data, network: str) -> None:
    """Make a network no pool, whatever logs say."""
    known = {pool.network: pool for pool in kept(_with_folder(data))}
    known[network] = changed(known.get(network, Pool(network, LEAST_BLOCKS)), state="dropped")
    _write(data, known.values())


def _with_folder(data: Data) -> Data:
    if not data.folder:
        raise ConfigError('set [data] folder = "/var/lib/gatepost/data": pools are kept there')
    return data


def _write(data: Data, pools: Iterable[Pool]) -> tuple[Pool, ...]:
    ordered = tuple(sorted(pools, key=lambda pool: pool.network))
    write_own(Path(data.folder) / FILE, msgspec.json.format(msgspec.json.encode(ordered)) + b"\n", Owner(0o644))
    return ordered
