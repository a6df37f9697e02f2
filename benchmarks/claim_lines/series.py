"""The series that the simulations of claims draw from: published counts of every authority."""

import functools
import tempfile
from pathlib import Path

import pandas as pd

import bolton_jsna as jsna
from bolton_jsna.core.years import denominator_year
from bolton_jsna.tables import children_in_need, neighbours, population

FILES = {
    "referrals": "c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv.gz",
    "cpp_started": "d3_cpps_subsequent_plan_2013_to_2025.csv.gz",
    "cpp_at_31_march": "d5_cpps_at31march_by_duration_2013_to_2025.csv.gz",
    "cin_at_31_march": "b1_children_in_need_2013_to_2025.csv.gz",
}
"""The four indicators and the file of each in the folder of published files."""
PEOPLE = "dfe_ons_mid-year_population_estimates_0_17_2012_to_2024.csv.gz"
NEIGHBOURS = "sn_model_2025_wide.csv"
COLUMNS = [
    "area_code",
    "area_name",
    "area_level",
    "year",
    "indicator",
    "count",
    "population",
    "persons",
    "status",
]
_REFERRED = "referred_children"


def real_series(folder: Path | None = None) -> pd.DataFrame:
    """Return the four indicators of every area and year, with children aged 0-17.

    Parameters
    ----------
    folder : Path, optional
        The folder of published files, with the subfolders ``safeguarding`` and ``population``.
        Without it, the figures of the package's own extract: the areas around Bolton.

    Returns
    -------
    DataFrame, one row per area, year and indicator
        ``area_code``, ``area_name``, ``area_level`` (authority, region, country), ``year`` (ending
        31 March), ``indicator``, ``count``, ``population`` (mid-year of the year before),
        ``persons`` (the children behind the referrals; missing for other indicators and in the
        package's extract) and ``status`` (of the count). Counts of regions and of England are
        rounded to 10 by DfE.
    """
    if folder is None:
        found = _snapshot()
    else:
        found = pd.concat(
            [published_file(folder / "safeguarding" / name) for name in FILES.values()],
            ignore_index=True,
        )
        people = population.read(folder / "population" / PEOPLE)
        known = people.set_index(["area_code", "year"])["population"].dropna()
        keys = zip(found["area_code"], found["year"].map(denominator_year), strict=True)
        found["population"] = known.reindex(list(keys)).astype("Int64").array
    places = ["area_code", "year"]
    referred = found.loc[found["indicator"] == _REFERRED].set_index(places)["count"]
    found = found[found["indicator"].isin(FILES)].reset_index(drop=True)
    persons = referred.reindex(pd.MultiIndex.from_frame(found[places])).array
    found["persons"] = pd.Series(persons, dtype="Int64").where(found["indicator"] == "referrals")
    return found[COLUMNS].sort_values(["indicator", "area_code", "year"], ignore_index=True)


@functools.cache
def published_file(path: Path) -> pd.DataFrame:
    """Return the figures of a published file, which several parts draw from; not to be changed."""
    return children_in_need.read(path)


def _snapshot() -> pd.DataFrame:
    """The package's own extract; an empty workspace adds nothing of this computer."""
    with tempfile.TemporaryDirectory() as empty:
        return jsna.load_children_in_need(indicators=list(FILES), workspace=empty, download=False)


def neighbour_lists(folder: Path | None = None) -> pd.DataFrame:
    """Return the ten statistical neighbours of each authority by the model of 2025.

    Parameters
    ----------
    folder : Path, optional
        The folder of published files, with the subfolder ``neighbours``. Without it, the list of
        the package's own extract, which has Bolton only.

    Returns
    -------
    DataFrame, ten rows per authority
        ``area_code``, ``neighbour_code``, ``rank`` (1 is the most alike) and ``model``.
    """
    if folder is None:
        with tempfile.TemporaryDirectory() as empty:
            found = jsna.load_statistical_neighbours(
                "Bolton", model="2025", workspace=empty, download=False
            )
    else:
        found = neighbours.read(folder / "neighbours" / NEIGHBOURS)
    return found[["area_code", "neighbour_code", "rank", "model"]].reset_index(drop=True)
