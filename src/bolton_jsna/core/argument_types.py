"""Check the arguments of public functions against the types in their signatures.

The signature is the one place that names what an argument may be. Ranges, columns and what else a
type cannot say are checked by the functions themselves.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import functools
import inspect
import math
import types
import typing
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, Literal, ParamSpec, TypeVar, Union

from bolton_jsna.core.arguments import is_number, is_whole
from bolton_jsna.core.errors import UsageError, choice, did_you_mean, is_among, short, some

_P = ParamSpec("_P")
_R = TypeVar("_R")

_CLASSES: Final = ("Acceptance", "Figure", "Session")
"""Classes that signatures name and that are not imported."""

_LISTS: Final = (
    list,
    tuple,
    collections.abc.Sequence,
    collections.abc.Collection,
    collections.abc.Iterable,
)

_MAPPINGS: Final = (dict, collections.abc.Mapping)

_PLAIN: Final[dict[Any, Callable[[Any], bool]]] = {
    bool: lambda value: isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"),
    int: is_whole,
    float: lambda value: is_number(value) and not math.isnan(value),
}
"""Types of which NumPy has its own."""

_WORDS: Final = {
    "str": ["text"],
    "int": ["a whole number"],
    "float": ["a number"],
    "bool": ["True", "False"],
    "NoneType": ["None"],
    "Path": ["a path"],
    "Area": ["an Area"],
    "Callable": ["a function"],
}
_AREA: Final = "an area (name, GSS code, DfE number or Area)"
_SEVERAL: Final = {"str": "texts", "int": "whole numbers", "float": "numbers"}

_SHOWN: Final = (str, bytes, int, float, complex, list, tuple, dict, set)
"""Types of which a message shows the value; of others it names the type."""

_TABLE: Final = "Give a table, such as pandas.DataFrame(...)."
_GIVE: Final = {
    "GeoDataFrame": "Load the shapes with load_boundaries(...), or read them with geopandas.",
    "Figure": "Give one of static_choropleth or static_bivariate; save a map for the web with "
    "save_map.",
    "Map": "Give one of choropleth_map or bivariate_map; save a figure for print with save_figure.",
}
_EXAMPLES: Final = {
    "year": "Write for example 2025.",
    "years": "Write 2025, or several, such as [2024, 2025] or range(2020, 2026).",
    "base_year": "Write for example 2022.",
    "last": "Write for example 2025.",
    "ages": "Write the first and the last, such as (0, 17).",
    "path": "Write the name of a file in quotation marks.",
}
"""What to write for options whose name says more than their type."""

_FILE: Final = "Read the file first, such as with pandas.read_csv."


def checked(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Check the arguments of each call of a function against its signature."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def called(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        given = bound(signature, function.__name__, args, kwargs)
        check_arguments(function, given)
        return function(*given.args, **given.kwargs)

    return called


def bound(
    signature: inspect.Signature,
    name: str,
    args: tuple[object, ...],
    kwargs: Mapping[str, object],
) -> inspect.BoundArguments:
    """Return arguments by name; an error names the function and what it takes."""
    try:
        return signature.bind(*args, **kwargs)
    except TypeError as error:
        known = list(signature.parameters)
        unknown = [each for each in kwargs if each not in known]
        hint = did_you_mean(unknown[0], known) if unknown else ""
        raise TypeError(f"{name}(): {error}.{hint} It takes: {', '.join(known)}.") from None


def check_arguments(function: Callable[..., Any], given: inspect.BoundArguments) -> None:
    """Reject arguments of other types than a signature names; make lists of what is one."""
    hints = _hints(function)
    for name, value in given.arguments.items():
        hint = hints.get(name, Any)
        if given.signature.parameters[name].kind is inspect.Parameter.VAR_POSITIONAL:
            for each in value:
                if isinstance(each, list | tuple) and _fits_list(each, list, (hint,)):
                    raise UsageError(
                        f"{name} is given as a list; expected each as an argument of its own. "
                        f"Write {function.__name__}(*{name}) with a star before the list."
                    )
                _check(name, each, hint)
        else:
            given.arguments[name] = _checked(
                name, value, hint, given.signature.parameters[name].default
            )


def check_fields(made: Any) -> None:
    """Reject fields of a dataclass of other types than it names."""
    kind: Any = type(made)
    hints = _hints(kind)
    for field in dataclasses.fields(made):
        _check(field.name, getattr(made, field.name), hints[field.name], field.default)


@functools.cache
def _hints(function: Any) -> dict[str, Any]:
    """Return the types of a signature; those of names that are not imported are not checked."""
    names: dict[str, Any] = {}
    while True:
        try:
            return typing.get_type_hints(function, localns=names)
        except NameError as error:
            names[str(error.name)] = _named(str(error.name))


class _ByName(type):
    """A class that is known by its name, so that its library need not be imported."""

    def __instancecheck__(cls, value: object) -> bool:
        return any(each.__name__ == cls.__name__ for each in type(value).__mro__)


class _Library:
    """A library that is not imported; its classes are known by their names."""

    def __getattr__(self, name: str) -> _ByName:
        return _ByName(name, (), {})


def _named(name: str) -> Any:
    if name.islower():
        return _Library()
    return _ByName(name, (), {}) if name in _CLASSES else Any


def _checked(name: str, value: Any, hint: Any, default: Any) -> Any:
    """Return an argument that fits its type: one text or an iterator as a list where one is due."""
    if value is None and default in ("", ()):  # None is a way to say that there is none
        return default
    kinds = _parts(hint)
    if float in kinds and isinstance(value, Decimal | Fraction):
        value = float(value)
    listed = [each for each in kinds if typing.get_origin(each) in _LISTS]
    if listed and _is_listed(value) and not isinstance(value, list | tuple | range):
        value = list(value)
    elif listed and isinstance(value, str) and not _fits(value, hint) and _fits([value], hint):
        value = [value]
    _check(name, value, hint, default)
    return value


def _is_listed(value: object) -> bool:
    """Return whether a value is several in an order: no text, table, mapping or set."""
    if isinstance(value, str | bytes | Mapping | set | frozenset | type):
        return False
    return isinstance(value, Iterable) and getattr(value, "ndim", 1) == 1


def _check(name: str, value: Any, hint: Any, default: Any = inspect.Parameter.empty) -> None:
    if _fits(value, hint):
        return
    kinds = _parts(hint)
    choices = [kind for kind in kinds if typing.get_origin(kind) is Literal]
    others = [kind for kind in kinds if kind not in choices and kind is not type(None)]
    options = [option for kind in choices for option in typing.get_args(kind)]
    if choices and not others:
        choice(name, value, [*options, *([None] if type(None) in kinds else [])])
    if choices and isinstance(value, str):
        hint = did_you_mean(value, map(str, options))
        raise UsageError(
            f"{name}={short(repr(value))} is not known; expected {_expected(kinds)}.{hint}"
        )
    raise UsageError(
        f"{name}{_shown(value, kinds)}; expected {_expected(kinds)}. "
        f"{_advice(name, value, kinds, default)}".rstrip()
    )


def _shown(value: Any, kinds: Collection[Any]) -> str:
    """Return what was found, of a list its first item that does not fit."""
    listed = [each for each in kinds if typing.get_origin(each) in _LISTS]
    if listed and isinstance(value, list | tuple) and value:
        kind = typing.get_args(listed[0])[0]
        for each in value:
            if not _fits(each, kind):
                return f" holds {_found(each)}"
    for key in _unfit_keys(value, kinds):
        if _fits(key, _of_mapping(kinds)[0]):
            return f" holds for {short(repr(key))} {_found(value[key])}"
        return f" has a key that is {_found(key)}"
    if isinstance(value, float) and math.isnan(value):
        return f"={value} is not a number"
    shown = f"={short(repr(value))}" if isinstance(value, _SHOWN) or value is None else ""
    return f"{shown} is of the type {type(value).__name__}"


def _of_mapping(kinds: Collection[Any]) -> tuple[Any, ...]:
    """Return the types of the keys and the values, where one of the types is a mapping."""
    mapped = [each for each in kinds if typing.get_origin(each) in _MAPPINGS]
    return typing.get_args(mapped[0]) if mapped else ()


def _unfit_keys(value: Any, kinds: Collection[Any]) -> list[Any]:
    """Return the keys of a mapping that do not fit, or whose value does not."""
    fits = _of_mapping(kinds)
    if not fits or not isinstance(value, Mapping):
        return []
    return [key for key, each in value.items() if not all(map(_fits, (key, each), fits))]


def _found(value: object) -> str:
    shown = f" ({short(repr(value))})" if isinstance(value, _SHOWN) else ""
    return f"a value of the type {type(value).__name__}{shown}"


def _parts(hint: Any) -> tuple[Any, ...]:
    """Return the types of which a value needs to fit one."""
    if typing.get_origin(hint) in (Union, types.UnionType):
        return tuple(part for each in typing.get_args(hint) for part in _parts(each))
    return (hint,)


def _fits(value: Any, hint: Any) -> bool:
    """Return whether a value is of a type as signatures name it."""
    return any(_fits_one(value, each) for each in _parts(hint))


def _fits_one(value: Any, hint: Any) -> bool:
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        return is_among(value, parts)
    if origin in _LISTS:
        return _fits_list(value, origin, parts)
    if origin in _MAPPINGS:
        return isinstance(value, Mapping) and all(
            _fits(key, parts[0]) and _fits(each, parts[1]) for key, each in value.items()
        )
    if origin is collections.abc.Callable:
        return callable(value)
    is_checked = isinstance(hint, type) and hint is not Any
    return _PLAIN.get(hint, lambda given: isinstance(given, hint))(value) if is_checked else True


def _fits_list(value: Any, origin: Any, parts: tuple[Any, ...]) -> bool:
    if not _is_listed(value):
        unordered = isinstance(value, set | frozenset) and origin in _LISTS[3:]
        if not unordered:
            return False
    if isinstance(value, Iterator):  # each can be looked at only once
        return True
    if origin is tuple and parts and parts[-1] is not Ellipsis:
        return len(value) == len(parts) and all(map(_fits, value, parts))
    return all(_fits(each, parts[0]) for each in value) if parts else True


def _expected(kinds: Collection[Any]) -> str:
    words = [word for each in kinds for word in _in_words(each)]
    if "an Area" in words:
        # An area is text or a number too; a list of areas needs no second explanation.
        words = [each for each in words if each not in ("text", "a whole number", "an Area")]
        words = [_AREA, *(each.replace(_AREA, "an area") for each in words)]
    words = list(dict.fromkeys(words))
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]


def _in_words(hint: Any) -> list[str]:
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        return [repr(each) for each in parts]
    if origin is tuple and parts[-1] is not Ellipsis:
        return [f"({', '.join(_expected(_parts(each)) for each in parts)})"]
    if origin in _LISTS:
        kinds = [getattr(each, "__name__", "") for each in _parts(parts[0])]
        if all(each in _SEVERAL for each in kinds):
            return [f"a list of {' or '.join(_SEVERAL[each] for each in kinds)}"]
        return ["a list" if parts[0] is Any else f"a list, each {_expected(_parts(parts[0]))}"]
    if origin in _MAPPINGS:
        return [f"a dict with {_expected(_parts(parts[1]))} for each key"]
    name = getattr(hint, "__name__", str(hint))
    return _WORDS.get(name, [f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"])


def _number_in(value: Any, kinds: Collection[Any]) -> str:
    """Return the number that text or a whole fraction was meant to be, where one is expected."""
    every = [kind for each in kinds for kind in (each, *typing.get_args(each))]
    try:
        found = float(value) if isinstance(value, str | float) else math.nan
    except ValueError:
        return ""
    if int in every and found.is_integer():
        return f"{found:.0f}"
    return value if float in every and isinstance(value, str) and math.isfinite(found) else ""


def _advice(name: str, value: Any, kinds: Collection[Any], default: Any) -> str:
    """Return what to do, as far as it can be known from a type and a default."""
    names = {getattr(each, "__name__", "") for each in kinds}
    for key in _unfit_keys(value, kinds):
        return f"Correct it, or leave {short(repr(key))} out of {name}=."
    if "Area" in names and _is_listed(value):
        return "Call this for one area at a time, and join the tables with pandas.concat."
    if given := names & {*_GIVE}:
        return _GIVE[given.pop()]
    if "DataFrame" in names:
        return _table_in(value)
    if number := _number_in(value, kinds):
        return f"Write {name}={number}."
    if default is inspect.Parameter.empty or default in ("", ()):
        usual = ""
    elif isinstance(default, str | int | float | tuple):
        usual = f"Write for example {name}={short(repr(default))}."
    elif default is None and {int, float} & {*kinds}:
        usual = f"Write a number for {name}=, or leave it out where it is not needed."
    else:
        usual = f"Leave {name}= out for the default."
    return _EXAMPLES.get(name, usual)


def _table_in(value: Any) -> str:
    """Return how to get a table from a result or a file."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        held = [each.name for each in dataclasses.fields(value)]
        tables = [f".{each}" for each in held if hasattr(getattr(value, each), "columns")]
        if tables:
            return f"Give one of its tables: {some(tables)}."
    return _FILE if isinstance(value, str) or "Path" in type(value).__name__ else _TABLE
