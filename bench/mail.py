"""What only the logs of benchmarks hold: lines that are nobody's; all else is in `gatepost/lab/mail.py`."""

from msgspec import Struct

from gatepost.lab.mail import Arrival, Failure, Mail


class Noise(Struct, frozen=True):
    """A line that is nobody's."""

    at: float
    text: str


Happening = Mail | Failure | Arrival | Noise
