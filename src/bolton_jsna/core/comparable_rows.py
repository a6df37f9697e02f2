"""Rows that may be added up, ranked or fitted together: of one year, subject and level of area.

Geography, measures and maps call these checks before they put rows together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bolton_jsna.core.age_bands import is_part, read_band
from bolton_jsna.core.area_codes import level_of
from bolton_jsna.core.arguments import column_names
from bolton_jsna.core.errors import SchemaError, UsageError, some
from bolton_jsna.core.table_checks import check_cells, check_table

SUBJECTS: Final = {
    "indicator": "indicators",
    "year": "years",
    "edition": "editions",
    "breakdown": "breakdowns",
}
"""Columns whose values are never added, ranked or fitted together, with the word for several."""

PARTS: Final = {
    "sex": "sexes",
    "ages": "age groups",
    "age": "ages",
    "age_band": "age bands",
}
"""Columns that divide the people of an area: parts may be added up, but not ranked as areas."""

REPEATS: Final = {
    "release": "releases",
    "ethnicity": "ethnicities",
    "ethnic_group": "ethnic groups",
    "category": "categories",
    "referral_source": "sources of referral",
    "variant": "variants",
    "source": "sources",
}
"""Columns that may differ between areas, and may be why one area has several rows."""

TOTALS: Final = frozenset(
    {"all", "persons", "total", "both", "all ages", "all persons", "everyone"}
)
"""What tables call the row of everybody next to the rows of its parts, in lower case."""

CODES: Final = ("lsoa_code", "msoa_code", "area_code")
"""The columns that name an area, the smallest areas first."""

_LOOKED_AT: Final = (*SUBJECTS, *PARTS, *REPEATS, *CODES, "area_level")

_TWO_TIERS: Final = {"E07": "district", "E10": "county"}
"""Authorities that hold the same people where a table has both."""


@dataclass(frozen=True)
class _Rows:
    """Rows in groups, what they are for (``to``) and the columns that may differ."""

    frame: pd.DataFrame
    group: NDArray[np.intp]
    to: str
    by: Sequence[str] | str | None
    aside: tuple[str, ...]

    def columns(self, names: Iterable[str]) -> list[str]:
        """Return those of the columns that the frame has and that may not differ."""
        return [name for name in names if name in self.frame.columns and name not in self.aside]

    def reject_mixed(self, names: Iterable[str], code: str | None) -> None:
        """Reject a group with several values of a column."""
        for name in self.columns(names):
            mixed = _mixed(self.frame[name], self.group)
            if mixed is not None:
                raise self.stacked(self.group == mixed, name, code)

    def stacked(self, within: NDArray[np.bool_], name: str, code: str | None) -> UsageError:
        """Return which rows are stacked, what was expected and what to do."""
        values = _sorted(self.frame[name][within].dropna().unique().tolist())
        several = {**SUBJECTS, **PARTS, **REPEATS}[name]
        number = f"{int(within.sum()):,} rows"
        if code is not None:
            number += f" for {self.frame[code][within].nunique():,} areas"
        expected = "one row for each area" if code is not None else f"one {name.replace('_', ' ')}"
        quoted = [repr(each) if isinstance(each, str) else str(each) for each in values]
        pooled = " To pool years use pool_years." if name == "year" and self.to == "add up" else ""
        return UsageError(
            f"Rows of the {several} {some(quoted)} are stacked: {number}. Expected {expected} to "
            f"{self.to}. Keep one of them, such as frame[frame[{name!r}] == {quoted[-1]}]"
            f"{self.or_by(name)}.{pooled}"
        )

    def or_by(self, name: str = "year") -> str:
        """Return the advice to take values one by one, where the caller has ``by``."""
        if self.by is None:
            return ""
        return f", or take each by itself with by={[*column_names('by', self.by), name]!r}"


def one_row_each(
    frame: pd.DataFrame,
    places: NDArray[np.intp] | None = None,
    *,
    to: str,
    by: Sequence[str] | str | None = None,
    code: str | None = None,
    apart: Collection[str] = (),
    levels: bool = True,
) -> None:
    """Reject rows that cannot be ranked, fitted or compared together."""
    check_table(frame)
    check_cells(frame, _LOOKED_AT)
    rows = _Rows(frame, _groups(frame, places), to, by, (*column_names("by", by), *apart))
    if levels:
        one_level(frame, places, to=to)
    columns = _code_columns(frame, code)
    column = columns[0] if columns else None
    rows.reject_mixed((*SUBJECTS, *PARTS), column)
    # Where ``by`` names the code, the rows of a group are the parts of one area.
    if column is None or column in rows.aside:
        return
    twice = [_twice(frame[each], rows.group) for each in columns]
    # A ward also has the code of its authority.
    if None in twice:
        return
    within = rows.group == twice[0]
    areas = frame[column][within]
    again = areas.duplicated(keep=False).to_numpy()
    for name in rows.columns(REPEATS):
        if len(frame[name][within][again].dropna().unique()) > 1:
            raise rows.stacked(within, name, column)
    raise SchemaError(
        f"{some(areas[areas.duplicated()].unique(), most=3)} has more than one row: "
        f"{int(within.sum()):,} rows for {areas.nunique():,} areas. Expected one row for each area "
        f"to {to}: give the rows of one indicator and one year{rows.or_by()}."
    )


def one_subject(
    frame: pd.DataFrame,
    places: NDArray[np.intp] | None = None,
    *,
    to: str = "add up",
    by: Sequence[str] | str | None = (),
    apart: Collection[str] = (),
    series: bool = False,
) -> None:
    """Reject rows that cannot be added up: several subjects, levels, or a total and its parts."""
    names = column_names("by", by)
    check_cells(frame, _LOOKED_AT)
    group = _groups(frame, places)
    one_level(frame, places, to=to)
    aside = (*names, *apart)
    if series and _areas_by(frame, group, names):
        aside = (*aside, "year")
    rows = _Rows(frame, group, to, by, aside)
    rows.reject_mixed(SUBJECTS, None)
    for name in rows.columns((*PARTS, "ethnicity", "ethnic_group", "category", "referral_source")):
        _no_total(frame[name], group, name, to=to)
    _one_release(rows)


def _areas_by(frame: pd.DataFrame, group: NDArray[np.intp], by: Sequence[str]) -> bool:
    """Return whether each group is one area: ``by`` names it, and no smaller areas are in it."""
    codes = _code_columns(frame, None)
    named = any(each in {*codes, "area_name"} for each in by)
    return named and (not codes or _mixed(frame[codes[0]], group) is None)


def _one_release(rows: _Rows) -> None:
    """Reject the same figure of two releases: it would be added to itself."""
    frame = rows.frame
    column = next((name for name in CODES if name in frame.columns), None)
    if column is None or not rows.columns(["release"]):
        return
    same = [name for name in (*SUBJECTS, *PARTS, *REPEATS, column) if name in frame.columns]
    same = [name for name in same if name not in {"release", "source"}]
    keys = frame[same].reset_index(drop=True).assign(_group=rows.group)
    twice = keys.duplicated(keep=False).to_numpy()
    if len(frame["release"][twice].dropna().unique()) > 1:
        raise rows.stacked(twice, "release", column)


def one_level(
    frame: pd.DataFrame, places: NDArray[np.intp] | None = None, *, to: str = "add up"
) -> None:
    """Reject rows of several levels together: England and its areas hold the same people."""
    level, found = pd.factorize(_levels(frame))
    if len(found) < 2:
        return
    if _first_mixed(level, len(found), _groups(frame, places)) is not None:
        raise UsageError(
            f"Rows of the levels {some(map(repr, found))} hold the same people and cannot be used "
            f"together to {to}. Found {_listed(level, found)}. Keep one level, or add a column "
            "'area_level'."
        )


def _code_columns(frame: pd.DataFrame, code: str | None) -> list[str]:
    """Return the columns that may name the areas, the likeliest first."""
    if code is not None and code in frame.columns:
        return [code]
    codes = [name for name in CODES if name in frame.columns]
    return codes + [
        name
        for name in frame.columns
        if isinstance(name, str) and (name == "code" or name.endswith("_code"))
        if name not in codes
    ]


def _groups(frame: pd.DataFrame, places: NDArray[np.intp] | None) -> NDArray[np.intp]:
    return np.zeros(len(frame), dtype=np.intp) if places is None else places


def _group_and_value(group: NDArray[np.intp], value: NDArray[np.intp], of: int) -> NDArray[Any]:
    """Return group and value as one number, sorted, without rows that have no value (-1)."""
    known = value >= 0
    return np.sort(group[known].astype(np.int64) * max(of, 1) + value[known])


def _first_twice(numbers: NDArray[Any]) -> int | None:
    """Return the first of sorted numbers that is there twice."""
    again = np.flatnonzero(numbers[1:] == numbers[:-1])
    return int(numbers[again[0]]) if len(again) else None


def _first_mixed(value: NDArray[np.intp], of: int, group: NDArray[np.intp]) -> int | None:
    """Return the first group with several values."""
    return _first_twice(np.unique(_group_and_value(group, value, of)) // max(of, 1))


def _mixed(values: pd.Series, group: NDArray[np.intp]) -> int | None:
    """Return the first group with several values of a column, if there is one."""
    value, found = pd.factorize(values)
    return _first_mixed(value, len(found), group) if len(found) > 1 else None


def _twice(codes: pd.Series, group: NDArray[np.intp]) -> int | None:
    """Return the first group in which an area has several rows, if there is one."""
    place, found = pd.factorize(codes)
    first = _first_twice(_group_and_value(group, place, len(found)))
    return None if first is None else first // len(found)


def _no_total(values: pd.Series, group: NDArray[np.intp], name: str, *, to: str) -> None:
    """Reject the row of everybody next to rows of its parts."""
    value, found = pd.factorize(values)
    if len(found) < 2:
        return
    for whole, parts in _totals(found, name):
        kind = np.where(value < 0, -1, np.where(whole[value], 1, np.where(parts[value], 0, -1)))
        mixed = _first_mixed(kind, 2, group)
        if mixed is not None:
            own = np.unique(value[(group == mixed) & (kind >= 0)])
            raise UsageError(
                f"{name!r} holds a total ({some(map(repr, found[own[whole[own]]]))}) next to its "
                f"parts ({some(map(repr, found[own[parts[own]]]), most=3)}): people would be "
                f"counted twice. Expected either of them to {to}. Leave out the total or the parts."
            )


def _totals(found: pd.Index, name: str) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Return which values are totals, and which are parts of them."""
    whole = np.array([isinstance(each, str) and each.strip().lower() in TOTALS for each in found])
    if whole.any() and not whole.all():
        yield whole, ~whole
    if name in {"ages", "age_band"}:
        spans = [read_band(each) for each in found]
        for at, wide in enumerate(spans):
            parts = np.array([wide is not None and is_part(each, wide) for each in spans])
            if parts.any():
                yield np.arange(len(found)) == at, parts


def _sorted(values: list[Any]) -> list[Any]:
    try:
        return sorted(values)
    except TypeError:
        return values


def _levels(frame: pd.DataFrame) -> pd.Series:
    """Return the level of each row, by its code where the frame has no column of levels."""
    if "area_level" in frame.columns:
        return frame["area_level"]
    if "area_code" not in frame.columns:
        return pd.Series(pd.NA, index=frame.index, dtype=object)
    place, found = pd.factorize(frame["area_code"])
    known = [level_of(each) for each in found]
    # Unitary authorities may be listed with districts or with counties.
    prefixes = [str(each)[:3] for each in found]
    if _TWO_TIERS.keys() <= set(prefixes):
        known = [_TWO_TIERS.get(each, level) for each, level in zip(prefixes, known, strict=True)]
    level = np.array([*known, None], dtype=object)[place]
    return pd.Series(level, index=frame.index, dtype=object)


def _listed(level: NDArray[np.intp], found: pd.Index) -> str:
    """Return how many rows each level has, and which is the first."""
    number = np.bincount(level[level >= 0], minlength=len(found))
    return ", ".join(
        f"{number[at]:,} {name!r} (the first in row {int(np.argmax(level == at)) + 1})"
        for at, name in enumerate(found)
    )
