"""The areas of a file of children in need: each by the register, each once a year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.areas import ENGLAND, Area, area, find
from bolton_jsna.core.errors import some
from bolton_jsna.tables.reader_notes import leave_out

if TYPE_CHECKING:
    import pandas as pd

_LEVELS: Final[Mapping[str, str]] = {
    "national": "country",
    "regional": "region",
    "region": "region",
    "local authority": "authority",
    "la": "authority",
}
# Where one place and year stands twice, the row that says most is kept.
_PRECEDENCE: Final[Sequence[str]] = (
    "value",
    "suppressed",
    "low",
    "rounds_to_zero",
    "not_available",
    "not_applicable",
)


def places(
    levels: pd.Series, *, codes: pd.Series, numbers: pd.Series, names: pd.Series, name: str
) -> pd.DataFrame:
    """Return the register's code, name and level of each row's area."""
    import pandas as pd

    given = list(zip(levels, codes, numbers, names, strict=True))
    found = {each: _place(*each) for each in dict.fromkeys(given)}
    unknown = [
        f"{level} {code or number} {label}".strip()
        for (level, code, number, label), place in found.items()
        if place is None
    ]
    strange = pd.Series([found[each] is None for each in given], index=levels.index, dtype=bool)
    leave_out(
        int(strange.sum()),
        len(strange),
        said=f"{name!r} has areas that the register of England's areas does not know, or whose "
        f"code, number and name disagree: {some(unknown)}. Expected England, its regions and "
        "its upper-tier authorities; if DfE has a new authority, report it.",
    )
    known = [place for each in given if (place := found[each])]
    return pd.DataFrame(
        {
            "area_code": [place.code for place in known],
            "area_name": [place.name for place in known],
            "area_level": [place.level for place in known],
        },
        index=levels.index[~strange],
    )


def _place(level: str, code: str, number: str, label: str) -> Area | None:
    kind = _LEVELS.get(level.casefold())
    if kind == "country":
        return area(ENGLAND)
    by_code = find(code) if code else None
    by_number = find(number) if number and kind == "authority" else None
    place = by_code or by_number or find(label)
    if by_code and by_number and by_code != by_number:
        # DfE's number and name are its own; the GSS code is copied in and has been wrong.
        by_name = find(label)
        place = by_name if by_name in (by_number, by_code) else None
    return place if place is not None and place.level == kind else None


def without_figures(table: pd.DataFrame, keys: pd.MultiIndex) -> pd.DataFrame:
    """Return a table in which some figures are not available."""
    import pandas as pd

    wrong = pd.MultiIndex.from_frame(table[list(keys.names)]).isin(keys)
    figures = [
        each for each in ("count", "persons", "published_rate", "population") if each in table
    ]
    states = [each for each in table.columns if each.endswith("status")]
    if "count" in figures and "population" in figures:
        figures.remove("population")  # the denominator is that of the area, whatever the count
    table = table.copy()
    for each in figures:
        table[each] = table[each].mask(wrong)
    for each in states:
        table[each] = table[each].mask(wrong, "not_available")
    return table


def one_per_area(table: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Return one row per area, year and indicator, for places that stand under two codes."""
    key = ["indicator", "area_code", "year"]
    ranks = {status: rank for rank, status in enumerate(_PRECEDENCE)}
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
                said=f"{name!r} has two rows for {code} in {year} whose {indicator} disagree "
                f"({int(unlike.sum())} such cases). Expected one row, or the same figures under "
                "both codes of a place; take out the wrong rows.",
                what="figures",
            )
            table = without_figures(table, unlike.index[unlike])
    return table.drop(columns=["_count", "_rate"])
