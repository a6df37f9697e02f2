"""Find the areas of a file of children in need in the register, each once a year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bolton_jsna.core.areas import ENGLAND, Area, area, find
from bolton_jsna.core.errors import some
from bolton_jsna.tables._left_out import without
from bolton_jsna.tables._register import area_columns
from bolton_jsna.tables.children_in_need.layouts import words
from bolton_jsna.tables.reader_notes import leave_out

if TYPE_CHECKING:
    import pandas as pd


def places(
    levels: pd.Series, *, codes: pd.Series, numbers: pd.Series, names: pd.Series, name: str
) -> pd.DataFrame:
    """Return the register's code, name and level of each row's area."""
    import pandas as pd

    given = pd.Series(list(zip(levels, codes, numbers, names, strict=True)), index=levels.index)
    found = {each: _place(*each) for each in given.unique()}
    unknown = [
        f"{level} {code or number} {label}".strip()
        for (level, code, number, label), place in found.items()
        if place is None
    ]
    known = without(
        given,
        given.map(lambda each: found[each] is None).astype(bool),
        f"{name!r} has areas that are not in the register of England's areas, or whose code, "
        f"number and name disagree: {some(unknown)}. Expected England, its regions and its "
        "upper-tier authorities; if DfE has a new authority, report it.",
    )
    return area_columns((place for each in known if (place := found[each])), known.index)


def _place(level: str, code: str, number: str, label: str) -> Area | None:
    kind = words()["areas"]["levels"].get(level.casefold())
    if kind == "country":
        return area(ENGLAND)
    by_code = find(code) if code else None
    by_number = find(number) if number and kind == "authority" else None
    place = by_code or by_number or find(label)
    if by_code and by_number and by_code != by_number:
        # DfE makes its own numbers and names; it copies GSS codes, which have been wrong.
        by_name = find(label)
        place = by_name if by_name in (by_number, by_code) else None
    return place if place is not None and place.level == kind else None


def without_figures(table: pd.DataFrame, keys: pd.MultiIndex) -> pd.DataFrame:
    """Return a table in which some figures are not available."""
    import pandas as pd

    wrong = pd.MultiIndex.from_frame(table[list(keys.names)]).isin(keys)
    # With a count, the population is a denominator, which is right for any count.
    of_counts = ("count", "persons", "published_rate", "value", "published_value")
    figures = of_counts if "count" in table else ("population",)
    states = [each for each in table.columns if each.endswith("status")]
    masked = {each: table[each].mask(wrong) for each in figures if each in table}
    masked |= {each: table[each].mask(wrong, "not_available") for each in states}
    return table.assign(**masked)


def one_per_area(table: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Return one row for each area, year and indicator, also for areas with two codes."""
    key = ["indicator", "area_code", "year"]
    ranks = {status: rank for rank, status in enumerate(words()["areas"]["precedence"])}
    table = table.assign(
        _count=table["status"].map(ranks), _rate=table["published_rate_status"].map(ranks)
    ).sort_values([*key, "_count", "_rate"], kind="stable")
    twice = table.duplicated(key, keep=False)
    if twice.any():
        figures = table[twice & (table["status"] == "value")]
        unlike = figures.groupby(key)[["count", "published_rate"]].nunique().max(axis=1) > 1
        table = table.drop_duplicates(key)
        if unlike.any():
            indicator, code, year = unlike.index[unlike][0]
            leave_out(
                int(unlike.sum()),
                len(table),
                said=f"{name!r} has two rows for {code} in {year} with different {indicator} "
                f"({int(unlike.sum())} such cases). Expected one row, or the same figures for both "
                "codes of an area; delete the wrong rows.",
                what="figures",
            )
            table = without_figures(table, unlike.index[unlike])
    return table.drop(columns=["_count", "_rate"])
