"""What a soak left behind: how much memory is used, and what was counted."""

import os
from pathlib import Path

from gatepost.config.load import load
from gatepost.core.units import DAY, Account, Seconds, account_subject
from gatepost.detect.quota import Quota
from gatepost.ledger.measures import Count
from gatepost.ledger.recorder import Fresh
from gatepost.ledger.view import View
from gatepost.runtime.clock import SystemClock
from gatepost.runtime.house import House
from gatepost.store.sqlite import Sqlite

_PAGE = os.sysconf("SC_PAGE_SIZE")


def memory(pid: int) -> float:
    """Megabytes that a process has in memory (proc(5), statm)."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE / 1e6


def counted(config: Path, accounts: int) -> int:
    """Recipients of the last 24 hours on the pages of own0 and so many more, after gatepost has ended."""
    settings = load(config)
    with Sqlite.open(Path(settings.state.path)) as store:
        house = House(settings, store, SystemClock())
        pipeline = house.pipeline
        quota = next(one for one in pipeline.engine.detectors if isinstance(one, Quota))
        day = next(one for one in quota.measures() if isinstance(one, Count) and one.window == Seconds(DAY))
        found = 0
        for number in range(accounts):
            page = pipeline.shelf.peek(account_subject(Account(f"own{number}@example.org")))
            if page is not None:
                view = View(page, None, pipeline.site, house.clock.now(), Fresh())
                found += view.count(day)
    return found
