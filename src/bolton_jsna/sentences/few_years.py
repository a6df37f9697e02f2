"""A few years of an area in sentences: too few for a trend, so each year is named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.states import NUMERIC
from bolton_jsna.core.wording import listed
from bolton_jsna.sentences._numbers import decimals, shown
from bolton_jsna.sentences._subjects import subject

if TYPE_CHECKING:
    import pandas as pd

TOO_FEW: Final = 5
"""The years that a trend needs."""

_AFTER_CENSUS: Final = 2012
"""The first release of children in need whose denominators follow the 2011 Census."""

_NUMBERS: Final = ("no", "one", "two", "three", "four")


def years_named(rates: pd.DataFrame, indicator: str) -> str:
    """Return the figures of each year of an area; empty with one year, or enough for a trend.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"area_name": "Bolton", "year": [2010, 2012], "count": [367, 236],
    ...                       "rate": [58.81, 36.53], "status": "value"})
    >>> years_named(frame, "cpp_at_31_march").partition(". ")[0]
    'At 31 March there were 367 children on a child protection plan in Bolton in 2010 and 236 in \
2012: 58.8 and 36.5 per 10,000 children'
    """
    rows = known(rates)
    if not 1 < len(rows) < TOO_FEW:
        return ""
    years = [str(int(each)) for each in rows["year"]]
    counts = [f"{int(each):,}" for each in rows["count"]]
    places = max(decimals(float(each)) for each in rows["rate"])
    rated = [shown(float(each), places) for each in rows["rate"]]
    when = "At 31 March" if indicator.endswith("_at_31_march") else "In the years to 31 March"
    what = subject(indicator).many
    first = f"{counts[0]} {what} in {rows['area_name'].iloc[0]} in {years[0]}"
    others = [f"{count} in {year}" for count, year in zip(counts[1:], years[1:], strict=True)]
    return (
        f"{when} there were {listed([first, *others])}: {listed(rated)} per 10,000 children. "
        f"There are figures of {_NUMBERS[len(rows)]} years, too few to test whether they differ by "
        "more than such figures usually do, so no word is given for the difference."
    )


def known(rates: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that have a count and a rate, in the order of the years."""
    there = rates["status"].isin(NUMERIC) & rates["count"].notna() & rates["rate"].notna()
    return rates[there].sort_values("year")


def as_published(rates: pd.DataFrame) -> str:
    """Return the rates of some areas in one year as their release prints them; empty without any.

    ``rates`` has a row for each area with ``published_rate``, ``year`` and ``release``.
    """
    rows = rates[rates["published_rate"].notna()]
    if rows.empty:
        return ""
    parts = [
        f"{float(row.published_rate):,.1f}".removesuffix(".0") + f" for {row.area_name}"
        for row in rows.itertuples(index=False)
    ]
    return (
        f"DfE's release of {listed(sorted(set(rows['release'].astype(str))))} prints "
        f"{listed(parts)}, per 10,000 children in {int(rows['year'].iloc[0])}. The other "
        "rates here are worked out again from DfE's counts, and can differ by rounding."
    )


def before_census(figures: pd.DataFrame) -> str:
    """Return which rates of an area are divided by children estimated before the 2011 Census.

    Empty where all are, or none.
    """
    # The files of 2009-10 and 2010-11 have the children of mid-2009 and mid-2010 as estimated then.
    # Later files have estimates that follow the census.
    rows = figures[figures["population"].notna()]
    old = _years(rows[rows["release"].astype(int) < _AFTER_CENSUS])
    if not old or old == _years(rows):
        return ""
    return (
        f"The rates of {listed(old)} are divided by children estimated before the 2011 Census, "
        "those of later years by estimates after it. Part of a change in a rate between them is "
        "the change of the estimates; counts are not affected."
    )


def _years(rows: pd.DataFrame) -> Sequence[str]:
    return [str(each) for each in sorted(set(rows["year"].astype(int)))]
