"""The figures that differ between two copies of a tidy table."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from bolton_jsna.core import areas, untrusted
from bolton_jsna.core.area_codes import LABELS, level_of
from bolton_jsna.core.errors import some

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

PASSED_OVER = {"source", "release"}
"""Columns that are not compared and are not part of a key."""

_ENGLAND, _REGION, _OTHER = 2, 3, 4
"""The order of other areas; those of the refresh are 0 and their neighbours 1."""

_SAME = 1e-9
_LONGEST = 500  # characters of one text
_LARGEST = 2**63  # what is larger is written as text
_TABLE = 40  # figures that fill a table
_LISTED = 4  # years or indicators that are named one by one
_STATES = {
    "count": "status",
    "persons": "persons_status",
    "published_rate": "published_rate_status",
    "population": "status",
}
"""The state of each figure; that of a population only where the table has no counts."""
_NAMED = {
    "area_code": "area_name",
    "lsoa_code": "lsoa_name",
    "from_code": "from_name",
    "to_code": "to_name",
    "neighbour_code": "neighbour_name",
}
_COUNTED = {"area_code", "lsoa_code", "from_code", "to_code"}


class Difference(NamedTuple):
    """One figure that differs: its row, the values, and the area."""

    row: int
    column: str
    old: Any
    new: Any
    by: float | None
    old_state: str
    new_state: str
    whose: str


def key_of(
    before: pd.DataFrame, after: pd.DataFrame, key: Sequence[str], *, switched: bool
) -> list[str]:
    """Return the columns by which rows of two copies are matched."""
    # A small area that moves to another larger one stays the same row. Two publishers may use
    # different words for a whole file, such as the variant of projections.
    by = [name for name in key if name not in PASSED_OVER and name in after.columns]
    if any(name not in before.columns for name in by):
        return by
    small = [name for name in by if name != "to_code"]
    if (
        small
        and len(small) < len(by)
        and not any(f.duplicated(small).any() for f in (before, after))
    ):
        return small  # each small area is in one larger area, and may have moved to another
    if not switched:
        return by
    words = {
        name
        for name in by
        if not _is_figure(before, after, name)
        and name not in _NAMED
        and before[name].nunique(dropna=False) == after[name].nunique(dropna=False) == 1
    }
    return [name for name in by if name not in words] or by


def indexed(frame: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Return a tidy table by its key, with areas for outlines, without ignored columns."""
    import pandas as pd

    plain = pd.DataFrame(frame).drop(columns=[*PASSED_OVER & set(frame.columns)])
    if "geometry" in plain.columns:
        outline = frame.geometry.map(lambda shape: round(shape.area) if shape else None)
        plain = plain.drop(columns="geometry").assign(area_in_square_metres=outline)
    # The same type of key in both copies.
    for name in by:
        plain[name] = plain[name].astype(object).where(plain[name].notna(), "")
    return plain.drop_duplicates(by, keep="last").set_index(by)


class KindOfFigure(NamedTuple):
    """A kind of figure that only one copy has, such as the rates of an indicator."""

    column: str
    of: str
    figures: int
    rows: np.ndarray


def whole(old: pd.DataFrame, new: pd.DataFrame, by: list[str]) -> list[KindOfFigure]:
    """Return the kinds of figures that ``old`` has and ``new`` does not, for the same rows."""
    # A release may leave out a column or add one. A line for each of its figures would leave no
    # room for the revised ones.
    import numpy as np

    states = _states(new)
    of = np.full(len(new), "", dtype=object)
    if "indicator" in by:
        of = new.index.get_level_values(by.index("indicator")).to_numpy(dtype=object)
    found = []
    for column in [each for each in new.columns if each in old.columns]:
        if not _is_figure(old, new, column):
            continue
        had = old[column].notna().to_numpy()
        right = _values(new[column])
        left_out = _states_of(new, states.get(column), right, numeric=True) == "not_available"
        for each in dict.fromkeys(of):
            rows = of == each
            if had[rows].sum() > _TABLE and left_out[rows].all():
                found.append(KindOfFigure(column, str(each), int(had[rows].sum()), rows))
    return found


