"""A projection in words: the expected number, its interval, and how wrong the method has been."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from bolton_jsna.catalogue.indicators import dictionary
from bolton_jsna.core import wording
from bolton_jsna.core.notebook import ShortTable
from bolton_jsna.measures._demand_limits import EXTRAPOLATED, OWN_SERIES
from bolton_jsna.measures._demand_rows import LABEL

MAIN: Final = "80"
"""The level of the interval that texts and tables have, in per cent."""

_SCENARIOS: Final = {
    "constant": "if the rate of {last} goes on",
    "towards_neighbours": "if the rate goes towards that of the statistical neighbours",
    "towards_england": "if the rate goes towards that of England",
    "target": "if the rate reaches the target",
}

COLUMNS: Final = ("Year", "Expected", "80% interval", "Per 10,000", "Children", "Median miss")
"""The headings of the short table of a projection."""


class DemandProjection(pd.DataFrame):  # type: ignore[misc]  # pandas has no types
    """Expected numbers of the years ahead, one row a year; a notebook shows a short table.

    Everything that is made from it is an ordinary frame.
    """

    @property
    def _constructor(self) -> Any:
        return pd.DataFrame

    def __repr__(self) -> str:
        table = self._short()
        return str(super().__repr__()) if table is None else table.to_text()

    def _repr_html_(self) -> str | None:
        table = self._short()
        if table is None:
            found: str | None = super()._repr_html_()
            return found
        return table.to_html()

    def _short(self) -> ShortTable | None:
        """Return the short table of one area and indicator with an 80 per cent interval."""
        needed = {"area_code", "indicator", f"lower_{MAIN}", "label"}
        if not len(self) or not needed <= set(self.columns):
            return None
        if len(self[["area_code", "indicator"]].drop_duplicates()) > 1:
            return None
        return demand_table(self)


def demand_table(rows: pd.DataFrame) -> ShortTable:
    """Return the projection of one area as a table, its record below it."""
    listed = rows.to_dict(orient="records")
    return ShortTable(caption(listed[0]), [cells(row) for row in listed], COLUMNS, record(listed))


def caption(row: Mapping[str, Any]) -> str:
    """Return what a projection is of and what happens to the rate."""
    return f"{title(row['indicator'])}, {row['area_name']}, {scenario(row)}: {LABEL}"


def scenario(row: Mapping[str, Any]) -> str:
    """Return what happens to the rate, in words."""
    return _SCENARIOS[row["scenario"]].format(last=row["last_year"])


def title(indicator: str) -> str:
    """Return the title of an indicator, or its name in words where it is the user's own."""
    known = dictionary().get(indicator)
    return indicator.replace("_", " ").capitalize() if known is None else known.title


def cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the cells of a year, in the order of :data:`COLUMNS`."""
    miss = row["median_error"]
    return (
        str(row["year"]),
        whole(row["count"]),
        between(row),
        wording.figure(row["rate"]),
        whole(row["children"]),
        "not measured" if pd.isna(miss) else f"{miss:.0f}%",
    )


def whole(value: float) -> str:
    """Return an expected number as text."""
    return "not available" if pd.isna(value) else f"{value:,.0f}"


def between(row: Mapping[str, Any], level: str = MAIN) -> str:
    """Return the interval of a number as text."""
    return f"{whole(row[f'lower_{level}'])} to {whole(row[f'upper_{level}'])}"


def expected(row: Mapping[str, Any]) -> str:
    """Return the sentence of a year: its number, interval and what it is."""
    path = scenario(row)
    of = "" if row["scenario"] == "constant" else " of the last rate going on"
    return (
        f"{_capital(path)}, {row['area_name']} has about {whole(row['count'])} {_of_year(row)} "
        f"({MAIN} per cent interval{of} {between(row)}): {LABEL}."
    )


def record(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what is known of the errors of a projection, as sentences."""
    measured = [row for row in rows if row["interval_from"] != EXTRAPOLATED]
    found = [_misses(row) for row in rows if row["horizon"] in _SHOWN and row in measured]
    if rows[0]["interval_from"] == OWN_SERIES:
        found = [f"The interval rests on {rows[0]['interval_basis']}."]
    elif len(measured) < len(rows):
        found.append(
            f"No past projection reaches beyond {rows[-1]['measured_years']} years: from there on "
            "the interval is made wider with the square root of the years."
        )
    found += [text for text in (_how_far_tested(rows), past(rows)) if text]
    if rows[0].get("left_out"):
        found.append(str(rows[0]["left_out"]))
    if rows[0]["scenario"] != "constant":
        found += _scenario(rows)
    misses = (
        "The misses above are of the rate, with the children that there were. "
        if rows[0]["interval_from"] != OWN_SERIES or past(rows)
        else ""
    )
    found.append(
        f"Children: {rows[0]['children_basis']}. {misses}How wrong projected children can be is "
        "known from one earlier projection (base 2018) only; the interval allows for it."
    )
    return found


