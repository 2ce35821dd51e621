"""TOML values to structs, going on after every mistake.

Owns names and types: unknown keys, missing keys, values of the wrong kind. msgspec converts each single value; walking
is done here, because msgspec stops at the first mistake.
"""

import types
from collections.abc import Mapping
from math import isfinite
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct
from msgspec.inspect import StructType, type_info
from msgspec.structs import FieldInfo, fields

from gatepost.config.mistakes import Found, one_of, shown
from gatepost.config.places import Path
from gatepost.core.units import Seconds

_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text in quotes"}


class Broken:
    """Stands for a value that could not be read; its mistakes are on the list."""


BROKEN = Broken()


class Shaper:
    """Makes structs of TOML values and lists what is wrong."""

    def __init__(self) -> None:
        self.found: list[Found] = []

    def table(self, kind: type[Struct], value: object, key: Path, aside: tuple[str, ...] = ()) -> Any:
        """One table as a struct of this kind, or BROKEN.

        Args:
            kind: what to make.
            value: the TOML value.
            key: where it stands.
            aside: keys of the table that are read elsewhere.
        """
        if not isinstance(value, Mapping):
            return self._wrong(key, f"{shown(value)} is no table", f"write it as a table: {_example(key)}")
        before = len(self.found)
        made = self.fields(kind, value, key, aside)
        return BROKEN if len(self.found) > before else self._built(kind, made, key)

    def fields(
        self, kind: type[Struct], value: Mapping[str, object], key: Path, aside: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """The values of the fields that are given, by the struct's own names; BROKEN where one cannot be read."""
        aside = (*aside, _tag(kind)[0])
        known = [field.encode_name for field in fields(kind)]
        for name in value:
            if name not in known and name not in aside:
                remedy = one_of(name, [*known, *filter(None, aside)])
                self._wrong((*key, name), f"there is no setting {shown(name)} here", remedy)
        made = {field.name: self._field(kind, field, value, key) for field in fields(kind)}
        return {name: part for name, part in made.items() if part is not msgspec.UNSET}

    def pick(self, kinds: Mapping[str, type[Struct]], value: object, key: Path) -> type[Struct] | Broken:
        """Which struct a block with a `kind` means, or BROKEN."""
        if not isinstance(value, Mapping):
            return self._wrong(key, f"{shown(value)} is no table", f"write it as a table: {_example(key)}")
        kind = value.get("kind")
        if kind is None:
            return self._wrong(key, "kind is missing", f"write kind = one of: {', '.join(kinds)}")
        if not isinstance(kind, str) or kind not in kinds:
            return self._wrong((*key, "kind"), f"there is no kind {shown(kind)}", one_of(str(kind), kinds))
        return kinds[kind]

    def _field(self, kind: type[Struct], field: FieldInfo, given: Mapping[str, object], key: Path) -> Any:
        name = field.encode_name
        if name in given:
            return self.value(get_type_hints(kind)[field.name], given[name], (*key, name))
        if field.required:
            self._wrong(key, f"{name} is missing", f"add {name} = …")
        return msgspec.UNSET

    def _built(self, kind: type[Struct], made: dict[str, Any], key: Path) -> Any:
        try:
            return kind(**made)
        except ValueError as error:
            message, _, remedy = str(error).partition("; ")
            return self._wrong(key, message, remedy or "change the values so that it holds")

    def value(self, kind: Any, value: object, key: Path) -> Any:
        """One value of any kind, or BROKEN."""
        origin, inner = get_origin(kind), get_args(kind)
        if origin in (Union, types.UnionType):
            return self._union(inner, value, key)
        if origin is tuple and inner[1:] == (...,):
            return self._list(inner[0], value, key)
        if origin is dict:
            return self._names(inner[1], value, key)
        if origin is Literal:
            return self._word(inner, value, key)
        if isinstance(kind, type) and issubclass(kind, Struct):
            return self.table(kind, value, key)
        return self._leaf(kind, value, key)

    def _union(self, kinds: tuple[Any, ...], value: object, key: Path) -> Any:
        chosen = [kind for kind in kinds if kind is not type(None)]
        if len(chosen) == 1:
            return self._tagged(chosen, value, key) if _tag(chosen[0])[0] else self.value(chosen[0], value, key)
        return self._tagged(chosen, value, key)

    def _tagged(self, kinds: list[Any], value: object, key: Path) -> Any:
        kind = self.pick({_tag(kind)[1]: kind for kind in kinds}, value, key)
        return kind if isinstance(kind, Broken) else self.table(kind, value, key)

    def _list(self, kind: Any, value: object, key: Path) -> Any:
        if not isinstance(value, list):
            remedy = f"write a list: [{shown(value)}]" if isinstance(value, str) else "write a list in [ ]"
            return self._wrong(key, f"{shown(value)} is no list", remedy)
        tagged = _tag(kind)[0]
        made = [
            self._tagged([kind], item, (*key, number)) if tagged else self.value(kind, item, (*key, number))
            for number, item in enumerate(value)
        ]
        return BROKEN if any(item is BROKEN for item in made) else tuple(made)

    def _names(self, kind: Any, value: object, key: Path) -> Any:
        if not isinstance(value, Mapping):
            return self._wrong(key, f"{shown(value)} is no table", f"write it as a table: {_example(key)}")
        made = {name: self.value(kind, item, (*key, name)) for name, item in value.items()}
        return BROKEN if any(item is BROKEN for item in made.values()) else made

    def _word(self, words: tuple[str, ...], value: object, key: Path) -> Any:
        if isinstance(value, str) and value in words:
            return value
        return self._wrong(key, f"{shown(value)} is none of the words allowed here", one_of(str(value), words))

    def _leaf(self, kind: Any, value: object, key: Path) -> Any:
        try:
            return _converted(kind, value)
        except ValueError as error:
            return self._wrong(key, *_reason(kind, value, error))

    def _wrong(self, key: Path, message: str, remedy: str) -> Broken:
        self.found.append(Found(key, message, remedy))
        return BROKEN


def _converted(kind: Any, value: object) -> Any:
    if kind is Seconds:
        if not isinstance(value, str):
            msg = f'{value!r} has no unit: write a text such as "90s", "15m", "1h" or "30d"'
            raise ValueError(msg)
        return Seconds.parse(value)
    parts = value if isinstance(value, list) else [value]
    if any(isinstance(part, float) and not isfinite(part) for part in parts):
        raise ValueError(value)
    return msgspec.convert(value, kind)


def _reason(kind: Any, value: object, error: ValueError) -> tuple[str, str]:
    """Message and remedy of a value that msgspec or a duration refused."""
    if kind in _KINDS:
        return f"{shown(value)} is not {_KINDS[kind]}", f"write {_KINDS[kind]}"
    if get_origin(kind) is tuple:
        parts = ", ".join(_KINDS.get(part, "a value") for part in get_args(kind))
        return f"{shown(value)} has the wrong form", f"write [{parts}]"
    message, colon, remedy = str(error).partition(": ")
    if kind is Seconds and colon:
        return message, remedy
    return f"{shown(value)} has the wrong form", f"{str(error)[:1].lower()}{str(error)[1:]}".replace("`", "")


def _tag(kind: Any) -> tuple[str, str]:
    """The name and value of a struct's tag, or two empty texts."""
    if not (isinstance(kind, type) and issubclass(kind, Struct)):
        return "", ""
    info = type_info(kind)
    if not isinstance(info, StructType) or info.tag_field is None:
        return "", ""
    return info.tag_field, str(info.tag)


def _example(key: Path) -> str:
    names = ".".join(str(part) for part in key if isinstance(part, str))
    return f"[[{names}]]" if key and isinstance(key[-1], int) else f"[{names}]"
