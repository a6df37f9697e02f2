"""Categories of areas, such as zones or teams: a column of words drawn in a colour for each."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from bolton_jsna.core.area_codes import words_for
from bolton_jsna.core.errors import SchemaError, UsageError, some
from bolton_jsna.core.naming import heading, name_key, trimmed
from bolton_jsna.core.states import LABELS, MARKERS, NUMERIC
from bolton_jsna.drawing import palettes
from bolton_jsna.maps import _values
from bolton_jsna.maps._options import ChoroplethOptions
from bolton_jsna.maps._spec import AreaValue, LegendEntry, MapLayer, quoted
from bolton_jsna.sentences import map_words

_NUMBER: Final = re.compile(
    r"[<>~\u2264\u2265]?\s*[-+\u2010-\u2015\u2212]?\s*[£$€]?\s*[\d,]*\.?\d+(e[-+]?\d+)?\s*%?",
    re.IGNORECASE,
)
_YEAR: Final = re.compile(r"(19|20)\d\d")
_THOUSANDS: Final = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")
_MINUS: Final = "[\u2010-\u2015\u2212]"
_SIGNS: Final = re.compile(r"[<>=%*+#]|-$")
_EMPTY: Final = frozenset(
    {"n/a", "#n/a", "nan", "null", "*", "no data"}
    | {each.replace("_", " ").casefold() for each in (*LABELS, *LABELS.values())}
    - {"low", "value", "modelled"}
)
_MOST_LISTED: Final = 40
"""The most areas that the map in words lists by name."""


@dataclass(frozen=True)
class Categories:
    """The categories of a column in order, and that of each row (None if it has none)."""

    labels: tuple[str, ...]
    cells: tuple[str | None, ...]


def read(values: pd.Series, column: str) -> Categories | None:
    """Return the categories of a column of words or truth values; None for numbers."""
    cells = [_cell(each) for each in values.astype(object)]
    if not all(isinstance(each, Hashable) for each in cells):
        return None
    found = list(dict.fromkeys(each for each in cells if each is not None))
    declared = list(values.cat.categories) if hasattr(values, "cat") else []
    texts = [each for each in found if isinstance(each, str)]
    if declared and not any(isinstance(each, bool | np.bool_) for each in declared):
        # Numbers that are declared to be categories, such as clusters 1 to 4, are no amounts.
        if not values.cat.ordered and not all(each.isdecimal() for each in texts):
            _reject_figures(texts, column)
        _reject_variants(texts, column)
        return Categories(tuple(map(_label, declared)), tuple(map(_label, cells)))
    # True equals 1, so cells are counted, not different values.
    truths = sum(isinstance(each, bool | np.bool_) for each in cells)
    if 0 < truths < sum(each is not None for each in cells):
        raise SchemaError(
            f"Column {column!r} holds True or False and other values "
            f"({some(map(repr, found))}). Give one kind: numbers, words, or True and False."
        )
    if truths:
        words = {True: "Yes", False: "No"}
        labels = tuple(words[each] for each in (True, False) if each in found)
        return Categories(labels, tuple(None if each is None else words[each] for each in cells))
    if not texts or _are_numbers(texts, found, column):
        return None
    _reject_figures(texts, column)
    _reject_variants(texts, column)
    labels = tuple(sorted(texts, key=lambda text: (text.casefold(), text)))
    return Categories(labels, tuple(cells))


def category_layer(
    joined: gpd.GeoDataFrame,
    categories: Categories,
    options: ChoroplethOptions,
    label: str,
    details: dict[str, str],
) -> MapLayer:
    """Return the layer of a map of categories."""
    _reject_options(options)
    colours = _colours(categories, options)
    known = [cell is not None for cell in categories.cells]
    states = _values.states(joined, options.column, options.status, known)
    painted = tuple(
        f"class-{categories.labels.index(cell)}"
        if cell is not None and state in NUMERIC
        else f"state-{state}"
        for cell, state in zip(categories.cells, states, strict=True)
    )
    entries = [
        LegendEntry(key := f"class-{at}", text, palettes.Paint(colours[at]), painted.count(key))
        for at, text in enumerate(categories.labels)
    ]
    every = (*entries, *_values.state_entries(painted))
    values = [
        (AreaValue(label, str(cell) if state in NUMERIC else LABELS[state], state),)
        for cell, state in zip(categories.cells, states, strict=True)
    ]
    areas = words_for(joined["area_code"])
    further = _values.details(joined, details, states, drawn={})
    areas = words_for(joined["area_code"])
    return MapLayer(
        title=label,
        kind="categories",
        scales=(),
        entries=every,
        painted=painted,
        area_values=_values.side_by_side(values, further),
        notes=(),
        description=map_words.categories(
            areas,
            len(joined),
            quoted(label),
            of=len(entries),
            listed=_listed(every, painted, list(map(str, joined["area_name"]))),
        ),
        source=options.source,
        illustrative=bool(options.illustrative),
        areas=areas,
    )


def _cell(value: Any) -> Any:
    """Return a cell, text without blanks at its ends, and None for an empty one."""
    if isinstance(value, str):
        return trimmed(value) or None
    return None if pd.api.types.is_scalar(value) and pd.isna(value) else value


def _label(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return None if value is None else trimmed(str(value))


def _in_words(text: str) -> str:
    return heading(text.replace("_", " "))


def _are_numbers(texts: Sequence[str], found: Sequence[Any], column: str) -> bool:
    """Return whether all texts are plain numbers; reject numbers among words or with signs."""
    figures = [each for each in found if not isinstance(each, str) or _NUMBER.fullmatch(each)]
    words = [each for each in texts if each not in figures]
    if figures and words:
        raise SchemaError(
            f"Column {column!r} holds numbers ({some(map(repr, figures))}) and text "
            f"({some(map(repr, words))}). For a map of numbers leave the cells with text empty and "
            f"give the reason in a column '{column}_status' (suppressed, not_available, ...); for "
            "a map of categories write all of them in words."
        )
    if figures and all(isinstance(each, str) and _YEAR.fullmatch(each) for each in figures):
        raise SchemaError(
            f"Column {column!r} holds text ({some(map(repr, figures))}) that may be years or "
            f"numbers. For a map of years give frame[{column!r}].astype('category'), for one of "
            f"numbers pd.to_numeric(frame[{column!r}])."
        )
    signs = [each for each in figures if isinstance(each, str) and not _is_plain(each)]
    if signs:
        raise SchemaError(
            f"Column {column!r} is not numeric: it holds numbers as text with other signs "
            f"({some(map(repr, signs))}). {_way_out(signs, column)}"
        )
    return bool(figures)


def _way_out(signs: Sequence[str], column: str) -> str:
    """Return how to read numbers with other signs; nothing is advised that changes a number."""
    bare = {each: re.sub(_MINUS, "-", re.sub("[%£]", "", each)).strip() for each in signs}
    whole = {each: re.fullmatch(_THOUSANDS, text.lstrip("+-")) for each, text in bare.items()}
    commas = [each for each in signs if "," in each and not whole[each]]
    if commas:
        return (
            f"In {commas[0]!r} the comma may be a decimal point: correct such cells by hand, and "
            "do not take the comma out, which would make another number."
        )
    unclear = [each for each in signs if not _is_plain(bare[each].replace(",", ""))]
    if unclear:
        return (
            f"Leave cells such as {unclear[0]!r} empty, and give the reason in a column "
            f"'{column}_status' (suppressed, not_available, ...)."
        )
    if any(re.search(_MINUS, each) for each in signs):
        changes = "{'[%£,]': '', '[\\u2010-\\u2015\\u2212]': '-'}, regex=True"
    else:
        changes = "'[%£,]', '', regex=True"
    return f"Convert it: pd.to_numeric(frame[{column!r}].replace({changes}))."


def _is_plain(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _reject_figures(texts: Sequence[str], column: str) -> None:
    """Reject publishers' markers and numbers, which are no categories."""
    low = [each for each in texts if each in MARKERS or _in_words(each) in _EMPTY]
    words = [each for each in texts if each not in low]
    # "low" is a marker, and a category next to "high".
    marks = [each for each in low if each != "low" or not words]
    numeric = [each for each in texts if _NUMBER.fullmatch(each)]
    if marks or numeric:
        raise SchemaError(
            f"Column {column!r} holds {some(map(repr, [*marks, *numeric]))}, which a publisher "
            "writes for a missing figure or which is a number; it is no category, and the column "
            f"is not numeric. Leave such cells empty and give the reason in a column "
            f"'{column}_status' (suppressed, not_available, ...), or write categories as words, "
            "such as 'Zone 1'."
        )


