"""Headings and words in an authority's own records, from layouts.toml and the user's mapping."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Final, Literal

from bolton_jsna.core.errors import SourceError, UsageError, choice
from bolton_jsna.core.reading import delimited, limits, opening

EventKind = Literal["referral", "plan"]
Columns = Mapping[str, str | Sequence[str]] | str | Path
"""A mapping of our columns to the file's headings, or a TOML file with one."""

EVENT_KINDS: Final[tuple[EventKind, ...]] = ("referral", "plan")
HOME: Final = ("postcode", "lsoa_code")
ORDERS: Final = ("day_first", "month_first")

_WORDED: Final = ("category", "referral_source", "ethnicity")
_CODE: Final = re.compile(r"^([A-Za-z]?[0-9]{1,2}[A-Za-z]?|[A-Z]{3,4})\b")
_LETTERED: Final = re.compile(r"^[A-Za-z]{1,2}\)\s*")


@dataclass(frozen=True)
class FileSettings:
    """What a user gives about a file.

    Attributes
    ----------
    columns : Mapping of str to tuple of str
        For each of our columns the headings used for it; the first found is taken.
    words : Mapping of str to Mapping of str to str
        For ``category``, ``referral_source`` and ``ethnicity``: local words (compared form) and
        their meaning.
    kind : str or None
        What the rows are.
    date_order : {"day_first", "month_first"} or None
        How dates such as 3/4/2024 are read; None: day first, unless the column contradicts it.
    """

    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    kind: str | None = None
    date_order: str | None = None


@dataclass(frozen=True)
class RowLayout:
    """One way to read the rows of a sheet: as one kind of event, or by its column ``kind``.

    Attributes
    ----------
    kind : {"referral", "plan"} or None
        What every row is; None if a column gives it.
    places : Mapping of str to int
        The place of each of our columns in the sheet.
    specific : bool
        Whether the heading of the date shows what the rows are.
    """

    kind: EventKind | None
    places: Mapping[str, int]
    specific: bool


def key(text: object) -> str:
    """Return a heading or word in the form in which they are compared."""
    return "".join(filter(str.isalnum, str(text).casefold()))


@functools.cache
def facts(name: str = "layouts") -> dict[str, Any]:
    """Return the headings and words in ``layouts.toml`` or ``words.toml``."""
    text = resources.files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def labels(name: str) -> dict[str, str]:
    """Return the label of each word in a table of ``words.toml``."""
    return {word: label for label, listed in facts("words")[name].items() for word in listed}


def pattern(text: str) -> re.Pattern[str]:
    """Return a pattern of ``words.toml``, in which ``<name>`` stands for a part."""
    for name, part in facts("words")["parts"].items():
        text = text.replace(f"<{name}>", part)
    return re.compile(text)


@functools.cache
def known_headings() -> frozenset[str]:
    """Return every known heading in compared form."""
    groups = facts()["columns"].values()
    return frozenset(key(each) for group in groups for names in group.values() for each in names)


@functools.cache
def _patterns(group: str, name: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(each) for each in facts()["patterns"].get(group, {}).get(name, ()))


@functools.lru_cache(maxsize=10_000)
def is_known(heading: str) -> bool:
    """Return whether a heading in compared form is listed or matches a pattern."""
    return heading in known_headings() or any(
        pattern.fullmatch(heading)
        for group, names in facts()["patterns"].items()
        for name in names
        for pattern in _patterns(group, name)
    )


def column_names() -> list[str]:
    """Return our columns, as a mapping names them."""
    return list(facts()["columns"]["any"])


def mapping(columns: Columns | None) -> FileSettings:
    """Return what a user gives about a file, checked."""
    if columns is None:
        return FileSettings()
    settings: dict[str, Any] = (
        _toml(Path(columns)) if isinstance(columns, str | Path) else {"columns": dict(columns)}
    )
    for part in settings:
        choice("part of the mapping", part, ("columns", "words", "options"))
    names: dict[str, tuple[str, ...]] = {}
    for name, heading in _named(settings, "columns").items():
        choice("columns", name, column_names())
        listed = [heading] if not isinstance(heading, list | tuple) else list(heading)
        if not listed or not all(isinstance(each, str) and key(each) for each in listed):
            raise UsageError(
                f"The mapping of {name!r} is not a heading. Expected a text or a list of texts."
            )
        names[name] = tuple(listed)
    words: dict[str, dict[str, str]] = {}
    for name in _named(settings, "words"):
        choice("words", name, _WORDED)
        words[name] = {}
        for word, meaning in _named(settings["words"], name).items():
            choice(f"words.{name}", meaning, facts()["words"][name])
            words[name][key(word)] = str(meaning)
    options = _named(settings, "options")
    for name in options:
        choice("option", name, ("kind", "date_order"))
    if "date_order" in options:
        choice("date_order", options["date_order"], ORDERS)
    if "kind" in options and not isinstance(options["kind"], str):
        raise UsageError("The option kind of the mapping is not a text. Give referrals or plans.")
    return FileSettings(names, words, options.get("kind"), options.get("date_order"))


