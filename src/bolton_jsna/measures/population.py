"""Numbers of children in small areas where no estimate is published with the data at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bolton_jsna.areas import district_codes
from bolton_jsna.errors import UsageError, some
from bolton_jsna.origins import SEPARATOR
from bolton_jsna.tables.idaci import POPULATION_YEARS

if TYPE_CHECKING:
    import pandas as pd


def modelled_children(idaci: pd.DataFrame, projections: pd.DataFrame) -> pd.DataFrame:
    """Model the children aged 0-17 of each LSOA from its children aged 0-15.

    Parameters
    ----------
    idaci : DataFrame
        The ``idaci`` table of one authority and edition, with ``children_0_15``.
    projections : DataFrame
        The ``population_projections`` of the authority, persons, ages 0 to 17.

    Returns
    -------
    DataFrame
        The ``population_estimates`` table: one row per LSOA with ``ages`` ``0-17``, the mid-year
        of the edition's denominators as ``year`` and the status ``modelled``.

    Raises
    ------
    UsageError
        When the projections are not of one area, lack an age from 0 to 17, or are of another
        area than the LSOAs; or when the LSOAs are of several editions or of one without
        denominators.

    Notes
    -----
    Children aged 0-15 of the Indices (mid-2022 in the 2025 edition) times the authority's ratio
    of 0-17 to 0-15 in the base year of the projection. It takes the share of 16 and 17 year olds
    to be the same everywhere in the authority; ONS small-area estimates replace it.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> children = modelled_children(
    ...     jsna.load_idaci("Bolton"), jsna.load_population_projections("Bolton")
    ... )
    >>> len(children), round(children["population"].sum())
    (177, 72493)
    """
    import pandas as pd

    base = projections[projections["year"] == projections["base_year"]]
    ages = sorted(base["age"].tolist())
    if ages != list(range(18)):
        raise UsageError(
            "Expected the ages 0 to 17 of one area, one sex and one projection in its base year; "
            f"found ages {some(ages, most=20)} of {some(base['area_name'].unique())}."
        )
    ours = district_codes(base["area_code"].iloc[0])
    strange = [each for each in idaci["area_code"].dropna().unique() if each not in ours]
    if strange:
        raise UsageError(
            f"The LSOAs lie in {some(strange)}, the projections are of "
            f"{base['area_name'].iloc[0]}. Give both of one authority."
        )
    editions = idaci["edition"].unique().tolist()
    if len(editions) != 1 or editions[0] not in POPULATION_YEARS:
        raise UsageError(
            f"Expected one edition with children aged 0-15 ({some(POPULATION_YEARS)}); found "
            f"{some(editions)}."
        )
    ratio = base["population"].sum() / base.loc[base["age"] <= 15, "population"].sum()
    children = idaci["children_0_15"].astype(float) * ratio
    return pd.DataFrame(
        {
            "area_code": idaci["lsoa_code"],
            "area_name": idaci["lsoa_name"],
            "area_level": "lsoa",
            "year": POPULATION_YEARS[editions[0]],
            "sex": "persons",
            "ages": "0-17",
            "age": pd.array([pd.NA] * len(idaci), dtype="Int64"),
            "population": children,
            "status": children.notna().map({True: "modelled", False: "not_available"}),
            "source": idaci["source"] + SEPARATOR + base["source"].iloc[0],
        }
    )
