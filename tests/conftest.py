"""What every test run shares: reproducible properties, live tests in one process, and a last line about those skipped.

Properties run with the profile `ci` unless told otherwise; the seed is printed by make. A live test that is skipped is
counted and named at the very end; with CI=true it fails the run.
"""

import os
from collections import Counter
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

LIVE = Path(__file__).parent / "live"
ALONE = ("live", "bench")
"""Folders whose tests run in one process each."""

SKIPPED = pytest.StashKey[Counter[str]]()

settings.register_profile("ci", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fuzz", parent=settings.get_profile("ci"), max_examples=400, database=None)
settings.load_profile("ci")


def pytest_configure(config: pytest.Config) -> None:
    """Nothing is skipped yet."""
    config.stash[SKIPPED] = Counter()
    config.pluginmanager.register(Skips(config), "skipped live tests")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is in the folder of live tests is one."""
    for item in items:
        if LIVE in item.path.parents:
            item.add_marker(pytest.mark.live)


class ByFolder(LoadScopeScheduling):  # type: ignore[misc]
    """Live tests share their servers, benchmarks their log: each kind runs one after another, in one process."""

    def _split_scope(self, nodeid: str) -> str:
        folder = nodeid.split("/")[1]
        return folder if folder in ALONE else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFolder:
    """Who runs what."""
    return ByFolder(config, log)


class Skips:
    """Counts live tests that were skipped, by reason."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.worker = hasattr(config, "workerinput")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Notice a skipped live test."""
        if report.skipped and "tests/live/" in report.nodeid and not hasattr(report, "wasxfail"):
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            self.config.stash[SKIPPED][reason.removeprefix("Skipped: ").removeprefix("no live tests: ")] += 1

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Where a skip would hide something it is a failure."""
        if self.config.stash[SKIPPED] and os.environ.get("CI") == "true" and session.exitstatus == 0:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_unconfigure(self) -> None:
        """The last line."""
        skipped = self.config.stash[SKIPPED]
        if skipped and not self.worker:
            print(f"\n{skipped.total()} live tests skipped: {'; '.join(sorted(skipped))}")


@pytest.fixture(autouse=True)
def _log_as_ever() -> None:
    """No test inherits where another one's command sent its log."""
    structlog.reset_defaults()
