"""Logs through several configurations at once: the lines are read once, every configuration has an engine of its own.

Owns which configurations can share a reading: what a line says must not depend on them. Each one's incidents are those
that a replay of its own would give; a law holds it to that.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct

from gatepost.config import assemble
from gatepost.config.settings import Settings
from gatepost.core.errors import ConfigError
from gatepost.core.events import AnyEvent, Finding
from gatepost.core.incident import Incident
from gatepost.judge.docket import Change
from gatepost.runtime.pipeline import Feed, Pipeline
from gatepost.runtime.replay import MEMORY, Replay
from gatepost.store.memory import Cold, Shelf


class Variant(Struct, frozen=True):
    """A configuration, and what is changed about its detectors."""

    settings: Settings
    adjust: assemble.Adjust | None = None


class Played(Struct, frozen=True):
    """What came of it."""

    first: Replay
    """The run of the first variant: its books are those of the lines."""
    incidents: Mapping[str, Sequence[Incident]]
    """By variant, oldest first."""
    broken: tuple[str, ...]
    """Logs that could not be read, or not to their ends."""


class Beside(Pipeline):
    """A pipeline with others beside it, which hear the same events and learn at the same moments how far time is."""

    others: Sequence[Pipeline] = ()

    def take(self, event: AnyEvent) -> tuple[Change, ...]:
        """Feed one event to every engine; a finding is its own engine's only."""
        if not isinstance(event, Finding):
            for other in self.others:
                other.take(event)
        return super().take(event)

    def advance(self, time: float) -> list[Change]:
        """Time has come this far, for all."""
        for other in self.others:
            other.advance(time)
        return super().advance(time)

    def _advance_feed(self, feed: Feed, time: float, changes: list[Change]) -> None:
        super()._advance_feed(feed, time, changes)
        for other in self.others:
            other.advance(time)


def play(
    paths: Sequence[str],
    variants: Mapping[str, Variant],
    told: assemble.Told | None = None,
    *,
    zone: str = "local",
    memory: int = MEMORY,
    progress: Callable[[int], None] | None = None,
) -> Played:
    """Replay logs through every variant.

    Args:
        paths: logs, plain or packed, "-" for standard input; in any order.
        variants: by a name, at least one.
        told: what `--domains` says.
        zone: zone of stamps without one.
        memory: octets of cold pages of all variants together, before they go to temporary files.
        progress: called with the number of lines read after every block.

    Raises:
        ConfigError: standard input would have to be read twice.
    """
    alike = _alike(variants)
    if len(alike) > 1 and "-" in paths:
        msg = "the configurations read lines differently, and this can be read once; name a file"
        raise ConfigError(msg, "standard input")
    found: dict[str, Sequence[Incident]] = {}
    runs: list[Replay] = []
    for group in alike:
        run = _run(paths, group, told, zone, memory // len(variants), progress)
        runs.append(run)
        found.update(_incidents(group, run))
    broken = dict.fromkeys(str(error) for run in runs for error in run.broken)
    return Played(runs[0], found, tuple(broken))


def _alike(variants: Mapping[str, Variant]) -> list[dict[str, Variant]]:
    """The variants, those together that read lines alike; that of the first variant first."""
    groups: list[dict[str, Variant]] = []
    for name, variant in variants.items():
        mine = _reading(variant.settings)
        for group in groups:
            if _reading(next(iter(group.values())).settings) == mine:
                group[name] = variant
                break
        else:
            groups.append({name: variant})
    return groups


def _reading(settings: Settings) -> tuple[object, ...]:
    """What of a configuration decides what a line says, and of whom."""
    charging = tuple(one for one in settings.source if settings.host or one.local_users or one.relay_clients)
    return settings.tag, settings.accounts, settings.host, charging


def _run(
    paths: Sequence[str],
    group: Mapping[str, Variant],
    told: assemble.Told | None,
    zone: str,
    memory: int,
    progress: Callable[[int], None] | None,
) -> Replay:
    """One reading of the logs for variants that read alike."""
    first, *others = group.values()
    run = Replay(
        paths, first.settings, told, zone=zone, memory=memory, progress=progress, adjust=first.adjust, pipeline=Beside
    )
    assert isinstance(run.pipeline, Beside)
    run.pipeline.others = [_pipeline(one, told, memory) for one in others]
    for _ in run.changes():
        pass
    return run


def _pipeline(variant: Variant, told: assemble.Told | None, memory: int) -> Pipeline:
    settings = variant.settings
    engine = assemble.engine(settings, adjust=variant.adjust)
    return Pipeline(engine, assemble.observer(settings, told), Shelf(Cold(memory)))


def _incidents(group: Iterable[str], run: Replay) -> dict[str, Sequence[Incident]]:
    assert isinstance(run.pipeline, Beside)
    pipelines = (run.pipeline, *run.pipeline.others)
    return {
        name: sorted(one.incidents.values(), key=lambda incident: (incident.opened, incident.key))
        for name, one in zip(group, pipelines, strict=True)
    }
