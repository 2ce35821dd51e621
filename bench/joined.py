"""Reading alone: lines are read, joined to messages and counted as by a program for statistics; nobody is judged.

`python -m bench.joined LOG` prints what was counted. It is the way of `gatepost replay` up to the engine.
"""

import sys
from collections import Counter

from gatepost.core.events import AnyEvent, Delivery
from gatepost.judge.docket import Change
from gatepost.runtime.pipeline import Pipeline
from gatepost.runtime.replay import Replay


class Counting(Pipeline):
    """A pipeline whose events are counted."""

    counts: Counter[str]

    def take(self, event: AnyEvent) -> tuple[Change, ...]:
        """Count one event, a delivery by its outcome."""
        if isinstance(event, Delivery):
            self.counts[event.result] += event.count
        else:
            self.counts[type(event).__name__.lower()] += 1
        return ()


def counted(path: str) -> Counter[str]:
    """Events of a log by kind, outcomes of recipients by result."""
    run = Replay([path], zone="UTC", pipeline=Counting)
    assert isinstance(run.pipeline, Counting)
    run.pipeline.counts = Counter()
    assert not list(run.changes())
    return run.pipeline.counts


if __name__ == "__main__":
    print(", ".join(f"{kind} {number}" for kind, number in sorted(counted(sys.argv[1]).items())))
