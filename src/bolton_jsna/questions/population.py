"""The population as a subject: children by bands, their share of all ages, and growth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import pandas as pd

from bolton_jsna.core.age_bands import Ages, read_band
from bolton_jsna.core.areas import DEFAULT_AREA
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import MissingDataError, UsageError, choice
from bolton_jsna.core.states import state_of_sum
from bolton_jsna.core.years import one_year
from bolton_jsna.loaders.arguments import Place, places_asked, years_asked
from bolton_jsna.questions._population_figures import ALL_AGES, LAST, NONE, Cell, Figures, joined
from bolton_jsna.questions._rebased import COLUMNS, Newest, Rebased, newest_estimates

CHILDREN_BANDS: Final = ("0-4", "5-9", "10-14", "15-17", "0-17", "0-18", "0-19")
"""Bands that a profile of children has by default; the last three are totals of the others."""

Band = str | tuple[int, int]


@checked
def population_profile(
    areas: Place | Iterable[Place] = DEFAULT_AREA,
    *,
    bands: Band | Sequence[Band] = CHILDREN_BANDS,
    years: int | Iterable[int] | None = None,
    since: int | None = None,
    level: Literal["authority", "ward", "lsoa"] = "authority",
    kind: Literal["estimates", "projections"] = "estimates",
    base_year: int | None = None,
    rebase: bool = False,
    total: str | None = None,
    workspace: str | Path | None = None,
    download: bool | None = None,
) -> pd.DataFrame:
    """Describe the children of areas: numbers by age band, share of all ages, and growth.

    Parameters
    ----------
    areas : place or several, default "Bolton"
        Authorities, combined authorities such as ``"Greater Manchester"``, regions, ``"England"``.
    bands : band or sequence of bands
        Age bands as ``"0-4"``, ``"under 1"`` or ``(0, 4)``, in any order; they may overlap. By
        default 0-4, 5-9, 10-14, 15-17, 0-17, 0-18 and 0-19.
    years : int or several, optional
        Mid-years. By default the latest that has most of the bands; of projections the base year;
        with ``rebase`` the newest with an estimate.
    since : int, optional
        An earlier mid-year from which growth is measured.
    level : {"authority", "ward", "lsoa"}
        The areas themselves, or the wards or LSOAs in them.
    kind : {"estimates", "projections"}
        ONS mid-year estimates, or subnational projections (authorities; state ``modelled``).
    base_year : int, optional
        The mid-year that projections start from; by default the latest that all the areas have.
    rebase : bool, default False
        Whether the projected change is applied to the newest estimate (of projections only).
    total : str, optional
        The name of one more row for each band, in which all the areas are put together.
    workspace : str or Path, optional
        The folder that holds ``data/raw/``.
    download : bool, optional
        Whether what is not available is fetched; see :func:`load_population_estimates`.

    Returns
    -------
    DataFrame
        One row for each area, year and band: ``area_code``, ``area_name``, ``area_level``,
        ``year``, ``ages``, ``population`` (persons) with ``status``, ``all_ages`` (persons),
        ``share`` (per cent of all ages) with ``share_status``; with ``since`` also ``since``,
        ``population_since``, ``change`` (persons) and ``growth`` (per cent) with
        ``growth_status``; ``reason`` (what is not available and how to get it) and ``source``.

        Projections also have ``estimate_year`` (the newest mid-year that has both an estimate and
        a projection of the band), ``estimate`` and ``projected`` (the persons of that mid-year in
        both), ``apart`` (by how many per cent the estimate is above the projection) with
        ``apart_status``, and ``basis``: in words, what ``population`` is.

    Raises
    ------
    MissingDataError
        When none of the figures is available.
    AreaNotFoundError, UsageError
        When an area, band or option is not known.

    Notes
    -----
    ONS mid-year estimates and subnational population projections. Where a table has all ages of
    an area and year by single year, all bands are taken from it, so that bands add up and shares
    are of one table; otherwise a band is that of :func:`load_population_estimates`. Estimates
    before a census are revised after it: figures of different issues are not the same (``source``
    names the issue), and growth between years of two issues is partly revision.

    ``rebase=True`` replaces the projection of a mid-year Y by estimate(E) * projected(Y) /
    projected(E), where E is ``estimate_year``; also for Y before E, so that change between two
    years is the projected one. That of Y before E is not the estimate of Y. The ratio is taken for
    each single year of age if estimates and projections have them; bands then add up. Otherwise it
    is taken for the band as a whole, and bands need not add up to a wider band: add up the narrow
    bands, or ask for the wide band alone, and do not print both. ``basis`` shows which it is. All
    bands of an area use the newest E that they share. A row without an estimate has no number.
    A share needs an estimate of all ages of the same E. A total of areas is the sum of its areas
    where they are rebased alike; a combined authority is rebased by the sums of its authorities.

    Examples
    --------
    >>> found = population_profile("Bolton", bands=["0-4", "0-17"], kind="projections", years=2022)
    >>> found[["ages", "population", "all_ages", "share"]].round(1)
       ages  population  all_ages  share
    0   0-4     18471.0  299153.0    6.2
    1  0-17     72493.0  299153.0   24.2

    Bolton had more children in 2024 than was projected, so that its children in 2035 are more if
    the projected change is applied to the estimate:

    >>> children = {"bands": "0-17", "kind": "projections", "years": 2035}
    >>> population_profile("Bolton", **children)[["population", "apart"]].round(1)
       population  apart
    0     65098.1    4.6
    >>> rebased = population_profile("Bolton", **children, rebase=True)
    >>> rebased["population"].round(1).item()
    68070.1
    >>> rebased["basis"].item()
    'projected change from mid-2024 (base 2022), applied to the estimate of mid-2024'

    The snapshot has estimates of children aged 0-17 and no others:

    >>> grown = population_profile("Bolton", bands="0-17", years=2024, since=2014)
    >>> grown[["population", "growth", "share_status"]].round(1)
       population  growth   share_status
    0     75599.0    13.5  not_available
    """
    choice("level", level, ("authority", "ward", "lsoa"))
    choice("kind", kind, ("estimates", "projections"))
    labels = _bands(bands)
    wanted = places_asked(areas)
    asked_years = years_asked(years)
    if since is not None:
        since = one_year("since", since)
    if level != "authority" and (total is not None or kind == "projections"):
        raise UsageError(
            f"level={level!r} has no total= and no projections. Leave total= and kind= out, or "
            "take level='authority'."
        )
    if base_year is not None and kind != "projections":
        raise UsageError("base_year= is of projections. Write kind='projections', or leave it out.")
    if rebase and kind != "projections":
        raise UsageError(
            "rebase= is of projections, whose change it applies to the newest estimate. Write "
            "kind='projections', or leave it out."
        )
    options: dict[str, Any] = {"workspace": workspace, "download": download}
    if kind == "projections":
        options["base_year"] = base_year
    figures = Figures(level, kind, total, options)
    figures.gather(wanted, list(labels.values()), _needed(asked_years, since, level))
    if not figures.cells:
        raise MissingDataError(str(figures.first))
    newest = None
    if kind == "projections":
        newest = newest_estimates(figures, wanted, list(labels.values()))
    usual = newest.usual_year if newest is not None and rebase else None
    chosen = asked_years or [usual or figures.usual_year(list(labels.values()))]
    used = Rebased(newest) if newest is not None and rebase else figures
    rows = [
        _row(used, (code, year, ages), label=label, since=since, newest=newest)
        for code in figures.places
        for year in dict.fromkeys(chosen)
        for label, ages in labels.items()
    ]
    out = pd.DataFrame(rows).astype({"estimate_year": "Int64"})
    without = [*(_GROWTH if since is None else ()), *(COLUMNS if newest is None else ())]
    return out.drop(columns=without)


_GROWTH: Final = ["since", "population_since", "change", "growth", "growth_status"]


def _bands(bands: Band | Sequence[Band]) -> dict[str, Ages]:
    """Return the first and last age of each band by its label."""
    pair = isinstance(bands, tuple) and len(bands) == 2 and all(isinstance(x, int) for x in bands)
    listed = [bands] if isinstance(bands, str) or pair else list(bands)
    found: dict[str, Ages] = {}
    for each in listed:
        ages = each if isinstance(each, tuple) else read_band(each)
        ages = None if ages is None or len(ages) != 2 else (ages[0], min(ages[1], LAST))
        if ages is None or not 0 <= ages[0] <= ages[1]:
            raise UsageError(
                f"bands= has {each!r}, which is not an age band. Write bands such as '0-4', "
                "'under 1' or (0, 4); 90 stands for 90 and over."
            )
        label = each if isinstance(each, str) else f"{ages[0]}-{ages[1]}"
        found[label] = ages
    if not found:
        raise UsageError("bands= is empty. Name one or more bands, such as '0-17'.")
    return found


def _needed(years: list[int] | None, since: int | None, level: str) -> list[int] | None:
    """Return the years to load; None for all that there are."""
    if years is None and level != "authority" and since is not None:
        raise UsageError("since= of wards or LSOAs needs years=, such as years=2024.")
    return None if years is None else [*years, *([since] if since is not None else [])]


def _row(
    figures: Figures | Rebased,
    key: tuple[str, int, Ages],
    *,
    label: str,
    since: int | None,
    newest: Newest | None,
) -> dict[str, Any]:
    """Return the figures of an area, year and band."""
    code, year, ages = key
    own, everyone = figures.get(*key), figures.get(code, year, ALL_AGES)
    absent = [each for each, cell in ((ages, own), (ALL_AGES, everyone)) if cell is NONE]
    why = [figures.why(code, year, each) for each in absent]
    if own is not NONE and everyone is not NONE and _start(own) != _start(everyone):
        why.append(
            f"A share needs both figures of one origin: ages {ages[0]}-{ages[1]} are a "
            f"{own.basis}, all ages a {everyone.basis}."
        )
        everyone = NONE
    share_state = "not_applicable" if everyone.population == 0 else _of_both(own, everyone)
    then = NONE
    if since is not None:
        then = figures.get(code, since, ages)
        if then is NONE and own is not NONE:
            why.append(figures.why(code, since, ages))
    change = own.population - then.population
    growth_state = "not_applicable" if then.population == 0 else _of_both(own, then)
    moved = dict.fromkeys(COLUMNS)
    if newest is not None:
        latest = newest.year_of(code, ages)
        moved = newest.columns(code, ages, own.moved or latest)
        if latest is None:
            why.append(newest.why(code, ages))
        elif own.moved and latest != own.moved:
            why.append(
                f"The estimate of mid-{latest} is not used, so that the bands have estimates of "
                "one mid-year. To use it, ask for this band alone."
            )
    return {
        **figures.places[code],
        "year": year,
        "ages": label,
        "population": own.population,
        "status": own.status,
        "all_ages": everyone.population,
        "share": 100 * own.population / everyone.population
        if everyone.population
        else NONE.population,
        "share_status": share_state,
        "since": since,
        "population_since": then.population,
        "change": change,
        "growth": 100 * change / then.population if then.population else float("nan"),
        "growth_status": growth_state,
        **moved,
        "basis": own.basis,
        "reason": " ".join(dict.fromkeys(why)),
        "source": joined(cell.source for cell in (own, everyone, then)),
    }


def _start(cell: Cell) -> tuple[int | None, int | None]:
    """Return the base year of a projection and the estimate to which it was moved."""
    return cell.base, cell.moved


def _of_both(first: Cell, second: Cell) -> str:
    return state_of_sum((first.status, second.status))
