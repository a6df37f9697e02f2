"""Population projections and estimates, and the denominators of rates."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from bolton_jsna import snapshot
from bolton_jsna.core.areas import DEFAULT_AREA, Area, authorities_in, without_groups
from bolton_jsna.core.areas import areas as areas_of
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import choice, some
from bolton_jsna.core.provenance import SEPARATOR
from bolton_jsna.core.years import denominator_year, one_year
from bolton_jsna.ingest import raw_tables as raw
from bolton_jsna.loaders import _groups, _resolve, arguments
from bolton_jsna.loaders._deprivation import IDACI_EDITION, idaci_of
from bolton_jsna.loaders._resolve import Missing
from bolton_jsna.loaders._small_areas import CHILDREN, covering, offered, small_areas
from bolton_jsna.loaders.arguments import Folder, Place, Years
from bolton_jsna.tables.population.cells import coverings

if TYPE_CHECKING:
    import pandas as pd


@checked
def load_population_projections(
    areas: Place | Iterable[Place] = DEFAULT_AREA,
    *,
    base_year: int | None = None,
    ages: tuple[int, int] = CHILDREN,
    sex: str = "persons",
    years: Years = None,
    workspace: Folder = None,
    download: bool | None = None,
) -> pd.DataFrame:
    """Return population projections by single year of age.

    Parameters
    ----------
    areas : place or several
        Names, codes, numbers or ``Area``. A combined authority or metropolitan county, such as
        ``"Greater Manchester"``, is the sum of its authorities (:func:`sum_areas`).
    base_year : int, optional
        The mid-year the projection starts from; by default the latest that all the areas have.
    ages : (int, int), default (0, 17)
        First and last age, both included; 90 stands for 90 and over.
    sex : {"persons", "females", "males"}
    years : int or several, optional
        Mid-years; all by default.
    workspace : str or Path, optional
        The folder that holds ``data/raw/``.
    download : bool, optional
        Whether what neither has is fetched into the workspace; by default only if the
        environment variable ``BOLTON_JSNA_DOWNLOAD`` is 1.

    Returns
    -------
    DataFrame
        ``area_code``, ``area_name``, ``base_year``, ``variant``, ``year``, ``sex``, ``age``,
        ``population`` (persons, may be fractional), ``source``. With a combined authority also
        ``status``, ``parts`` and ``parts_used``.

    Raises
    ------
    MissingDataError
        When an area, base year, year or age is neither in the workspace nor in the snapshot; the
        message names it.
    AreaNotFoundError, UsageError
        When an area or an option is not known.

    Notes
    -----
    ONS subnational population projections. A projection's first year is the estimate it was
    built on; later revisions of that estimate are in :func:`load_population_estimates`.

    Examples
    --------
    >>> children = load_population_projections("Bolton", years=[2022, 2032])
    >>> [round(total) for total in children.groupby("year")["population"].sum()]
    [72493, 66544]
    """
    choice("sex", sex, ("persons", "females", "males"))
    wanted = arguments.places_asked(areas)
    arguments.ages_asked(ages)
    wanted_years = arguments.years_asked(years)
    if base_year is not None:
        base_year = one_year("base_year", base_year)
    frame = _resolve.load(
        _projections,
        without_groups(wanted),
        base_year=base_year,
        ages=ages,
        sex=sex,
        years=wanted_years,
        workspace=workspace,
        download=download,
    )
    return _groups.with_sums(frame, wanted)


def _projections(
    wanted: Sequence[Area],
    *,
    base_year: int | None = None,
    ages: tuple[int, int],
    sex: str = "persons",
    years: Sequence[int] | None = None,
    workspace: Folder,
) -> pd.DataFrame | Missing:
    frame = arguments.available(
        "population_projections",
        workspace,
        by=["area_code", "base_year"],
        areas=arguments.codes(wanted),
        ages=ages,
    )
    frame = frame[frame["area_code"].isin([each.code for each in wanted]) & (frame["sex"] == sex)]
    frame = frame[frame["age"].between(*ages)]
    bases = sorted(frame["base_year"].unique().tolist())
    # The areas are of one base year: the latest that all of them have.
    whose = frame.groupby("base_year")["area_code"].nunique()
    whole = [each for each in bases if whose[each] == len(wanted)]
    base = base_year if base_year is not None else max(whole or bases, default=None)
    frame = frame[frame["base_year"] == base] if base is not None else frame
    if years is not None:
        frame = frame[frame["year"].isin(years)]
    return _resolve.complete(
        "population_projections",
        frame,
        wanted,
        asked=f"{sex}, {arguments.span(years)}, base year {base_year or 'any'}",
        there=f"base years {some(bases)}" if bases else "",
        edition=base_year,
        named={"year": years, "age": range(ages[0], ages[1] + 1)},
    )


@checked
def load_population_estimates(
    areas: Place | Iterable[Place] = DEFAULT_AREA,
    level: Literal["authority", "ward", "lsoa"] = "authority",
    *,
    ages: tuple[int, int] = CHILDREN,
    years: Years = None,
    idaci_edition: int | str = IDACI_EDITION,
    workspace: Folder = None,
    download: bool | None = None,
) -> pd.DataFrame:
    """Return mid-year population estimates.

    Parameters
    ----------
    areas : place or several
        Names, codes, numbers or ``Area``. A combined authority or metropolitan county, such as
        ``"Greater Manchester"``, is the sum of its authorities (:func:`sum_areas`).
    level : {"authority", "ward", "lsoa"}
        The areas themselves (also regions and England), or the wards or LSOAs within them.
    ages : (int, int), default (0, 17)
        First and last age. If the publisher prints exactly this band, one row a year is
        returned; otherwise one row for each single year of age, or for each band if they make up
        these ages. A table that has only a part of the ages is not used.
    years : int or several, optional
        Mid-years. By default all of an authority; of wards and LSOAs the latest that the
        authority has an estimate of.
    idaci_edition : int or str, default 2025
        The edition of the Indices whose LSOAs and children aged 0-15 are used for wards and
        LSOAs.
    workspace : str or Path, optional
        The folder that holds ``data/raw/``.
    download : bool, optional
        Whether what neither has is fetched into the workspace; by default only if the
        environment variable ``BOLTON_JSNA_DOWNLOAD`` is 1.

    Returns
    -------
    DataFrame
        ``area_code``, ``area_name``, ``area_level``, ``year``, ``sex``, ``ages``, ``age``,
        ``population`` (persons), ``status``, ``source``; wards and LSOAs also have ``base_year``,
        the mid-year whose spread between the areas they show. With a combined authority also
        ``parts`` and ``parts_used``.

    Raises
    ------
    MissingDataError
        When an area or year is not available. A year of wards or LSOAs needs the authority's
        estimate of the year, or ONS estimates by LSOA of the same year in the workspace.
    AreaNotFoundError, UsageError
        When an area or an option is not known.

    Notes
    -----
    ONS mid-year estimates, for authorities as published by DfE with its rates.

    Wards and LSOAs are scaled so that they add up to the authority's estimate of the year, with
    the status ``modelled`` (:func:`bolton_jsna.measures.small_area_population.rake_to_authority`).
    The ONS estimates by LSOA of the nearest year in the workspace are scaled. If there are none,
    children aged 0-17 by LSOA are modelled as the edition's children aged 0-15 times the
    authority's ratio of 0-17 to 0-15 in the base year of the projection. ONS estimates by LSOA of
    the year asked for keep the status ``value`` if they add up to the authority's estimate, apart
    from rounding (half a person for each LSOA); if not, they are of another issue and are scaled
    too. A warning is logged for years further from the base year than the error was tested
    (:mod:`bolton_jsna.measures.ward_children`).

    Examples
    --------
    >>> load_population_estimates("Bolton", years=[2024])["population"].tolist()
    [75599.0]
    >>> wards = load_population_estimates("Bolton", level="ward", years=[2022, 2024])
    >>> wards.groupby("year")["population"].sum().round(6).to_dict()
    {2022: 72655.0, 2024: 75599.0}
    >>> wards["status"].unique().tolist(), wards["base_year"].unique().tolist()
    (['modelled'], [2022])
    """
    choice("level", level, ("authority", "ward", "lsoa"))
    wanted = arguments.places_asked(areas)
    arguments.ages_asked(ages)
    wanted_years = arguments.years_asked(years)
    if level != "authority":
        # The wards and LSOAs of England or a region are scaled to its authorities' estimates.
        inside = (authorities_in(arguments.place_with_areas(each)) for each in wanted)
        wanted = tuple(dict.fromkeys(itertools.chain.from_iterable(inside)))
    frame = _resolve.load(
        _estimates,
        without_groups(wanted),
        level=level,
        ages=ages,
        years=wanted_years,
        idaci_edition=one_year("idaci_edition", idaci_edition, text=True),
        workspace=workspace,
        download=download,
    )
    return _groups.with_sums(frame, wanted)


def _estimates(
    wanted: Sequence[Area],
    *,
    level: str,
    ages: tuple[int, int],
    years: Sequence[int] | None = None,
    idaci_edition: int | str = IDACI_EDITION,
    workspace: Folder,
) -> pd.DataFrame | Missing:
    if level == "authority":
        frame = _authority_estimates(wanted, ages=ages, workspace=workspace)
        return _resolve.complete(
            "population_estimates",
            frame if years is None else frame[frame["year"].isin(years)],
            wanted,
            asked=f"ages {ages[0]}-{ages[1]}, {arguments.span(years)}, by authority",
            **offered(ages),
            areas=wanted,
            named={"year": years},
        )
    import pandas as pd

    parts: list[pd.DataFrame] = []
    for place in wanted:
        found = small_areas(
            place,
            idaci=idaci_of(place, edition=idaci_edition, workspace=workspace),
            authority=_authority_rows([place], ages=ages, workspace=workspace),
            projections=functools.partial(
                _projections, [place], ages=CHILDREN, workspace=workspace
            ),
            level=level,
            ages=ages,
            years=years,
            workspace=workspace,
        )
        if isinstance(found, Missing):
            return found
        parts.append(found)
    return pd.concat(parts, ignore_index=True)


def _authority_estimates(
    wanted: Sequence[Area], *, ages: tuple[int, int], workspace: Folder
) -> pd.DataFrame:
    """Return each year's band of the ages if there is one, else single years, else bands."""
    import pandas as pd

    frame = _authority_rows(wanted, ages=ages, workspace=workspace)
    units = pd.MultiIndex.from_frame(frame[["area_code", "year"]])
    kept = frame["year"].isna()
    for labels in coverings(frame["ages"].unique(), ages):
        kept |= frame["ages"].isin(labels) & ~units.isin(units[kept])
    return frame[kept]