def differing(
    old: pd.DataFrame,
    new: pd.DataFrame,
    by: list[str],
    ranks: Mapping[str, int],
    *,
    switched: bool = False,
    passed_over: Sequence[KindOfFigure] = (),
) -> list[Difference]:
    """Return every figure that differs between the same rows of two copies, in order."""
    # If the publisher is another one (``switched``), only figures that both have are compared.
    # Figures that are the same after rounding like the coarser copy count as the same.
    import numpy as np

    states = _states(new)
    columns = [each for each in new.columns if each in old.columns and each not in states.values()]
    if switched:
        columns = [each for each in columns if _is_figure(old, new, each)]
    whose = _whose(new, by)
    found: list[Difference] = []
    for column in columns:
        left, right = _values(old[column]), _values(new[column])
        numeric = _is_figure(old, new, column)
        least = _coarse(left, right) if switched else _SAME
        state = states.get(column)
        were, are = (
            _states_of(frame, state, values, numeric=numeric)
            for frame, values in ((old, left), (new, right))
        )
        unlike = (left != right) | (were != are)
        for each in passed_over:
            if each.column == column:
                unlike &= ~each.rows
        for row in np.flatnonzero(unlike).tolist():
            was, now = _scalar(left[row]), _scalar(right[row])
            how_much = _difference(was, now)
            if switched and how_much is None:
                continue  # only one of the two has it: counted by shared()
            small = was == now or (how_much is not None and abs(how_much) < least)
            if small and (switched or were[row] == are[row]):
                continue
            found.append(
                Difference(row, column, was, now, how_much, were[row], are[row], whose[row])
            )
    return sorted(_without_names(found), key=lambda each: _order(each, ranks))


def shared(old: pd.DataFrame, new: pd.DataFrame) -> dict[str, int]:
    """Return how many figures both copies have, and how many only one has."""
    names = [each for each in (*old.columns, *new.columns) if _is_figure(old, new, each)]
    both = total_old = total_new = 0
    for name in dict.fromkeys(names):
        has_old, has_new = (
            frame.index[frame[name].notna()] if name in frame.columns else frame.index[:0]
            for frame in (old, new)
        )
        total_old, total_new = total_old + len(has_old), total_new + len(has_new)
        both += int(has_new.isin(has_old).sum())
    return {"both": both, "only_before": total_old - both, "only_now": total_new - both}


def facts(found: Difference, old: pd.DataFrame, new: pd.DataFrame, by: list[str]) -> dict[str, Any]:
    """Return a figure that differs with the key of its row and the names of the codes in it."""
    key = new.index[found.row]
    values = key if isinstance(key, tuple) else (key,)
    where = {name: _scalar(value) for name, value in zip(by, values, strict=True)}
    names: dict[str, str] = {}
    for frame in (old, new):
        row = frame.iloc[found.row]
        for code, name in _NAMED.items():
            if code in where or code == found.column:
                names |= _name(where.get(code, row.get(code)), row.get(name))
    return {
        "where": where,
        "column": found.column,
        "old": found.old,
        "new": found.new,
        "by": found.by,
        "old_state": found.old_state,
        "new_state": found.new_state,
        "names": names,
    }


def what(index: pd.Index[Any], by: list[str]) -> str:
    """Return what rows are about: years and so on, and the number of areas."""
    if not len(index):
        return ""
    said, counted = [], []
    for number, name in enumerate(by):
        there = index.get_level_values(number).unique()
        values = sorted({_scalar(each) for each in there}, key=_sorting)
        if name in _COUNTED:
            kinds = Counter(LABELS.get(level_of(each) or "", ("area", "areas")) for each in values)
            counted += [f"{n:,} {one if n == 1 else many}" for (one, many), n in kinds.items()]
        elif len(values) <= _LISTED:
            said.append(f"{name} {some(values)}")
        elif all(isinstance(each, int) for each in values):
            said.append(f"{name} {values[0]} to {values[-1]}")
        else:
            said.append(f"{name} {some(values, most=_LISTED)}")
    return "; ".join([*said, *([", ".join(counted)] if counted else [])])


