"""Check and select the cells of tables of populations, whose columns ``_layouts`` describes."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from bolton_jsna.core.age_bands import OPEN, read_band
from bolton_jsna.core.areas import find as find_area
from bolton_jsna.core.arguments import is_whole
from bolton_jsna.core.errors import MissingDataError, OtherTableError, UsageError, some
from bolton_jsna.tables import _row_numbers
from bolton_jsna.tables.population._text import SEXES
from bolton_jsna.tables.reader_notes import leave_out, remark

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_CELL = ["area_code", "year", "sex"]
_SINGLE_YEARS = 91


def canonical(cells: pd.DataFrame) -> pd.DataFrame:
    """Give areas the code and name of the register; other areas keep the file's name or code."""
    import numpy as np
    import pandas as pd

    old = list(cells["area_code"].cat.categories)
    position = cells["area_code"].cat.codes.to_numpy()
    first = np.zeros(len(old), dtype="int64")
    first[position[::-1]] = np.arange(len(cells))[::-1]
    pairs = cells.iloc[np.unique(first)]
    labels = dict(zip(pairs["area_code"].astype(str), pairs["area_name"].astype(str), strict=True))
    found = {code: find_area(code) for code in old if code}
    new = [area.code if (area := found.get(code)) else code for code in old]
    names = [area.name if (area := found.get(code)) else labels.get(code) or code for code in old]

    def carried(texts: list[str]) -> pd.Categorical:
        codes, kinds = pd.factorize(pd.Series(texts, dtype=object))
        return pd.Categorical.from_codes(codes[position], categories=kinds)

    return cells.assign(area_code=carried(new), area_name=carried(names))


