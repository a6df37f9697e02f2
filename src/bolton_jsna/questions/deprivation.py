"""Child deprivation of whole areas: averages, children, ranks and shares of their LSOAs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

import numpy as np
import pandas as pd

from bolton_jsna.catalogue import dataset, default_year
from bolton_jsna.core.areas import DEFAULT_AREA, ENGLAND, Area, authorities_in, district_codes
from bolton_jsna.core.areas import area as area_of
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.arguments import is_number
from bolton_jsna.core.commands import refresh_command, with_workspace
from bolton_jsna.core.errors import MissingDataError, UsageError, choice, some
from bolton_jsna.ingest import store
from bolton_jsna.loaders import load_idaci
from bolton_jsna.loaders.arguments import Place, places_asked
from bolton_jsna.measures.area_sums import GROUP
from bolton_jsna.measures.inequality import deprivation_of_areas
from bolton_jsna.tables.idaci import LSOAS

AUTHORITY, DISTRICT = "authority", "district"
"""What areas are ranked among: upper-tier authorities, or lower-tier districts as MHCLG does."""

_EDITION: Final = default_year("idaci")
_PARTLY: Final = "{n} of {of} LSOAs are without {what} of IDACI {edition} in the files available."


@checked
def idaci_profile(
    areas: Place | Iterable[Place] = DEFAULT_AREA,
    *,
    edition: int | str = _EDITION,
    shares: float | Sequence[float] = (5, 10, 20),
    total: str | None = None,
    among: Literal["authority", "district"] = "authority",
    workspace: str | Path | None = None,
    download: bool | None = None,
) -> pd.DataFrame:
    """Summarise the Income Deprivation Affecting Children Index of whole areas.

    Parameters
    ----------
    areas : place or several, default "Bolton"
        Authorities, combined authorities, regions or ``"England"``.
    edition : int or str, default 2025
        Year of the Indices of Deprivation.
    shares : float or sequence of float, default (5, 10, 20)
        Percentages of England's LSOAs, most deprived first. ``range(10, 101, 10)`` adds up decile
        by decile.
    total : str, optional
        The name of one more row, in which all the areas are put together.
    among : {"authority", "district"}, default "authority"
        Rank the areas among England's upper-tier authorities, or among its lower-tier districts,
        as the tables of MHCLG do.
    workspace : str or Path, optional
        The folder that holds ``data/raw/``.
    download : bool, optional
        Whether LSOAs that are not available are fetched; see :func:`load_idaci`.

    Returns
    -------
    DataFrame
        One row for each area: ``area_code``, ``area_name``, ``area_level``, ``edition``,
        ``lsoas`` (number); ``children_0_15`` (number) with ``children_status``;
        ``children_deprived`` (those in income-deprived families, score times children),
        ``percent_deprived`` (of the children) and ``average_score`` (the same share from 0 to 1:
        the mean of the LSOAs' scores weighted by children aged 0-15), with ``status``; for each
        share ``lsoas_5`` (number) and ``share_5`` (per cent of the area's LSOAs), with
        ``shares_status``; ``rank`` (of the average score, 1 most deprived), ``rank_10`` (of the
        percentage of LSOAs in the most deprived 10 per cent), ``rank_of`` (how many are ranked),
        with ``rank_status`` and ``rank_10_status``; ``reason`` (why a figure is not available and
        how to get it) and ``source``.

    Raises
    ------
    MissingDataError
        When the LSOAs of an area are not available in this edition.
    AreaNotFoundError, UsageError
        When an area or an option is not known.

    Notes
    -----
    MHCLG, English Indices of Deprivation. File 3 of an edition has ranks and deciles and no
    scores: shares of LSOAs are given, and the averages and children are ``not_available`` unless
    Files 5 and 6, or File 7, are there. Ranks need all LSOAs of England. Editions define income
    deprivation differently (2025 takes housing costs off): compare their ranks and shares, and
    never their scores. Scores of LSOAs are published with three decimals: where areas are close, a
    rank of the average may differ by one from MHCLG's.

    Examples
    --------
    >>> bolton = idaci_profile("Bolton", edition=2019).iloc[0]
    >>> f"{bolton['average_score']:.3f}", int(bolton["children_0_15"]), int(bolton["lsoas_10"])
    ('0.219', 58831, 31)
    >>> bolton["rank_status"]
    'not_available'
    """
    choice("among", among, (AUTHORITY, DISTRICT))
    wanted = places_asked(areas)
    percentages = list(shares) if isinstance(shares, Iterable) else [shares]
    for each in percentages:
        if not is_number(each) or not 0 < each <= 100:
            raise UsageError(f"shares={each!r} is not a percentage above 0 and up to 100.")
    options = {"edition": edition, "workspace": workspace, "download": download}
    frames = [load_idaci(each, **options) for each in wanted]  # type: ignore[arg-type]
    parts = [frame.assign(_at=at) for at, frame in enumerate(frames)]
    if total is not None:
        every = pd.concat(frames).drop_duplicates("lsoa_code")
        parts.append(every.assign(_at=len(parts)))
    year = int(frames[0]["edition"].iloc[0])
    found = deprivation_of_areas(pd.concat(parts), "_at", shares=percentages)
    out = _named(wanted, total).assign(edition=year, **found.drop(columns="_at"))
    out["source"] = [some(dict.fromkeys(each["source"]), most=9) for each in parts]
    ranked, problem = _ranked(out, wanted, among, year=year, options=options)
    out = out.assign(**ranked)
    advice = _advice(year, workspace)
    out["reason"] = [_reason(row, problem, advice) for row in out.to_dict("records")]
    out = out.drop(columns=["unscored", "unranked"])
    return out[[*out.columns.difference(["source"], sort=False), "source"]]


def _named(wanted: Sequence[Area], total: str | None) -> pd.DataFrame:
    rows: list[tuple[object, str, str]] = [(each.code, each.name, each.level) for each in wanted]
    if total is not None:
        rows.append((pd.NA, total, GROUP))
    return pd.DataFrame(rows, columns=["area_code", "area_name", "area_level"])


def _ranked(
    out: pd.DataFrame,
    wanted: Sequence[Area],
    among: str,
    *,
    year: int,
    options: Mapping[str, object],
) -> tuple[dict[str, object], str]:
    """Return the columns of ranks, and why there are none."""
    may = np.array([each.level == "authority" and each.until is None for each in wanted])
    may = np.append(may, np.zeros(len(out) - len(may), dtype=bool))
    if not may.any():
        return _no_ranks(may), ""
    try:
        england = load_idaci("England", **options)  # type: ignore[arg-type]
    except MissingDataError:
        return _no_ranks(may), f"Ranks need all {LSOAS[year]:,} LSOAs of England."
    codes = england["area_code"]
    if among == AUTHORITY:
        owner = {
            code: each.code
            for each in authorities_in(area_of(ENGLAND))
            for code in district_codes(each)
        }
        codes = codes.map(owner)
    if codes.isna().any():
        return _no_ranks(may), f"The authorities of {int(codes.isna().sum())} LSOAs are not known."
    every = deprivation_of_areas(england.assign(_place=codes), "_place", shares=[10])
    place = pd.Index(every["_place"]).get_indexer([each.code for each in wanted])
    place = np.append(place, np.full(len(out) - len(place), -1))
    # A county is no district, and has no rank among districts.
    may &= place >= 0
    columns, problem = _no_ranks(may), ""
    for name, column in (("rank", "average_score"), ("rank_10", "share_10")):
        if every[column].isna().any():
            problem = f"Ranks of the average need the scores of all {LSOAS[year]:,} LSOAs."
            continue
        rank = every[column].rank(method="min", ascending=False).to_numpy()
        columns[name] = pd.array(np.where(may, rank[place], np.nan), dtype="Int64")
        columns[f"{name}_status"] = np.where(may, "value", "not_applicable")
        columns["rank_of"] = pd.array(np.where(may, len(every), np.nan), dtype="Int64")
    return columns, problem


def _no_ranks(may: np.ndarray) -> dict[str, object]:
    """Return the columns of ranks without any; ``may`` says which areas could have one."""
    empty = pd.array([pd.NA] * len(may), dtype="Int64")
    states = np.where(may, "not_available", "not_applicable")
    return {
        "rank": empty, "rank_status": states, "rank_10": empty, "rank_10_status": states,
        "rank_of": empty,
    }  # fmt: skip


def _reason(row: dict[str, object], problem: str, advice: str) -> str:
    """Return why figures of a row are not available, and how to get them."""
    text = []
    facts = {"edition": row["edition"], "of": row["lsoas"]}
    if row["status"] == "not_available":
        text.append(_PARTLY.format(n=row["unscored"], what="score or children", **facts))
    if row["shares_status"] == "not_available":
        text.append(_PARTLY.format(n=row["unranked"], what="rank", **facts))
    if problem and "not_available" in (row["rank_status"], row["rank_10_status"]):
        text.append(problem)
    return " ".join([*text, advice]) if text else ""


def _advice(year: int, workspace: str | Path | None) -> str:
    facts = dataset("idaci")
    put = facts.by_hand()
    if str(year) not in {each.edition for each in facts.editions}:
        return f"{put[0].upper()}{put[1:]}."
    command = refresh_command([f"idaci@{year}"])
    return with_workspace(f"Fetch it: {command}. Or {put}.", store.workspace_folder(workspace))
