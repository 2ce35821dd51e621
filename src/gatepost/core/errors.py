"""Every exception, drawn as a tree.

GatepostError
├── ConfigError    a configuration that cannot be used; names the place and the remedy
├── WireError      bytes that are no request
│   ├── TooLong
│   ├── BadRequest
│   └── Stranger   a request of somebody who may not ask
├── SourceError    a source that cannot be read; `retry` says whether trying again can help
├── StoreError     state that cannot be read or written
└── ActionError    the world refused a measure

An unreadable log line is not an exception: parsers return it as a value.
"""


class GatepostError(Exception):
    """Anything gatepost raises on purpose; its text is meant for the operator."""


class ConfigError(GatepostError):
    """A configuration that cannot be used.

    Args:
        message: what is wrong and the remedy.
        place: file, line and key path: "gatepost.toml:12 detector[0].within"; "" if there is none.
    """

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(f"{place}: {message}" if place else message)
        self.message = message
        self.place = place


class WireError(GatepostError):
    """Bytes that are no request."""


class TooLong(WireError):
    """A frame over its limit."""


class BadRequest(WireError):
    """A frame that cannot be understood."""


class Stranger(WireError):
    """A request of somebody who may not ask.

    Args:
        message: what is wrong and the remedy.
        answer: what he is told, in his protocol, before the connection ends.
    """

    def __init__(self, message: str, answer: bytes) -> None:
        super().__init__(message)
        self.answer = answer


class _Retryable(GatepostError):
    def __init__(self, message: str, *, retry: bool = False) -> None:
        super().__init__(message)
        self.retry = retry


class SourceError(_Retryable):
    """A source that cannot be read."""


class StoreError(_Retryable):
    """State that cannot be read or written."""


class ActionError(_Retryable):
    """The world refused a measure."""
