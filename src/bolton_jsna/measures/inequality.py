"""Deprivation summaries: how many children live in England's most deprived areas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.arguments import is_number
from bolton_jsna.core.errors import SchemaError, UsageError, some
from bolton_jsna.core.table_checks import check_cells, check_columns
from bolton_jsna.measures._frame_columns import numbers, whole_years
from bolton_jsna.tables.idaci import LSOAS


@checked
def summarise_idaci(
    idaci: pd.DataFrame, *, shares: float | Sequence[float] = (5, 10, 15, 20)
) -> pd.DataFrame:
    """Count the LSOAs, and their children, among the most deprived shares of England.

    Parameters
    ----------
    idaci : DataFrame
        Rows of one edition, as :func:`load_idaci` gives them: ``idaci_rank``,
        ``children_0_15``, ``edition``.
    shares : float or sequence of float, default (5, 10, 15, 20)
        Percentages of England's LSOAs, most deprived first.

    Returns
    -------
    DataFrame, shape (number of shares, 3)
        ``share`` (per cent), ``lsoas`` (number), ``children`` (aged 0-15 in those LSOAs, missing
        when the edition's denominators are not there).

    Raises
    ------
    SchemaError
        When a column is missing, an LSOA has no rank, or has two rows and would be counted twice.
    UsageError
        When the frame holds more than one edition, an unknown edition, or a share is not a
        percentage.

    Notes
    -----
    An LSOA is in the most deprived s per cent when its rank is at most s/100 times the number of
    LSOAs that the edition ranks (32,844 in 2015 and 2019, 33,755 in 2025). Ranks may be tied;
    scores of editions are never compared.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> jsna.summarise_idaci(jsna.load_idaci("Bolton", edition=2025))["lsoas"].tolist()
    [18, 35, 52, 68]
    """
    check_columns(
        idaci, ["idaci_rank", "children_0_15", "edition"], advice="Make it with load_idaci."
    )
    check_cells(idaci, ["lsoa_code"])
    editions = np.unique(whole_years(idaci, "edition")).tolist()
    if len(editions) != 1:
        raise UsageError(
            f"The frame holds {len(editions)} editions ({some(editions)}); expected one. Scores "
            "and ranks of editions are not pooled. Summarise each edition by itself."
        )
    total = LSOAS.get(int(editions[0]))
    if total is None:
        raise UsageError(f"Edition {editions[0]} is not known. Known: {some(LSOAS, most=9)}.")
    if "lsoa_code" in idaci.columns and idaci["lsoa_code"].duplicated().any():
        twice = idaci.loc[idaci["lsoa_code"].duplicated(), "lsoa_code"].unique()
        raise SchemaError(
            f"{len(twice)} LSOAs have more than one row ({some(twice, most=3)}) and would be "
            "counted twice. Give each once."
        )
    ranks = numbers(idaci, "idaci_rank", least=1)
    children = numbers(idaci, "children_0_15")
    if np.isnan(ranks).any():
        raise SchemaError(
            f"{int(np.isnan(ranks).sum())} LSOAs have no rank: whether they are among "
            "the most deprived is not known. Leave them out and report how many."
        )
    odd = {"idaci_rank": ranks[ranks > total], "children_0_15": children[children % 1 > 0]}
    for column, found in odd.items():
        if len(found):
            expected = f"ranks up to {total:,}" if column == "idaci_rank" else "whole numbers"
            raise SchemaError(
                f"Column {column!r} holds {found[0]:g}; edition {editions[0]} has {expected}. Give "
                "the rows as load_idaci does."
            )
    rows = []
    for share in shares if isinstance(shares, Iterable) else [shares]:
        if not is_number(share) or not 0 < share <= 100:
            raise UsageError(f"shares={share!r} is not a percentage above 0 and up to 100.")
        inside = ranks * 100 <= share * total
        there = children[inside].sum()
        rows.append((share, inside.sum(), pd.NA if np.isnan(there) else there))
    summary = pd.DataFrame(rows, columns=["share", "lsoas", "children"])
    return summary.astype({"lsoas": "Int64", "children": "Int64"})


def deprivation_of_areas(
    idaci: pd.DataFrame, area: str, *, shares: Sequence[float]
) -> pd.DataFrame:
    """Return one row for each area of a frame of LSOAs: averages, children, shares of LSOAs."""
    # A figure of an area with an LSOA without it is not that of the others.
    place, found = pd.factorize(idaci[area])
    rows = len(found)

    def added(values: np.ndarray) -> np.ndarray:
        return np.bincount(place, weights=values, minlength=rows)

    score, children = numbers(idaci, "idaci_score"), numbers(idaci, "children_0_15")
    rank, edition = numbers(idaci, "idaci_rank"), int(idaci["edition"].iloc[0])
    lsoas = np.bincount(place, minlength=rows)
    bare, people = np.isnan(score) | np.isnan(children), added(children)
    unranked, unscored = added(np.isnan(rank)), added(bare)
    # An LSOA without children adds nothing, whatever its score.
    deprived = added(np.where(children == 0, 0, score * children))
    out = pd.DataFrame({area: found, "lsoas": lsoas})
    out["children_0_15"] = pd.array(people, dtype="Int64")
    out["children_status"] = np.where(np.isnan(people), "not_available", "value")
    out["children_deprived"] = deprived
    out["percent_deprived"] = np.divide(
        100 * deprived, people, out=np.full(rows, np.nan), where=people > 0
    )
    out["average_score"] = out["percent_deprived"] / 100
    out["status"] = np.where(out["average_score"].notna(), "value", "not_available")
    for share in shares:
        inside = added(rank * 100 <= share * LSOAS[edition])
        inside[unranked > 0] = np.nan
        out[f"lsoas_{share:g}"] = pd.array(inside, dtype="Int64")
        out[f"share_{share:g}"] = 100 * inside / lsoas
    out["shares_status"] = np.where(unranked > 0, "not_available", "value")
    out["unscored"], out["unranked"] = unscored.astype(int), unranked.astype(int)
    return out
