"""Which column of a layer of boundaries names its shapes, and whether what it holds are codes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core.errors import OtherTableError, SchemaError, some
from bolton_jsna.core.naming import trimmed
from bolton_jsna.tables.boundaries import _own_layers
from bolton_jsna.tables.boundaries._rings import Layer
from bolton_jsna.tables.reader_notes import leave_out, remark

if TYPE_CHECKING:
    import pandas as pd

_CODE: Final = re.compile(r"(lsoa|wd|lad|ctyua|utla)(\d\d)cd")
_LEVELS: Final = {
    "lsoa": "lsoa",
    "wd": "ward",
    "lad": "authority",
    "ctyua": "authority",
    "utla": "authority",
}
_GSS: Final = re.compile(r"[EWNSK][0-9]{8}")
_NAMED: Final = re.compile(r"[a-z]+\d\d(?:cd|nm|nmw)")


def named(
    layer: pd.DataFrame, columns: dict[str, str], shapes: Sequence[Any], *, name: str
) -> tuple[pd.DataFrame, list[Any]]:
    """Return a layer without the shapes that have neither a code nor a name."""
    # Some published layers have one: a sliver that was left over, or what no ward covers.
    told = [
        columns[each] for each in columns if _NAMED.fullmatch(each) or each in _own_layers.FACTS
    ]
    blank = [
        all(cell is None or cell != cell or not trimmed(str(cell)) for cell in row)  # noqa: PLR0124 (not a number)
        for row in layer[told].itertuples(index=False, name=None)
    ]
    if not told or not any(blank) or all(blank):
        return layer, list(shapes)
    remark(
        f"{name!r}: {sum(blank)} of {len(blank)} shapes have neither a code nor a name and are "
        "passed over."
    )
    kept = [not each for each in blank]
    return layer[kept].reset_index(drop=True), list(itertools.compress(shapes, kept))


def told(
    layer: pd.DataFrame,
    columns: dict[str, str],
    *,
    level: str | None,
    year: int | None,
    name: str,
) -> tuple[str, str | None, int | None]:
    """Choose the column that names the shapes: as published, its level (None: by codes), year."""
    kinds = [_LEVELS[m[1]] for each in columns if (m := _CODE.fullmatch(each))]
    published = level in kinds if level else bool(kinds)
    if published or _own_layers.CODE not in columns:
        kind, code, found = _code_column(columns, level=level, year=year, name=name)
        return code, _LEVELS[kind], found
    own = _own_layers.year_of(layer, columns, name=name)
    if year is not None and own not in (year, None):
        raise SchemaError(
            f"{name!r} has boundaries of {own}, not of {year}. Take the file of that year, or "
            "leave year out."
        )
    return columns[_own_layers.CODE], None, year if own is None else own


def refuse_another_level(found: str, level: str | None, *, name: str) -> None:
    """Refuse a layer of another level than the one that was asked for."""
    if level not in (None, found):
        raise OtherTableError(
            f"{name!r} has the codes of {found} boundaries, not of {level}. Take the file of that "
            "level, or leave level out."
        )


def _code_column(
    columns: dict[str, str], *, level: str | None, year: int | None, name: str
) -> tuple[str, str, int]:
    """Choose the published column of codes: kind of area, column as published, year."""
    found = [(m[1], columns[m[0]], 2000 + int(m[2])) for c in columns if (m := _CODE.fullmatch(c))]
    order = list(_LEVELS)
    fitting = [
        each
        for each in sorted(found, key=lambda each: (order.index(each[0]), -each[2]))
        if (level is None or _LEVELS[each[0]] == level) and (year is None or each[2] == year)
    ]
    if not fitting:
        wanted = " ".join(filter(None, (level or "", f"of {year}" if year else "")))
        raise OtherTableError(
            f"{name!r} has no codes {('for ' + wanted) if wanted else 'of any area'}. Expected a "
            "column such as WD23CD, LSOA21CD, LAD23CD or area_code; it has "
            f"{some(columns.values(), 12)}. Check the vintage of the file, or leave level and year "
            "out."
        )
    return fitting[0]


def whole(layer: Layer, codes: pd.Series, *, column: str, name: str) -> list[int]:
    """Return the places of the features that have a code and a shape; others are left out."""
    wrong = ~codes.map(lambda code: bool(_GSS.fullmatch(code)))
    leave_out(
        int(wrong.sum()),
        len(codes),
        said=f"{name!r}: column {column!r} holds {some(map(repr, codes[wrong].unique()))}; "
        "expected GSS codes such as E05014818.",
        what="features",
    )
    absent = codes.map(lambda _: False)
    absent[:] = [not each or (not isinstance(each, str) and each.is_empty) for each in layer.shapes]
    leave_out(
        int((absent & ~wrong).sum()),
        len(codes),
        said=f"{name!r} has no shape for {some(codes[absent & ~wrong])}.",
        advice="Expected a polygon for each; download it again with geometry.",
        what="features",
    )
    flat = codes.map(lambda _: False)
    flat[:] = [isinstance(each, str) for each in layer.shapes]
    flat &= ~wrong
    kinds = sorted({each for each in layer.shapes if isinstance(each, str)})
    leave_out(
        int(flat.sum()),
        len(codes),
        said=f"{name!r} has shapes without an area ({some(kinds)}) for {some(codes[flat])}.",
        advice="Expected polygons; look at these in the file.",
        what="features",
    )
    return _once(codes[~wrong & ~absent & ~flat], layer.shapes, column=column, name=name)


def _once(codes: pd.Series, shapes: Sequence[Any], *, column: str, name: str) -> list[int]:
    """Return the places of the features, each once; codes that have several shapes are left out."""
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
    leave_out(
        int(wrong.sum()),
        len(codes),
        said=f"{name!r} has codes more than once in {column!r}: {some(unlike)}.",
        advice="Expected one shape for each; dissolve the parts by their code first.",
        what="features",
    )
    return sorted(places[0] for code, places in rows.items() if code not in unlike)
