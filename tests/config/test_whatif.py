"""`--with detector.setting=value`: detectors changed for one run."""

import pytest

from gatepost.config.whatif import adjust
from gatepost.core.errors import ConfigError
from gatepost.core.units import Seconds
from gatepost.detect import BUILT_IN
from gatepost.detect.base import Detector


def changed(*wishes: str) -> dict[str, Detector]:
    """The built-in detectors with wishes."""
    return {detector.name: detector for detector in adjust(wishes)([kind() for kind in BUILT_IN])}


def setting(detector: Detector, name: str) -> object:
    """One setting of a detector."""
    return getattr(detector, name)


def test_a_number_a_duration_and_a_curve_are_written_as_in_the_configuration() -> None:
    """Read by the type of the setting."""
    found = changed("volume.least=20", "guessing.within=2h", "spread.hour_points=[[3, 20], [9, 85]]")
    assert setting(found["volume"], "least") == 20
    assert setting(found["guessing"], "within") == Seconds(7200)
    assert setting(found["spread"], "hour_points") == ((3.0, 20.0), (9.0, 85.0))


def test_the_last_of_two_wishes_counts_and_the_others_stay() -> None:
    """Order matters, nothing else is touched."""
    found, plain = changed("volume.least=20", "volume.least=30"), changed()
    assert setting(found["volume"], "least") == 30
    assert {name: one for name, one in found.items() if name != "volume"} == {
        name: one for name, one in plain.items() if name != "volume"
    }


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ("volme.least=20", 'did you mean "volume"'),
        ("nothing.like.it=20", "there are: "),
        ("volume.leest=20", 'did you mean "least"'),
        ("volume.least=soon", "--with volume.least=soon"),
        ("guessing.within=fast", "--with guessing.within=fast"),
        ("volume.least", "write detector.setting=value"),
        ("=20", "write detector.setting=value"),
        ("least=20", "write detector.setting=value"),
    ],
)
def test_a_wish_that_cannot_be_says_what_is_near(wish: str, says: str) -> None:
    """With the wish as its place."""
    with pytest.raises(ConfigError, match="--with") as error:
        changed(wish)
    assert says in str(error.value)
