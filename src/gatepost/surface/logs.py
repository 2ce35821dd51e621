"""Where gatepost's own log goes: standard error, key=value, so that standard output is what was asked for."""

import sys

import structlog


def to_stderr(*, quiet: bool = False) -> None:
    """Set up logging for this process.

    Args:
        quiet: errors only, for commands that print what they did themselves.
    """
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], sort_keys=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(40 if quiet else 20),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