def _scenario(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what is not known of a scenario, and where its numbers leave the interval."""
    found = []
    # What an interval from its own series rests on already has it.
    if rows[0]["interval_from"] != OWN_SERIES:
        found.append(
            "The interval and the misses are those of the last rate going on. This scenario has no "
            "record of its own: nothing shows how often rates do this."
        )
    outside = [
        str(row["year"])
        for row in rows
        if not row[f"lower_{MAIN}"] <= row["count"] <= row[f"upper_{MAIN}"]
    ]
    if outside:
        years = outside[0] if len(outside) == 1 else f"{outside[0]} to {outside[-1]}"
        found.append(
            f"In {years} the expected number is outside of the interval: few past rates have "
            "changed so much."
        )
    return found


_SHOWN: Final = (1, 3, 5)
"""The horizons whose record is put into words."""


def _misses(row: Mapping[str, Any]) -> str:
    """Return how far past projections over as many years were out, and how often limits held."""
    text = (
        f"Over {_years(row['horizon'])}, half of {row['errors']:,} past projections of authorities "
        f"in the same third by number missed by more than {row['median_error']:.0f} per cent, one "
        f"in ten by more than {row['p90_error']:.0f}."
    )
    if pd.notna(row["held_80"]):
        text += (
            f" Tested on {row['tested_origins']} past years, the {MAIN} per cent interval held "
            f"{row['held_80']:.0f} of 100 outcomes of all authorities."
        )
    return text


def _how_far_tested(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return up to which year ahead it was tried whether intervals hold."""
    if rows[0]["interval_from"] == OWN_SERIES:
        return ""
    tested = [row["horizon"] for row in rows if pd.notna(row["held_80"])]
    if not tested:
        return "Whether the interval holds has not been tested: there are too few past years."
    if max(tested) == rows[-1]["horizon"]:
        return ""
    return (
        f"Whether the interval holds has been tested up to {_years(max(tested))} ahead, and not "
        "beyond."
    )


def past(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return what the method would have said for the last year, some years before it."""
    said = [
        f"{whole(row['past_count'])} in {row['past_year']:.0f}"
        for row in rows
        if row["horizon"] in _SHOWN and not pd.isna(row["past_count"])
    ]
    if not said:
        return ""
    return (
        f"For {rows[0]['last_year']} this method would have said {wording.listed(said)}; there "
        f"were {whole(rows[0]['last_count'])}."
    )


def in_summary(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the lines of a summary: the number of each indicator, and the record of such numbers.

    ``rows`` are the figures of a build's summary, one of each indicator.
    """
    there = [row for row in rows if row["status"] == "modelled"]
    years = [str(each) for each in sorted({row["last_year"] for row in there})]
    rates = f"the rates of {wording.listed(years)} go" if years else "the last rates go"
    lines = [f"If {rates} on ({LABEL})"]
    for row in rows:
        name = wording.INDICATORS.get(row["indicator"]) or title(row["indicator"])
        if row["status"] != "modelled":
            lines.append(f"  {name}: not available: {row['reason']}")
            continue
        line = (
            f"  {name}: {row['expected']:,} in {row['year']} ({MAIN}% interval {row['lower']:,} to "
            f"{row['upper']:,})"
        )
        if "end_year" in row:
            line += (
                f" and {row['end_expected']:,} in {row['end_year']} ({row['end_lower']:,} to "
                f"{row['end_upper']:,})"
            )
        lines.append(line)
        lines.append(f"    record: {'; '.join(_in_short(row))}")
        lines += [f"    {row['left_out']}"] if row["left_out"] else []
    if there:
        lines.append(
            "  records are of the rate, with the children that there were; intervals allow for "
            "errors of projected children too"
        )
    if any("end_year" in row for row in there):
        lines.append("  intervals more than five years ahead have not been tested")
    return lines


def _in_short(row: Mapping[str, Any]) -> list[str]:
    """Return the record of a number in a few words."""
    ahead, measured = row["year"] - row["last_year"], row["measured_years"]
    if row["interval_from"] == OWN_SERIES:
        found = ["no record that fits; the interval is from yearly changes of the area's own rate"]
    else:
        found = [
            "half of such projections of authorities in the same third by number, "
            f"{_years(measured)} ahead, missed by more than {row['median_error']:.0f} per cent"
        ]
        if measured < ahead:
            found.append(f"there are none {_years(ahead)} ahead")
        if not row["tested"]:
            found.append("whether the interval holds has not been tested")
    if row["past_year"] is not None:
        found.append(
            f"in {row['past_year']} this method would have said {row['past_count']:,} for "
            f"{row['last_year']}, and there were {row['last_count']:,}"
        )
    return found


def _years(number: int) -> str:
    return f"{number} year{'s' if number > 1 else ''}"


def _of_year(row: Mapping[str, Any]) -> str:
    """Return what is counted and when."""
    known = dictionary().get(row["indicator"])
    if known is None:
        return f"{row['indicator'].replace('_', ' ')} in {row['year']}"
    what = known.numerator.removesuffix(" in the year").removesuffix(" on 31 March")
    return f"{what}, {known.when(int(row['year']))}"


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