def _named(settings: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    """Return a table of a mapping; empty if it has none."""
    found = settings.get(part, {})
    if not isinstance(found, Mapping):
        raise UsageError(
            f"The part {part!r} of the mapping is not a table. Expected lines such as "
            f'child_id = "Client Ref" below a heading such as [{part}].'
        )
    return found


def _toml(path: Path) -> dict[str, Any]:
    content = opening.content(path, most=limits.SETTINGS, what="mapping file")
    # The time of the parser grows with the square of the parts of a key.
    deep = any(line.count(b".") > limits.DEPTH for line in content.splitlines())
    at = ""
    try:
        if not deep:
            return tomllib.loads(delimited.as_utf8(content).decode("utf-8"))
    except (ValueError, RecursionError) as error:
        # The line only: the parser's message may quote the file, which may be the wrong one.
        found = re.search(r"\(at (line \d+), column \d+\)", str(error))
        at = f" ({found[1]})" if found else ""
    raise SourceError(
        f"The mapping file {path.name!r} cannot be read as TOML{at}. Expected lines such as "
        'child_id = "Client Ref" below [columns].'
    )


def recognised(cells: Sequence[str], settings: FileSettings) -> int:
    """Return how many different headings, known or named by the user, a row has."""
    own = {key(each) for names in settings.columns.values() for each in names}
    found = {key(cell) for cell in cells if cell}
    return len(found & own) + sum(is_known(each) for each in found - own)


def names_children(header: Sequence[str]) -> bool:
    """Return whether a row of headings has one for the child, which counts do not have."""
    return _found(_places(header), "child_id", ("any",)) is not None


def _places(header: Sequence[str]) -> dict[str, int]:
    """Return the first place of each heading in compared form."""
    places: dict[str, int] = {}
    for place, cell in enumerate(header):
        if key(cell):
            places.setdefault(key(cell), place)
    return places


def row_layouts(
    header: Sequence[str], kind: EventKind | None, settings: FileSettings
) -> list[RowLayout]:
    """Return the ways to read a sheet; empty if a needed column is missing."""
    places = _places(header)
    general = _resolve(places, None, settings)
    if "kind" in general:
        found = [RowLayout(None, general, specific=False)]
    elif kind is not None:
        own = _resolve(places, kind, settings)
        found = [RowLayout(kind, own, specific=_specific(places, kind))]
    else:
        found = [
            RowLayout(each, _resolve(places, each, settings), specific=True)
            for each in EVENT_KINDS
            if _specific(places, each)
        ]
    return [each for each in found if {"child_id", "date"} <= set(each.places)]


def missing_columns(
    header: Sequence[str], kind: EventKind | None, settings: FileSettings
) -> list[str]:
    """Return the needed columns that a sheet does not have."""
    places = _places(header)
    found = _resolve(places, kind, settings)
    if any(_specific(places, each) for each in EVENT_KINDS) and kind is None:
        found = {"kind": 0, "date": 0, **found}
    needed = ["child_id", "date", *([] if kind else ["kind"])]
    missing = [name for name in needed if name not in found]
    if not set(HOME) & set(found):
        missing.append("postcode or lsoa_code")
    return missing


def repeated(header: Sequence[str], found: Mapping[str, int]) -> list[str]:
    """Return our columns for which a sheet has the same heading twice."""
    seen = [key(cell) for cell in header]
    groups = facts()["columns"].values()
    return [
        name
        for name, spot in found.items()
        if seen.count(seen[spot]) > 1
        or any(
            seen.count(key(each)) > 1
            for group in groups
            for each in group.get(name, ())
            if key(each) in seen
        )
    ]


def _resolve(
    places: Mapping[str, int], kind: EventKind | None, settings: FileSettings
) -> dict[str, int]:
    groups = ("any",) if kind is None else (kind, "any")
    found: dict[str, int] = {}
    for name in facts()["columns"]["any"]:
        if name in settings.columns:
            own = (key(each) for each in settings.columns[name])
            place = next((places[each] for each in own if each in places), None)
        elif key(name) in places:
            # Our own name comes first: a file in the tidy layout uses it.
            place = places[key(name)]
        else:
            place = _found(places, name, groups)
        if place is not None:
            found[name] = place
    return found


def _found(places: Mapping[str, int], name: str, groups: Sequence[str]) -> int | None:
    """Return the place of a column: by the list of each group, then by its patterns."""
    for group in groups:
        for each in facts()["columns"][group].get(name, ()):
            if key(each) in places:
                return places[key(each)]
        for pattern in _patterns(group, name):
            for heading, place in places.items():
                if heading not in known_headings() and pattern.fullmatch(heading):
                    return place
    return None


def _specific(places: Mapping[str, int], kind: EventKind) -> bool:
    return _found(places, "date", (kind,)) is not None


def meaning(name: str, text: str, settings: FileSettings | None = None) -> tuple[str, bool]:
    """Return the meaning of a word or code, and whether it was recognised."""
    plain = _LETTERED.sub("", text)
    own = settings.words.get(name, {}) if settings is not None else {}
    if (found := own.get(key(text))) is not None:
        return found, True
    words = _words(name)
    if (known := words.get(key(plain))) is not None:
        return known, True
    code = _CODE.match(plain)
    if code and (known := words.get(key(code.group()))) is not None:
        return known, True
    return text, False


@functools.cache
def _words(name: str) -> dict[str, str]:
    return {
        key(word): label
        for label, others in facts()["words"][name].items()
        for word in (*others, label)
    }


@functools.cache
def ethnic_groups() -> dict[str, str]:
    """Return the main ethnic group of each ethnicity."""
    return {each: group for group, members in facts()["ethnic_groups"].items() for each in members}


def words(name: str) -> list[str]:
    """Return the values of a column of words, in the order of the census."""
    choice("column", name, _WORDED)
    return list(facts()["words"][name])
