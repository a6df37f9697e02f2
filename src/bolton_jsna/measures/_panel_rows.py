"""The figures of a panel as arrays: a row for each indicator, a column for each area or year."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

import numpy as np
import pandas as pd

from bolton_jsna.catalogue.indicators import PER, SHARE
from bolton_jsna.core.errors import SchemaError, some
from bolton_jsna.core.states import NUMERIC
from bolton_jsna.measures._arrays import Floats
from bolton_jsna.measures._frame_columns import need, numbers
from bolton_jsna.measures._intervals import as_floats
from bolton_jsna.measures.recurrent_events import PERSONS, recurrence

NUMBER: Final = "number"
"""The unit of a plain number: it depends on the size of an area and is not compared."""

WHOLE: Final = "total"
"""The breakdown of a row that is no part."""

POINTS: Final = 5
"""How many years a trend of a panel is of."""

COLUMNS: Final = (
    *("area_code", "area_name", "area_level", "year", "period", "indicator", "breakdown"),
    *("count", "count_status", "population", "value", "unit", "status", "published_value"),
    *("release", "source"),
)
"""The columns of the table of indicators that a panel is made from."""

Kind = Literal["rate", "share", "number", "other"]

# Sessions that one child misses belong together, and so do the days of one worker.
_TOGETHER: Final = re.compile(r"\b(sessions|days|hours)\b")


class Described(Protocol):
    """What the dictionary says of an indicator."""

    @property
    def title(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def definition(self) -> str: ...
    @property
    def denominator(self) -> str: ...
    @property
    def note(self) -> str: ...
    @property
    def better(self) -> str: ...
    @property
    def breaks(self) -> Mapping[int, str]: ...


@dataclass(frozen=True)
class PanelRow:
    """One indicator in one year: the row of each area, and the years of the area itself.

    ``areas`` has the rows of the area and those it is compared with by code, ``years`` those of
    the area by year. Each row is a mapping of the columns of the table.
    """

    indicator: str
    year: int
    unit: str
    areas: Mapping[str, Mapping[str, Any]]
    years: Mapping[int, Mapping[str, Any]]

    @property
    def per(self) -> float | None:
        """How many people a rate or a share is per; None for any other unit."""
        return PER.get(self.unit)

    @property
    def kind(self) -> Kind:
        """Whether it is a rate, a share, a plain number or something else, such as a score."""
        if self.unit in (SHARE, NUMBER):
            return "share" if self.unit == SHARE else "number"
        return "other" if self.per is None else "rate"


def belong_together(denominator: str) -> bool:
    """Return whether the cases of a share are not independent: many are of one person."""
    return _TOGETHER.search(denominator) is not None


def counted(row: Mapping[str, Any] | None, kind: Kind) -> bool:
    """Return whether a row has a count and its denominator, from which limits can be made."""
    if row is None or kind in ("number", "other") or row["count_status"] not in NUMERIC:
        return False
    count, people = row["count"], row["population"]
    if pd.isna(count) or pd.isna(people) or people <= 0 or row["status"] not in NUMERIC:
        return False
    return kind == "rate" or bool(count <= people)


def figure_of(row: Mapping[str, Any] | None) -> float:
    """Return the figure of a row, missing if its state has none."""
    if row is None or row["status"] not in NUMERIC or pd.isna(row["value"]):
        return float("nan")
    return float(row["value"])


def state_of(row: Mapping[str, Any] | None) -> str:
    """Return the state of a row's figure; a row that is not there is not available."""
    return "not_available" if row is None else str(row["status"])


def why_missing(row: Mapping[str, Any] | None) -> str:
    """Return why an area has no figure of its own."""
    why = f"the area's own figure is {state_of(row).replace('_', ' ')}"
    if row is None or row["status"] != "not_available":
        return why
    bare = row["count_status"] in NUMERIC and pd.isna(row["population"])
    return f"{why} (its count is known, its denominator is not)" if bare else why


def panel_rows(
    frame: pd.DataFrame,
    *,
    place: str,
    compared: Sequence[str],
    order: Sequence[str],
    year: int | None,
) -> list[PanelRow]:
    """Return the indicators that an area has, in order, each in the year asked for."""
    need(frame, COLUMNS, options="load_indicators", what="The table of indicators")
    whole = frame[(frame["breakdown"] == WHOLE) & frame["area_code"].isin([place, *compared])]
    twice = whole[whole.duplicated(["area_code", "indicator", "year"])]
    if len(twice):
        first = twice.iloc[0]
        raise SchemaError(
            f"{first['area_name']} has more than one row of {first['indicator']!r} for "
            f"{first['year']}: releases {some(sorted(whole['release'].unique()))} are mixed. Give "
            "the rows of one release."
        )
    ours = whole["area_code"] == place
    years: dict[str, dict[int, Mapping[str, Any]]] = {}
    for row in _records(whole[ours]):
        years.setdefault(row["indicator"], {})[int(row["year"])] = row
    last = {name: _latest(each) if year is None else year for name, each in years.items()}
    current = whole["year"].to_numpy() == whole["indicator"].map(last).to_numpy()
    there: dict[str, dict[str, Mapping[str, Any]]] = {name: {} for name in years}
    for row in _records(whole[~ours & current]):
        there[row["indicator"]][row["area_code"]] = row
    listed = [name for name in order if name in years]
    listed += sorted(years.keys() - set(listed))
    found = []
    for name in listed:
        own = years[name].get(last[name])
        unit = next(iter(years[name].values()))["unit"]
        every = {} if unit == NUMBER else there[name]
        every = every if own is None else {place: own, **every}
        found.append(PanelRow(name, last[name], unit, every, years[name]))
    return found


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as mappings, with the variance of each count over the count as ``factor``."""
    columns = [name for name in (*COLUMNS, "persons", "persons_status") if name in rows.columns]
    records: list[dict[str, Any]] = rows[columns].to_dict(orient="records")
    for row, factor in zip(records, factors(records), strict=True):
        row["factor"] = factor
    return records


def factors(rows: Sequence[Mapping[str, Any]]) -> Floats:
    """Return the variance of each count over the count, where children are counted twice."""
    table = table_of(rows)
    events = numbers(table, "count")
    known = recurrence(table, events, count_variance=None, persons=PERSONS)
    return np.ones(len(events)) if known is None else known.factor(events)


def _latest(years: Mapping[int, Mapping[str, Any]]) -> int:
    """Return the last year of which anything is known; the last of all if there is none."""
    # A hidden figure, a count without its denominator and a share of no cases are known: an older
    # year must not stand for them.
    known = [
        year
        for year, row in years.items()
        if row["status"] != "not_available" or row["count_status"] != "not_available"
    ]
    return max(known or years)


def table_of(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows as a frame that rates and comparisons take."""
    names = ["area_code", "indicator", "year", "unit"]
    columns: dict[str, Any] = {name: [row[name] for row in rows] for name in names}
    columns |= {name: _floats(rows, name) for name in ("count", "population")}
    if any(PERSONS in row for row in rows):
        people = _floats(rows, PERSONS)
        states = [row.get("persons_status", "not_available") for row in rows]
        columns[PERSONS] = people
        columns["persons_status"] = [
            "not_available" if pd.isna(state) or (np.isnan(each) and state in NUMERIC) else state
            for state, each in zip(states, people, strict=True)
        ]
    return pd.DataFrame(columns)


def _floats(rows: Sequence[Mapping[str, Any]], name: str) -> Floats:
    return as_floats([None if pd.isna(row.get(name)) else row[name] for row in rows])