def _order(found: Difference, ranks: Mapping[str, int]) -> tuple[float, ...]:
    usual = {"country": _ENGLAND, "region": _REGION}.get(level_of(found.whose) or "", _OTHER)
    place = ranks.get(found.whose, usual)
    number = found.by is not None
    hidden = not number and bool(found.old_state or found.new_state)
    # A figure that is hidden now comes early for the areas of interest; text comes last.
    kind = 1 if number else 0 if hidden and place < _OTHER else 2 if hidden else 3
    return (place, kind, -abs(found.by) if found.by is not None else 0)


def _without_names(found: list[Difference]) -> list[Difference]:
    """Leave out changed names of codes, which are printed with the code."""
    codes = {(each.row, _NAMED[each.column]) for each in found if each.column in _NAMED}
    return [each for each in found if (each.row, each.column) not in codes]


def _whose(frame: pd.DataFrame, by: list[str]) -> list[str]:
    """Return the area code of each row: the authority's if it is known."""
    for name in ("authority_code", "area_code", by[0]):
        if name in frame.columns:
            return [each if isinstance(each, str) else "" for each in frame[name]]
        if name in by:
            return [str(each) for each in frame.index.get_level_values(name)]
    return [""] * len(frame)


def _states(frame: pd.DataFrame) -> dict[str, str]:
    """Return the column with the state of each figure of a table."""
    return {
        figure: state
        for figure, state in _STATES.items()
        if figure in frame.columns
        and state in frame.columns
        and not (figure == "population" and "count" in frame.columns)
    }


def _states_of(
    frame: pd.DataFrame, column: str | None, values: np.ndarray, *, numeric: bool
) -> np.ndarray:
    """Return the state of each figure; empty for values and for text."""
    import numpy as np

    missing = np.array([each is None for each in values], dtype=bool)
    states = np.full(len(values), "", dtype=object)
    if numeric:
        states[missing] = "not_available"
    if column is not None and column in frame.columns:
        given = np.array([untrusted.plain(each, most=40) for each in frame[column]], dtype=object)
        # "value" is no state: neither with a figure nor without one.
        use = ~np.isin(given, ["", "value"])
        states[use] = given[use]
    return states


def _is_figure(old: pd.DataFrame, new: pd.DataFrame, column: str) -> bool:
    import pandas as pd

    return all(
        pd.api.types.is_numeric_dtype(frame[column])
        and not pd.api.types.is_bool_dtype(frame[column])
        for frame in (old, new)
        if column in frame.columns
    )


def _values(column: pd.Series[Any]) -> np.ndarray:
    """Return values as Python objects, None for missing values."""
    import numpy as np

    found = np.empty(len(column), dtype=object)
    found[:] = column.astype(object).where(column.notna(), None).tolist()
    return found


def _coarse(old: np.ndarray, new: np.ndarray) -> float:
    """Return the least difference of two figures that remains after rounding."""
    decimals = min(max((_decimals(each) for each in column), default=0) for column in (old, new))
    return 0.5 * 10.0**-decimals + _SAME if decimals < 6 else _SAME


def _decimals(value: Any) -> int:
    if not isinstance(value, float) or not math.isfinite(value) or value.is_integer():
        return 0
    return len(f"{value:.6f}".rstrip("0").partition(".")[2])


def _difference(old: Any, new: Any) -> float | None:
    if isinstance(old, int | float) and isinstance(new, int | float):
        by = float(new) - float(old)
        return by if math.isfinite(by) else None
    return None


def _scalar(value: Any) -> int | float | str | None:
    """Return a value as a plain Python value for JSON, safe to print."""
    if value is None or isinstance(value, bool | str):
        return value if value is None else untrusted.plain(str(value), most=_LONGEST)
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, int | float) and abs(value) < _LARGEST:
        return value
    return untrusted.plain(str(value), most=_LONGEST)


def _sorting(value: Any) -> tuple[bool, Any]:
    return (isinstance(value, str), str(value) if not isinstance(value, int | float) else value)


def _name(code: Any, name: Any) -> dict[str, str]:
    """Return the name of a code from its row or the register; empty if there is none."""
    if not isinstance(code, str) or not code:
        return {}
    if not isinstance(name, str) or not name:
        known = areas.find(code) if len(code) == 9 else None
        name = known.name if known else ""
    return (
        {untrusted.plain(code, most=_LONGEST): untrusted.plain(name, most=_LONGEST)} if name else {}
    )
