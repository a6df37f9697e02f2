"""What a table of populations is of: estimates or a projection, and on which base year."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, Literal

from bolton_jsna.errors import OtherTableError, SchemaError, some

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["projection", "estimates"]

# How ONS names the base year: 2022snpppopulationsyoamigcat23.zip, "2018-based".
_BASED: Final = re.compile(r"(20\d\d)[ _-]?(?:based|snpp)|snpp[ _-]?(20\d\d)", re.IGNORECASE)
# Bolton's children aged 0-17 as two projections have them, by which they are known: that of 2018
# is the principal one, that of 2022 has the same first year in every variant.
_BOLTON: Final = "E08000001"
_KNOWN_CHILDREN: Final = {
    2018: {2018: 67_670, 2022: 69_092, 2025: 68_927, 2030: 66_989},
    2022: {2022: 72_493, 2025: 71_800, 2030: 67_881},
}
_SAYS_ESTIMATES: Final = re.compile(r"population_estimate|mid_year|population_(?:19|20)\d\d|date.*")
_NAMED: Final = re.compile(r"estimate|(?:^|[ _-])mye|sape", re.IGNORECASE)


def kind_of(headings: Iterable[str], cells: pd.DataFrame, *, name: str) -> Kind | None:
    """Return whether a table is a projection or estimates, None where nothing tells it.

    Parameters
    ----------
    headings : iterable of str
        As compared.
    cells : DataFrame
        The cells of the table.
    name : str
        The file.

    Examples
    --------
    >>> import pandas as pd
    >>> cells = pd.DataFrame({"year": [2022, 2023]})
    >>> kind_of(["population_2022"], cells, name="x.csv")
    'estimates'
    >>> kind_of(["2022"], pd.DataFrame({"year": [2022, 2047]}), name="x.csv")
    'projection'
    >>> kind_of(["2022"], cells, name="x.csv") is None
    True
    """
    there = list(headings)
    if any(each.startswith("projected_year") for each in there):
        return "projection"
    if any(map(_SAYS_ESTIMATES.fullmatch, there)):
        return "estimates"
    # The estimates of a mid-year come a year after it.
    if cells["year"].max() >= dt.datetime.now(dt.UTC).year:
        return "projection"
    return "estimates" if _NAMED.search(name) else None


def refuse_another_kind(told: Kind | None, wanted: Kind, *, name: str) -> None:
    """Refuse a projection where estimates are wanted, and the other way round.

    Raises
    ------
    OtherTableError
        With what it is.

    Examples
    --------
    >>> refuse_another_kind("projection", "estimates", name="snpp.csv")
    Traceback (most recent call last):
    bolton_jsna.errors.OtherTableError: 'snpp.csv' is a projection of populations by its ...
    """
    if told not in (None, wanted):
        words = {"projection": "a projection of populations", "estimates": "population estimates"}
        raise OtherTableError(
            f"{name!r} is {words[str(told)]} by its headings, years or name. Expected "
            f"{words[wanted]}. Look at the file and at the folder that it is in, or correct its "
            "name."
        )


def base_year(cells: pd.DataFrame, asked: int | None, *, name: str) -> int:
    """Return the base year as asked for, or by the name, figures or years of a projection.

    Parameters
    ----------
    cells : DataFrame
        The cells of the projection.
    asked : int or None
        The base year asked for.
    name : str
        The file.

    Raises
    ------
    SchemaError
        When these contradict each other.

    Examples
    --------
    >>> import pandas as pd
    >>> cells = pd.DataFrame({"area_code": ["E08000002"], "sex": "persons", "ages": "7",
    ...                       "year": 2025, "population": 1.0})
    >>> base_year(cells, None, name="snpp.csv"), base_year(cells, None, name="2018-based.csv")
    (2025, 2018)
    """
    named = {int(first or second) for first, second in _BASED.findall(name)}
    said = {
        "asked for": asked,
        "the name of the file": next(iter(named)) if len(named) == 1 else None,
        "Bolton's children": _by_children(cells),
    }
    told = {where: each for where, each in said.items() if each is not None}
    if len(set(told.values())) > 1:
        raise SchemaError(
            f"{name!r} contradicts itself or the request about the base year of its projection: "
            f"{some((f'{where} {each}' for where, each in told.items()), 9)}. Expected one base "
            "year. Check which projection it is, and correct its name or base_year."
        )
    return next(iter(told.values()), int(cells["year"].min()))


def _by_children(cells: pd.DataFrame) -> int | None:
    """Return the base year of the projection whose children of Bolton are those of the table."""
    rows = cells[(cells["area_code"] == _BOLTON) & (cells["sex"] == "persons")]
    rows = rows[rows["ages"].isin([str(age) for age in range(18)])]
    years = rows.groupby("year", observed=True)["population"].agg(["count", "sum"])
    sums = years.loc[years["count"] == 18, "sum"]
    for base, known in _KNOWN_CHILDREN.items():
        shared = [year for year in known if year in sums.index]
        if shared and all(abs(sums[year] - known[year]) <= 1 for year in shared):
            return base
    return None
