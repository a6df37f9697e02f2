"""The authority's own counts by age band or category, as the linked tables of a build."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.age_bands import read_band
from bolton_jsna.core.errors import SchemaError, some
from bolton_jsna.disclosure.group_merging import Tree, trees
from bolton_jsna.measures.age_groups import CHAPTER_2012_BANDS, DFE_BANDS, UNBORN, set_of_labels
from bolton_jsna.measures.event_dimensions import ALL, ELSEWHERE, NOT_KNOWN
from bolton_jsna.measures.events import Event
from bolton_jsna.tables.local.layouts import key, meaning

if TYPE_CHECKING:
    import pandas as pd

AGES_2012: Final = "age_band_2012"
"""The column of counts by the age bands of the chapter of 2012."""

_NO_AGE: Final = {"unborn": UNBORN, "notknown": NOT_KNOWN, "unknown": NOT_KNOWN}


def totals(counts: pd.DataFrame) -> pd.DataFrame:
    """Return the total of each event and year, which all its groups must add up to."""
    import pandas as pd

    rows = []
    for (event, year), part in counts.groupby(["event", "year"], sort=True):
        sums = part.groupby("by", sort=True)["count"].sum()
        if sums.min() != sums.max():
            listed = "; ".join(
                f"{by.replace('_', ' ') or 'the total'}: {total}" for by, total in sums.items()
            )
            raise SchemaError(
                f"The local counts of {event} in {year} do not add up to one total ({listed}). "
                "Give the rest as 'Not known', so that each group adds up to the total."
            )
        rows.append((ELSEWHERE, event, int(year), int(sums.iloc[0]), "value"))
    return pd.DataFrame(rows, columns=["area_code", "event", "year", "count", "status"])


def tables(counts: pd.DataFrame, event: Event, years: list[int]) -> dict[str, pd.DataFrame]:
    """Return the total by year, and the counts by each group with every row of its list."""
    import pandas as pd

    ours = counts[(counts["event"] == event) & counts["year"].isin(years)]
    sums = totals(ours).set_index("year")["count"]
    rows = [(area, year, int(sums[year])) for year in years for area in (ELSEWHERE, ALL)]
    found = {
        "area_code x year": pd.DataFrame(rows, columns=["area_code", "year", "count"]),
    }
    for by, part in ours[ours["by"] != ""].groupby("by", sort=True):
        group, names = _named(str(by), event, part["group"])
        tree = trees()[group if by == "age_band" else "need" if event == "referrals" else "abuse"]
        summed = part.assign(group=part["group"].map(names)).groupby(["group", "year"])["count"]
        found[f"{group} x year"] = _whole(summed.sum(), tree, group, sums, years)
    return found


def _whole(
    summed: pd.Series, tree: Tree, group: str, sums: pd.Series, years: list[int]
) -> pd.DataFrame:
    """Return a count for each row of a list, and the total, of the years that have any."""
    import pandas as pd

    held = [year for year in years if year in summed.index.get_level_values("year")]
    rows = [
        (row, year, int(sums[year]) if row == ALL else int(summed.get((row, year), 0)))
        for year in held
        for row in (*tree.rows, ALL)
    ]
    return pd.DataFrame(rows, columns=[group, "year", "count"]).astype({"count": "Int64"})


def _named(by: str, event: Event, labels: Iterable[str]) -> tuple[str, dict[str, str]]:
    """Return the column of a group, and the row of its public list for each label."""
    given = list(dict.fromkeys(labels))
    if by == "category":
        return by, {each: _category(each, event) for each in given}
    plain = {each: _NO_AGE[key(each)] for each in given if key(each) in _NO_AGE}
    bands = [each for each in given if each not in plain]
    known = set_of_labels(bands)
    if known is None:
        raise SchemaError(
            f"The local counts have the age bands {some(bands, most=10)}. Expected those of DfE "
            f"({some(DFE_BANDS, most=10)}) or those of the chapter of 2012 "
            f"({some(CHAPTER_2012_BANDS, most=10)}), and 'Unborn' and 'Not known' if there are "
            "any."
        )
    of = {"dfe": DFE_BANDS, "chapter_2012": CHAPTER_2012_BANDS}[known]
    printed = {read_band(name): name for name in of}
    names = {each: printed[read_band(each)] for each in bands}
    if missing := [name for name in of if name not in names.values()]:
        raise SchemaError(
            f"The local counts have no row for the age band {some(missing, most=10)}. Give one "
            "for each band, with zero where there are none."
        )
    return ("age_band" if known == "dfe" else AGES_2012), {**names, **plain}


def _category(text: str, event: Event) -> str:
    """Return the row of the public list for a category."""
    rows = trees()["need" if event == "referrals" else "abuse"].rows
    if key(text) in _NO_AGE:
        return rows[-1]
    label, _ = meaning("category", text)
    if label in rows:
        return label
    raise SchemaError(
        f"The local counts have the category {text!r}. Expected one of {some(rows, most=20)}."
    )
