"""Several areas added up to one, such as the ten authorities of Greater Manchester."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from bolton_jsna.catalogue.indicators import PER
from bolton_jsna.core import areas as places
from bolton_jsna.core.areas import Area
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.arguments import column_names
from bolton_jsna.core.comparable_rows import PARTS, REPEATS, SUBJECTS
from bolton_jsna.core.errors import MissingDataError, SchemaError, UsageError, some
from bolton_jsna.core.provenance import SEPARATOR
from bolton_jsna.measures._aggregation import group_codes, groups_or_whole
from bolton_jsna.measures._arrays import Codes, Floats, Positions
from bolton_jsna.measures._frame_columns import (
    CODES,
    both_codes,
    counted_codes,
    need,
    numbers,
    numeric,
    state_text,
)
from bolton_jsna.tables.schemas import text_dtype

GROUP: Final = "group of authorities"
"""The level of a list of authorities that the register does not have as an area."""

_KEYS: Final = (
    *(each for each in (*SUBJECTS, *PARTS, *REPEATS) if each != "source"),
    *("period", "unit", "base_year", "lsoa_year"),
)
"""Columns that distinguish the rows of one area."""

_FIGURES: Final = ("count", "persons", "population")
_PUBLISHED: Final = ("value", "published_value", "published_rate", "rate", "percentage")
"""Columns whose figures cannot be added up."""

_KNOWN: Final = (CODES["value"], CODES["modelled"])


@checked
def sum_areas(
    frame: pd.DataFrame,
    areas: str | int | Area | Iterable[str | int | Area],
    *,
    name: str | None = None,
    by: str | Sequence[str] | None = None,
) -> pd.DataFrame:
    """Add up the counts of several areas, such as those of a combined authority.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
        Any table with ``area_code`` and one or more of ``count``, ``persons`` and ``population``,
        with their states in ``status`` (or ``count_status``), ``persons_status`` and
        ``population_status`` where it has them. One row for each authority and year, indicator,
        breakdown, age, sex and the like. Rows of other areas may be there.
    areas : place or several
        A combined authority or metropolitan county (``"Greater Manchester"``), or several
        authorities. An authority named twice is counted once.
    name : str, optional
        The name of the sum. By default that of the combined authority, or the authorities' names.
    by : str or sequence of str, optional
        More columns that distinguish the rows of one area, if the frame has columns that are not
        known here. Known are year, indicator, breakdown, sex, ages, release and the like.

    Returns
    -------
    DataFrame
        One row for each year, indicator and so on, in order of first appearance: ``area_code``
        (for a list that is no combined authority the codes, joined by ``+``), ``area_name``,
        ``area_level``, the columns that distinguish rows, the sums with their states,
        ``source``, ``parts`` (areas that could have a number) and ``parts_used`` (areas that
        have one). A sum with a hidden
        or missing part has no number and the state of that part (``suppressed`` before ``low``
        before ``not_available``); an area without a row is ``not_available``. Where the frame has
        ``value`` and ``unit``, the value is worked out again from the sums. Published rates,
        percentages, averages and limits are left out, because they cannot be added up. A frame
        without counts gives the state ``not_available``.

    Raises
    ------
    AreaNotFoundError
        When an area is not known.
    UsageError
        When ``areas`` names England or a region, whose published counts are rounded, or no area.
    MissingDataError
        When the frame has no row of any of the areas.
    SchemaError
        When a column is not there or holds text, or an area has several rows of one year,
        indicator and so on.

    Notes
    -----
    Sums of published counts. A child counted by two authorities is counted twice. Members of
    combined authorities: ONS, local authority to combined authority lookup, May 2025.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> plans = jsna.load_children_in_need(indicators="cpp_at_31_march", years=[2025])
    >>> three = jsna.sum_areas(plans, ["Bolton", "Oldham", "Rochdale"])
    >>> three[["area_name", "count", "population", "status", "parts_used"]]
                      area_name  count  population status  parts_used
    0  Bolton, Oldham, Rochdale   1064      197755  value           3
    >>> jsna.crude_rates(three)["rate"].round(1).tolist()
    [53.8]

    A sum with parts missing has no number (these rows have five of the ten authorities):

    >>> all_ten = jsna.sum_areas(plans, "Greater Manchester").iloc[0]
    >>> all_ten["status"], int(all_ten["parts"]), int(all_ten["parts_used"])
    ('not_available', 10, 5)
    """
    need(frame, ["area_code"], options="area_code")
    members, whole = _members(areas)
    keys = [each for each in _KEYS if each in frame.columns]
    keys += [each for each in column_names("by", by) if each not in keys]
    need(frame, keys, options="by=")
    given, found = pd.factorize(frame["area_code"])
    numbered = {code: at for at, each in enumerate(members) for code in each.codes}
    which = np.array([*(numbered.get(str(each).strip().upper(), -1) for each in found), -1])[given]
    rows = frame[which >= 0]
    if rows.empty:
        raise MissingDataError(
            f"The frame has no row of {some(each.name for each in members)} in 'area_code' "
            f"({len(frame):,} rows; {some(found, most=3)}). Load the rows of these authorities "
            "first, then add them up."
        )
    groups, group = groups_or_whole(rows, keys)
    cells = group * len(members) + which[which >= 0]
    _reject_repeats(rows, cells, keys)
    parts = _Parts(rows, cells, len(groups), len(members))
    first = _first_figure(frame)
    sums = {each: parts.added(each, first) for each in _FIGURES if each in (*frame.columns, first)}
    title = name or (whole.name if whole else some((each.name for each in members), most=3))
    # A missing code would drop the row from whatever groups or joins by it.
    code = whole.code if whole else "+".join(sorted(each.code for each in members))
    out = _named(groups, title, code, GROUP if whole is None else whole.level)
    for each, total in sums.items():
        out[each] = total.numbers(rows.get(each))
        if f"{each}_status" in frame.columns:
            out[f"{each}_status"] = state_text(total.codes, out.index)
    out["status"] = state_text(sums[first].codes, out.index)
    if {"value", "unit"} <= set(frame.columns):
        out["value"], codes = _values(out["unit"], sums)
        out["status"] = state_text(codes, out.index)
    if "source" in frame.columns:
        out["source"] = _sources(rows["source"], group, len(groups))
    lead = ["area_code", "area_name", "area_level"]
    order = [each for each in (*frame.columns, "status") if each in out.columns]
    out = out[list(dict.fromkeys([*lead, *order, *out.columns]))]
    return out.assign(parts=sums[first].parts, parts_used=sums[first].used)


def _members(
    areas: str | int | Area | Iterable[str | int | Area],
) -> tuple[list[Area], Area | None]:
    """Return the authorities to add up, and the area of the register that they make up."""
    asked = places.areas(areas)
    rounded = [each.name for each in asked if each.level in {"country", "region"}]
    if rounded:
        raise UsageError(
            f"areas= names {some(rounded)}. Published counts of England and of regions are rounded "
            "and are not added to those of authorities. Use their own rows, or name authorities or "
            "a combined authority such as 'Greater Manchester'."
        )
    members = list(places.without_groups(asked))
    if not members:
        raise UsageError(
            f"areas={areas!r} names no area. Write a combined authority such as "
            "'Greater Manchester', or several authorities such as ['Bolton', 'Bury']."
        )
    codes = {each.code for each in members}
    known = (*asked, *places.register())
    same = (each for each in known if each.members and set(each.members) == codes)
    return members, next(same, members[0] if len(members) == 1 else None)


def _reject_repeats(rows: pd.DataFrame, cells: Positions, keys: Sequence[str]) -> None:
    twice = pd.Series(cells).duplicated(keep=False).to_numpy()
    if not twice.any():
        return
    again = rows[twice]
    differ = [
        str(each)
        for each in rows.columns
        if each not in {*keys, *_FIGURES, *_PUBLISHED}
        and len(again[each].astype(str).unique()) > 1
        and not str(each).endswith(("status", "source", "area_code", "area_name"))
    ]
    advice = f" Name the columns that distinguish them, such as by={differ!r}." if differ else ""
    raise SchemaError(
        f"{int(twice.sum()):,} rows repeat an area and {some(keys)} (the first is of "
        f"{again['area_code'].iloc[0]}). Expected one row for each area to add up.{advice}"
    )


def _first_figure(frame: pd.DataFrame) -> str:
    """Return the figure that ``status`` is about."""
    # A table of populations has no count. Other tables without one have only rates or shares.
    people = "population" in frame.columns and not {*_PUBLISHED} & {*frame.columns}
    return "population" if people and "count" not in frame.columns else "count"


@dataclass(frozen=True)
class _Sum:
    """A figure by group: its sum and state, the number of parts and of those used."""

    total: Floats
    codes: Codes
    parts: Positions
    used: Positions

    def numbers(self, given: pd.Series | None) -> Any:
        """Return the sums in the kind of numbers that they were made from."""
        whole = given is None or pd.api.types.is_integer_dtype(given.dtype)
        return pd.array(self.total, dtype="Int64") if whole else self.total


@dataclass(frozen=True)
class _Parts:
    """Rows by group and area: each has a cell, and a cell without a row is a missing part."""

    rows: pd.DataFrame
    cells: Positions
    groups: int
    areas: int

    def added(self, column: str, first: str) -> _Sum:
        """Return the sums of a column."""
        codes = np.full(self.groups * self.areas, CODES["not_available"], dtype=np.int8)
        values = np.full(len(codes), np.nan)
        if column in self.rows.columns:
            given = numbers(self.rows, column)
            values[self.cells] = given
            codes[self.cells] = self._codes(column, given, first)
        group = np.repeat(np.arange(self.groups), self.areas)
        state = group_codes(codes, group, self.groups)
        there, known = codes != CODES["not_applicable"], numeric(codes)
        total = np.bincount(group, np.where(known, values, 0), minlength=self.groups)
        return _Sum(
            np.where(numeric(state), total, np.nan),
            state,
            np.bincount(group[there], minlength=self.groups),
            np.bincount(group[known], minlength=self.groups),
        )

    def _codes(self, column: str, values: Floats, first: str) -> Codes:
        """Return the state of each row's figure."""
        own = f"{column}_status"
        if own not in self.rows.columns:
            own = "status" if column == first else own
        if own not in self.rows.columns:
            return np.where(np.isnan(values), CODES["not_available"], CODES["value"]).astype(
                np.int8
            )
        codes = counted_codes(self.rows, own, values, column)
        # A share that is published without its count has a count that is not known.
        for each in _PUBLISHED:
            if column == "count" and each in self.rows.columns:
                share = numbers(self.rows, each, least=None)
                unknown = (codes == CODES["not_applicable"]) & ~np.isnan(share)
                codes[unknown] = CODES["not_available"]
        return codes