def _authority_rows(
    wanted: Sequence[Area], *, ages: tuple[int, int], workspace: Folder
) -> pd.DataFrame:
    """Return the rows that make up exactly these ages: their band, its parts, or both."""
    held = snapshot.read(snapshot.newest("population_estimates"))
    found = raw.table("population_estimates", workspace, areas=arguments.codes(wanted), ages=ages)

    def of_ages(rows: pd.DataFrame) -> pd.DataFrame:
        ours = rows["area_code"].isin([each.code for each in wanted])
        return covering(rows[ours & (rows["sex"] == "persons")], ages)

    # Rows of a part of the ages in the workspace must not hide complete rows of the snapshot.
    ours = None if found is None else of_ages(found)
    return arguments.prefer(ours, of_ages(held), by=["area_code", "year"])


def with_denominators(
    frame: pd.DataFrame, *, workspace: Folder, download: bool | None
) -> pd.DataFrame:
    """Add missing denominators of a rate: children aged 0-17 at the mid-year before."""
    # Rows of areas without an estimate keep no denominator.
    empty = frame["population"].isna()
    if not empty.any():
        return frame
    places = areas_of(frame.loc[empty, "area_code"].unique().tolist())
    people = _resolve.resolve(
        _estimates,
        places,
        level="authority",
        ages=CHILDREN,
        workspace=workspace,
        download=download,
    )
    if isinstance(people, Missing):
        people = _authority_estimates(places, ages=CHILDREN, workspace=workspace)
    parts = people.groupby(["area_code", "year"])
    totals = parts.agg(
        population=("population", "sum"),
        known=("population", "count"),
        parts=("population", "size"),
        source=("source", "first"),
    )
    # A sum with a missing part is missing.
    totals["population"] = totals["population"].where(totals["known"] == totals["parts"])
    keys = list(zip(frame["area_code"], frame["year"].map(denominator_year), strict=True))
    joined = totals.reindex(keys)
    filled = frame.copy()
    number = joined["population"].round().astype("Int64").to_numpy()
    filled["population"] = filled["population"].where(~empty, number)
    origin = joined["source"].to_numpy()
    known = empty.to_numpy() & joined["population"].notna().to_numpy()
    filled["source"] = [
        f"{source}{SEPARATOR}{extra}" if use else source
        for source, extra, use in zip(filled["source"], origin, known, strict=True)
    ]
    return filled
