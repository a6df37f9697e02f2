"""Find the column of codes of a layer of boundaries, and check its codes and shapes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core.errors import OtherTableError, SchemaError, some
from bolton_jsna.core.naming import trimmed
from bolton_jsna.tables._left_out import without
from bolton_jsna.tables.boundaries import _own_layers
from bolton_jsna.tables.boundaries._rings import BoundaryLayer
from bolton_jsna.tables.reader_notes import remark

if TYPE_CHECKING:
    import pandas as pd

_CODE: Final = re.compile(r"(lsoa|wd|lad|ctyua|utla)(\d\d)cd")
_LEVELS: Final = {
    "lsoa": "lsoa",
    "wd": "ward",
    **dict.fromkeys(("lad", "ctyua", "utla"), "authority"),
}
_GSS: Final = r"[EWNSK][0-9]{8}"
_NAMED: Final = re.compile(r"[a-z]+\d\d(?:cd|nm|nmw)")


def named(
    layer: pd.DataFrame, columns: dict[str, str], shapes: Sequence[Any], *, name: str
) -> tuple[pd.DataFrame, list[Any]]:
    """Return a layer without shapes that have neither a code nor a name."""
    # Some published layers have one: a sliver left over, or an area without a ward.
    naming = [
        columns[each] for each in columns if _NAMED.fullmatch(each) or each in _own_layers.FACTS
    ]
    blank = [
        all(cell is None or cell != cell or not trimmed(str(cell)) for cell in row)  # noqa: PLR0124 (not a number)
        for row in layer[naming].itertuples(index=False, name=None)
    ]
    if not naming or not any(blank) or all(blank):
        return layer, list(shapes)
    remark(
        f"{name!r}: {sum(blank)} of {len(blank)} shapes have neither a code nor a name. They are "
        "not used."
    )
    kept = [not each for each in blank]
    return layer[kept].reset_index(drop=True), list(itertools.compress(shapes, kept))


def code_column(
    layer: pd.DataFrame,
    columns: dict[str, str],
    *,
    level: str | None,
    year: int | None,
    name: str,
) -> tuple[str, str | None, int | None]:
    """Return the column of codes as published, its level (None: by its codes) and year."""
    kinds = [_LEVELS[m[1]] for each in columns if (m := _CODE.fullmatch(each))]
    published = level in kinds if level else bool(kinds)
    if published or _own_layers.CODE not in columns:
        return _published_column(columns, level=level, year=year, name=name)
    own = _own_layers.year_of(layer, columns, name=name)
    if year is not None and own not in (year, None):
        raise SchemaError(
            f"{name!r} has boundaries of {own}, not of {year}. Take the file of that year, or "
            "leave year out."
        )
    return columns[_own_layers.CODE], None, year if own is None else own


def _published_column(
    columns: dict[str, str], *, level: str | None, year: int | None, name: str
) -> tuple[str, str, int]:
    """Return the published column of codes, its level and year: the smallest areas, the newest."""
    matches = [match for each in columns if (match := _CODE.fullmatch(each))]
    order = list(_LEVELS)
    matches.sort(key=lambda match: (order.index(match[1]), -int(match[2])))
    found = [(columns[match[0]], _LEVELS[match[1]], 2000 + int(match[2])) for match in matches]
    fitting = [each for each in found if level in (None, each[1]) and year in (None, each[2])]
    if not fitting:
        wanted = " ".join(filter(None, (level or "", f"of {year}" if year else "")))
        raise OtherTableError(
            f"{name!r} has no codes {('for ' + wanted) if wanted else 'of any area'}. Expected a "
            "column such as WD23CD, LSOA21CD, LAD23CD or area_code; it has "
            f"{some(columns.values(), 12)}. Check the vintage of the file, or leave level and year "
            "out."
        )
    return fitting[0]


def complete(layer: BoundaryLayer, codes: pd.Series, *, column: str, name: str) -> list[int]:
    """Return the positions of the features that have a code and a shape, each code once."""
    import pandas as pd

    shapes = pd.Series(layer.shapes, index=codes.index, dtype=object)
    flat = shapes.map(lambda each: isinstance(each, str))
    absent = shapes.map(lambda each: not each or (not isinstance(each, str) and each.is_empty))
    wrong = ~codes.str.fullmatch(_GSS)
    absent, flat = (each.astype(bool) & ~wrong for each in (absent, flat))
    invalid = some(map(repr, codes[wrong].unique()))
    for left_out, problem, advice in (
        (wrong, f": column {column!r} has {invalid}; expected GSS codes such as E05014818.", ""),
        (
            absent,
            f" has no shape for {some(codes[absent])}.",
            "Expected a polygon for each; download it again with geometry.",
        ),
        (
            flat,
            f" has shapes without an area ({some(sorted(set(shapes[flat])))}) for "
            f"{some(codes[flat])}.",
            "Expected polygons; correct these in the file.",
        ),
    ):
        without(codes, left_out, f"{name!r}{problem}", advice, what="features")
    return _once(codes[~(wrong | absent | flat)], layer.shapes, column=column, name=name)


def _once(codes: pd.Series, shapes: Sequence[Any], *, column: str, name: str) -> list[int]:
    """Return the positions of the features, each once, without codes with different shapes."""
    rows: dict[str, list[int]] = {}
    for place, code in codes.items():
        rows.setdefault(str(code), []).append(int(str(place)))
    several = {code: places for code, places in rows.items() if len(places) > 1}
    made = {place: shapes[place].normalize() for places in several.values() for place in places}
    unlike = [
        code
        for code, places in several.items()
        if not all(made[places[0]].equals_exact(made[each], 0) for each in places)
    ]
    alike = sum(len(places) - 1 for code, places in several.items() if code not in unlike)
    if alike:
        remark(f"{name!r} has {alike:,} features twice or more; each is used once.")
    wrong = codes.isin(unlike)
    problem = f"{name!r} has codes more than once in {column!r}: {some(unlike)}."
    advice = "Expected one shape for each; dissolve the parts by their code first."
    without(codes, wrong, problem, advice, what="features")
    return sorted(places[0] for code, places in rows.items() if code not in unlike)