def _named(groups: pd.DataFrame, title: str, code: str, level: str) -> pd.DataFrame:
    """Return the groups with the code, name and level of the sum."""
    facts = {"area_code": code, "area_name": title, "area_level": level}
    columns = {
        each: pd.Series([text] * len(groups), index=groups.index, dtype=text_dtype())
        for each, text in facts.items()
    }
    return groups.assign(**columns)


def _values(units: pd.Series, sums: dict[str, _Sum]) -> tuple[Floats, Codes]:
    """Return the figure of each sum in its unit, and its state."""
    count, people = sums["count"], sums.get("population")
    value = np.full(len(units), np.nan)
    codes = np.full(len(units), CODES["not_available"], dtype=np.int8)
    for at, unit in enumerate(units.astype(str)):
        per = PER.get(unit)
        if unit == "number":
            value[at], codes[at] = count.total[at], count.codes[at]
        elif per is not None and people is not None:
            state = both_codes(count.codes[at : at + 1], people.codes[at : at + 1])[0]
            whole = people.total[at]
            codes[at] = CODES["not_applicable"] if whole == 0 and state in _KNOWN else state
            value[at] = count.total[at] * per / whole if whole > 0 else np.nan
    return np.where(numeric(codes), value, np.nan), codes


def _sources(sources: pd.Series, group: Positions, groups: int) -> pd.Series:
    """Return the different sources of each sum's parts."""
    pairs = pd.DataFrame({"group": group, "source": sources.to_numpy()}).dropna().drop_duplicates()
    found: list[dict[str, None]] = [{} for _ in range(groups)]
    for at, text in zip(pairs["group"], pairs["source"], strict=True):
        found[at] |= dict.fromkeys(str(text).split(SEPARATOR))
    return pd.Series([SEPARATOR.join(each) for each in found], dtype=text_dtype())
