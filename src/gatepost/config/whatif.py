"""Detectors changed for one run: `--with detector.setting=value`, and one in shadow that counts."""

import tomllib
from collections.abc import Sequence
from difflib import get_close_matches

import msgspec
from msgspec.structs import fields, replace

from gatepost.config.assemble import Adjust
from gatepost.core.errors import ConfigError
from gatepost.core.units import Seconds
from gatepost.detect.base import Detector


def adjust(wishes: Sequence[str]) -> Adjust:
    """Detectors with other settings.

    Args:
        wishes: "spread.per_network=8" and the like; the value is written as in the configuration.

    Returns:
        A function that changes detectors; it raises ConfigError where a wish names what is not there.
    """

    def change(detectors: Sequence[Detector]) -> list[Detector]:
        found = {detector.name: detector for detector in detectors}
        for wish in wishes:
            name, setting, value = _parts(wish)
            if name not in found:
                raise ConfigError(f"there is no detector {name!r}{_near(name, list(found))}", f"--with {wish}")
            found[name] = _changed(found[name], setting, value, wish)
        return list(found.values())

    return change


def awake(name: str) -> Adjust:
    """The detectors with the points of one that is in shadow counted."""

    def change(detectors: Sequence[Detector]) -> list[Detector]:
        return [replace(one, shadow=False) if one.name == name else one for one in detectors]

    return change


def _parts(wish: str) -> tuple[str, str, str]:
    path, equals, value = wish.partition("=")
    name, dot, setting = path.strip().rpartition(".")
    if not equals or not dot:
        raise ConfigError("write detector.setting=value, such as volume.least=20", f"--with {wish}")
    return name, setting, value.strip()


def _changed(detector: Detector, setting: str, text: str, wish: str) -> Detector:
    types = {field.encode_name: field for field in fields(detector)}
    if setting not in types:
        msg = f"{detector.name} has no setting {setting!r}{_near(setting, list(types))}"
        raise ConfigError(msg, f"--with {wish}")
    try:
        value = msgspec.convert(_value(text), types[setting].type, dec_hook=_hook)
        return replace(detector, **{types[setting].name: value})
    except (msgspec.ValidationError, ValueError) as error:
        raise ConfigError(str(error), f"--with {wish}") from error


def _value(text: str) -> object:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _hook(kind: type, value: object) -> object:
    if kind is Seconds:
        return Seconds.parse(str(value))
    raise TypeError(kind)


def _near(word: str, words: list[str]) -> str:
    near = get_close_matches(word, words, 1)
    return f'; did you mean "{near[0]}"?' if near else f"; there are: {', '.join(words)}"
