"""The label of each event in each dimension, and the values that a dimension has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from bolton_jsna.core.errors import VintageError, some
from bolton_jsna.core.naming import is_label
from bolton_jsna.measures.age_groups import DFE_BANDS, UNBORN, Bands, BandSet, banded, bands_of
from bolton_jsna.tables.local.layouts import ethnic_groups, words

ALL: Final = "All"
"""The value of a dimension in a margin."""

NOT_KNOWN: Final = "Not known"
ELSEWHERE: Final = "Elsewhere or not known"
OTHER_WORDS: Final = "Other words"

AGE_BANDS: Final[Bands] = DFE_BANDS
"""The age bands of a count that names no others."""

PLACES: Final = ("area_code", "lsoa_code")


def features(
    events: pd.DataFrame,
    by: Sequence[str],
    *,
    year: int,
    lookup: pd.DataFrame | None,
    bands: Bands,
    ages: pd.Series | None,
) -> pd.DataFrame:
    """Return the label of every event in every dimension."""
    labels = pd.DataFrame(index=events.index)
    labels["_year"] = year
    labels["child_id"] = events["child_id"].astype(object)
    for name in by:
        if name == "year":
            labels[name] = year
        elif name in PLACES and lookup is not None:
            labels[name] = _placed(events["lsoa_code"], lookup, name, year)
        elif name == "age_band" and ages is not None:
            labels[name] = banded(ages, bands, unknown=NOT_KNOWN)
        elif name == "sex":
            sex = events["sex"].astype(object)
            labels[name] = sex.where(sex.isin(["female", "male"]), NOT_KNOWN)
        elif name == "ethnic_group":
            group = events["ethnicity"].astype(object).map(ethnic_groups())
            labels[name] = group.where(group.notna(), "Not stated")
        else:
            word = events[name].astype(object)
            labels[name] = word.where(word.notna(), NOT_KNOWN)
    return labels


def _placed(lsoa: pd.Series, lookup: pd.DataFrame, name: str, year: int) -> pd.Series:
    known = lookup.set_index("from_code")["to_code"].astype(object)
    area = lsoa.astype(object).map(known)
    given = lsoa.notna()
    strange = lsoa[given & area.isna()]
    if len(strange) * 2 > given.sum() > 0:
        raise VintageError(
            f"{len(strange)} of {int(given.sum())} events of {year} have an LSOA that the lookup "
            f"({some(lookup['from_geography'].unique()) if 'from_geography' in lookup else 'LSOA'})"
            " does not have. Use the lookup of the LSOAs that the records were coded to."
        )
    found = area if name == "area_code" else lsoa.astype(object).where(area.notna())
    return found.where(found.notna(), ELSEWHERE)


def worded(labels: pd.Series, children: pd.Series, name: str, rare: int) -> pd.Series:
    """Return labels in which rare words that are not standard become "Other words"."""
    known = {*words(name), NOT_KNOWN}
    strange = ~labels.isin(known)
    if not strange.any():
        return labels
    # A word becomes the name of a row, in files that are read and printed later.
    labels = labels.where(~strange, labels.map(lambda word: " ".join(str(word).split())))
    labels = labels.where(~strange | labels.map(is_label), OTHER_WORDS)
    many = children[strange].groupby(labels[strange]).nunique()
    common = set(many.index[many >= rare])
    return labels.where(~strange | labels.isin(common), OTHER_WORDS)


def levels_of(name: str, labels: pd.Series, bands: Bands) -> list[object]:
    """Return the values of a dimension in the order in which they are written."""
    seen = set(labels)
    if name == "year":
        return sorted(seen)
    fixed = usual_levels(name, bands)
    always = set(bands) | {"female", "male"} if name in {"age_band", "sex"} else set()
    ordered = [each for each in fixed if each in seen | always]
    rest = sorted(str(each) for each in seen - set(ordered) - {OTHER_WORDS, NOT_KNOWN})
    return [*ordered, *rest, *(each for each in (OTHER_WORDS, NOT_KNOWN) if each in seen)]


def usual_levels(name: str, bands: Bands | BandSet = AGE_BANDS) -> list[str]:
    """Return the values of a dimension that are expected of any authority."""
    fixed = {
        "age_band": [UNBORN, *bands_of(bands)],
        "sex": ["female", "male"],
        "ethnic_group": [*dict.fromkeys(ethnic_groups().values())],
    }
    return fixed.get(name) or [*words(name)]