def each_once(cells: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Return each cell once, without the years of areas with two different figures."""
    key = [*_CELL, "ages"]
    repeated = _row_numbers.repeated(cells, key)
    if repeated is None:
        return cells
    rows = cells[repeated]
    # If a cell has a marker and a figure, the figure is used.
    kept = rows.loc[rows["population"].isna().sort_values(kind="stable").index]
    kept = kept.drop_duplicates(key)
    figures = rows.dropna(subset="population").drop_duplicates([*key, "population"])
    wrong = figures[figures.duplicated(key)][["area_code", "year"]].drop_duplicates()
    cells = cells[~repeated | cells.index.isin(kept.index)]
    if wrong.empty:
        return cells
    shown = some(f"{code} {year}" for code, year in wrong.itertuples(index=False))
    leave_out(
        len(wrong),
        len(cells[["area_code", "year"]].drop_duplicates()),
        said=f"{name!r} has two figures of the same sex and age for {shown}.",
        advice="Expected one; delete the wrong rows, or download the table again.",
        what="years of areas",
    )
    left_out = set(wrong.itertuples(index=False, name=None))
    there = zip(cells["area_code"], cells["year"], strict=True)
    return cells[[each not in left_out for each in there]]


def with_persons(cells: pd.DataFrame) -> pd.DataFrame:
    """Add persons as males and females together, for cells with both and without persons."""
    import pandas as pd

    keys = ["area_code", "year", "ages"]
    counts = cells["sex"].value_counts().to_dict()
    if counts.get("persons", 0) >= min(counts.get(each, 0) for each in ("females", "males")):
        return cells
    females, males, persons = (cells[cells["sex"] == s] for s in ("females", "males", "persons"))
    both = females.merge(males[[*keys, "population", "status"]], on=keys, suffixes=("", "_m"))
    if len(persons):
        marked = both.merge(persons[keys], on=keys, how="left", indicator="_found")
        both = both[(marked["_found"] == "left_only").to_numpy()]
    status = both["status"].astype(object)
    status = status.where(status != "value", both["status_m"].astype(object))
    both = both.assign(
        sex="persons", population=both["population"] + both["population_m"], status=status
    )
    united = pd.concat([cells.astype({"sex": object, "status": object}), both[cells.columns]])
    return united.astype({"sex": "category", "status": "category"}).reset_index(drop=True)


def without_totals(cells: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Drop "All ages" after a check that the single years sum to it."""
    totals = cells["ages"] == "all"
    if not totals.any():
        return cells
    if totals.all():
        raise OtherTableError(
            f"{name!r} has figures of all ages together only. Expected single years of age or "
            "bands, such as 0-17. Download it by age."
        )
    wrong = _unlike_sums(cells, totals)
    cells = cells[~totals]
    if wrong.empty:
        return cells
    (code, year, sex), row = wrong.index[0], wrong.iloc[0]
    areas = wrong.index.get_level_values("area_code").unique()
    return _without(
        cells,
        areas,
        f"{name!r}: single years do not sum to 'All ages' in {len(wrong)} cases. First: "
        f"{code} {sex} {year}, sum {row['sum']:,.1f}, printed {row['population']:,.1f}.",
        "The table is damaged or edited; download it again.",
    )


def _unlike_sums(cells: pd.DataFrame, totals: pd.Series) -> pd.DataFrame:
    """Return the "All ages" that the single years do not sum to, with their sums."""
    single = cells["ages"].isin([*map(str, range(90)), "90+"])
    if _sums_are_near(cells, single.to_numpy(), totals.to_numpy()):
        return cells[:0]
    sums = cells[single].groupby(_CELL, observed=True)["population"].agg(["count", "sum"])
    sums = sums[sums["count"] == _SINGLE_YEARS]
    stated = cells[totals].set_index(_CELL)["population"]
    compared = sums.join(stated, how="inner").dropna()
    # ONS rounds each figure separately: half a person for each age.
    return compared[(compared["sum"] - compared["population"]).abs() > _SINGLE_YEARS / 2]


def _sums_are_near(cells: pd.DataFrame, single: np.ndarray, totals: np.ndarray) -> bool:
    """Return whether every sum is clearly within its limit, without a look at each."""
    import numpy as np

    found = _row_numbers.numbered(cells, _CELL)
    if found is None:
        return False
    numbers, size = found
    people = cells["population"].to_numpy()
    known = ~np.isnan(people)
    single, totals = single & known, totals & known
    counts = np.bincount(numbers[single], minlength=size)
    sums = np.bincount(numbers[single], people[single], minlength=size)
    stated = numbers[totals]
    apart = np.abs(sums[stated] - people[totals]) * (counts[stated] == _SINGLE_YEARS)
    return bool((apart < _SINGLE_YEARS / 2 - 1e-3).all())


def of_ages(cells: pd.DataFrame, ages: tuple[int, int] | None) -> pd.DataFrame:
    """Keep the cells of a range of ages: single years if there are any, else bands."""
    # If there is a band of exactly these ages, it is kept, otherwise all bands within them.
    kinds = cells["ages"].cat.categories
    there = set(cells["ages"].cat.codes.unique().tolist())
    present = [kind for code, kind in enumerate(kinds) if code in there]
    single = [kind for kind in present if is_single(kind)]
    # Bands and single years together would count people twice.
    kept = single or present
    if ages is not None:
        low, high = _range(ages)
        exact = [kind for kind in kept if not single and bounds(kind) == (low, high)]
        kept = exact or [
            kind for kind in kept if low <= bounds(kind)[0] and bounds(kind)[1] <= high
        ]
        if not kept:
            raise MissingDataError(
                f"The table has no ages within {low}-{high}. It has {some(present)}."
            )
    return cells if len(kept) == len(present) else cells[cells["ages"].isin(kept)]


def _range(ages: Any) -> tuple[int, int]:
    whole = isinstance(ages, Sequence) and len(ages) == 2 and all(map(is_whole, ages))
    if not whole or not 0 <= ages[0] <= ages[1]:
        raise UsageError(
            f"ages={ages!r} is not a range of ages. Write the first and the last, such as (0, 17); "
            "90 stands for 90 and over."
        )
    return ages[0], min(ages[1], 90)


def is_single(label: str) -> bool:
    """Return whether a label is a single year of age, or 90 and over."""
    return label.isdigit() or label == "90+"


def bounds(label: str) -> tuple[int, int]:
    """Return the first and last age of a label; 90 stands for 90 and over."""
    ages = read_band(label)
    if ages is None:
        raise UsageError(f"{label!r} is not an age band. Write '5', '0-17' or '90+'.")
    return ages[0], 90 if ages[1] == OPEN else ages[1]


def sex_of(word: object) -> str | None:
    """Return persons, females or males for a word that tables have for a sex, in any case."""
    return SEXES.get(str(word).strip().lower())


def covers(bands: Sequence[tuple[int, int]], ages: tuple[int, int]) -> bool:
    """Return whether sorted age bands cover a range of ages, each age once."""
    follow = all(before[1] + 1 == after[0] for before, after in itertools.pairwise(bands))
    return bool(bands) and follow and (bands[0][0], bands[-1][1]) == ages


def coverings(labels: Iterable[str], ages: tuple[int, int]) -> list[list[str]]:
    """Return the labels that cover a range of ages: one band, single years, or several bands."""
    known = {label: bounds(label) for label in labels}
    inside = sorted(
        (each for each in known if ages[0] <= known[each][0] and known[each][1] <= ages[1]),
        key=known.__getitem__,
    )
    whole = [each for each in inside if known[each] == ages]
    single = [each for each in inside if is_single(each)]
    bands = [each for each in inside if each not in (*whole, *single)]
    kinds = [each for each in (whole, single, bands) if covers([known[one] for one in each], ages)]
    return [each for place, each in enumerate(kinds) if each not in kinds[:place]]


def without_empty_areas(cells: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Leave out areas without figures, and those with gaps, whose sums would be wrong."""
    missing = cells["population"].isna()
    if not missing.any():
        return cells
    whole = missing.groupby([cells["area_code"], cells["sex"]], observed=True).transform("all")
    gaps = missing & ~whole
    if whole.any():
        areas = some(cells.loc[whole, "area_code"].unique())
        remark(f"{name!r}: areas without figures are left out: {areas}.")
    if not gaps.any():
        return cells[~whole]
    row = cells[gaps].iloc[0]
    return _without(
        cells[~whole],
        cells.loc[gaps, "area_code"].unique(),
        f"{name!r} has no figure for {row['area_code']} {row['sex']} {row['year']} age "
        f"{row['ages']} ({int(gaps.sum())} cases).",
        "Download the table again.",
    )


def _without(cells: pd.DataFrame, areas: Sequence[Any], problem: str, advice: str) -> pd.DataFrame:
    """Return the cells without some areas; if these are half of them or more, raise an error."""
    leave_out(
        len(areas),
        cells["area_code"].nunique(),
        said=problem,
        advice=advice,
        what=f"areas ({some(areas)})",
    )
    return cells[~cells["area_code"].isin(list(areas))]