def _reject_variants(texts: Sequence[str], column: str) -> None:
    alike: dict[object, list[str]] = {}
    for each in texts:
        # With other signs categories are different, such as "A" and "A-".
        alike.setdefault((name_key(each), *_SIGNS.findall(each)), []).append(each)
    for several in alike.values():
        if len(several) > 1:
            raise SchemaError(
                f"Column {column!r} has one category in several spellings: "
                f"{' and '.join(map(repr, several))}. Write it in one way."
            )


def _reject_options(options: ChoroplethOptions) -> None:
    usual = ChoroplethOptions(options.frame, options.column)
    given = [
        name
        for name in ("method", "classes", "breaks", "decimals", "uncertainty", "unit")
        if getattr(options, name) != getattr(usual, name)
    ]
    if given:
        raise UsageError(
            f"Column {options.column!r} holds words and is drawn as categories, which have no "
            f"{some(given)}. Leave {'it' if len(given) == 1 else 'them'} out, or map a column of "
            "numbers."
        )


def _colours(categories: Categories, options: ChoroplethOptions) -> tuple[str, ...]:
    labels, column = categories.labels, options.column
    if len(labels) > palettes.MOST_CATEGORIES:
        used = set(filter(None, categories.cells))
        name = f"frame[{column!r}]"
        way_out = (
            f"Leave out those without an area: {name}.cat.remove_unused_categories()."
            if len(used) <= palettes.MOST_CATEGORIES
            else f"If they are amounts, give {name}.astype(float)."
            if all(map(_is_plain, labels))
            else f"Put small ones together: {name}.where({name}.isin([...]), 'Other')."
        )
        raise UsageError(
            f"Column {column!r} has {len(labels)} categories ({some(map(repr, labels))}). A map "
            f"can have at most {palettes.MOST_CATEGORIES}, because more colours look too similar. "
            f"{way_out}"
        )
    return palettes.category_colours(options.palette, len(labels))


def _listed(
    entries: Sequence[LegendEntry], painted: Sequence[str], names: Sequence[str]
) -> list[tuple[str, int, list[str]]]:
    """Return label, number and names of the areas of each category; no names on a large map."""
    found = []
    for entry in entries:
        inside = [name for name, key in zip(names, painted, strict=True) if key == entry.key]
        found.append((entry.label, entry.count, inside if len(names) <= _MOST_LISTED else []))
    return found
