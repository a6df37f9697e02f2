"""People by age and sex from a frame: ages read, put into bands, checked and added up."""

from __future__ import annotations

import itertools
import re
from typing import Any, Final

import pandas as pd

from bolton_jsna.charts import _frames
from bolton_jsna.core.comparable_rows import TOTALS
from bolton_jsna.core.errors import UsageError, some
from bolton_jsna.core.states import NUMERIC, state_of_sum

_SEXES: Final = {"f": "Females", "w": "Females", "m": "Males"}
"""By the first letter: females, women; males, men."""

PERSONS: Final = "Persons"
"""Both sexes together, whose bars are on one side."""

_MANY: Final = 25
"""More single years of age than this are put into bands of five."""

_OPEN: Final = 85
"""A last age alone in its band, from this age on, stands for it and all above, as ONS has it."""


class People:
    """The columns of a frame of people, and how its ages are put into bands."""

    def __init__(self, age: str, sex: str, value: str, bands: int | None) -> None:
        self.age, self.sex, self.value, self.bands = age, sex, value, bands

    def of(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return a row for each band and sex, the oldest first: _band, _from, _to, _sex, _n."""
        words = table[self.sex].astype(str).str.strip().str.lower()
        sexes = words.str[:1].map(_SEXES)
        if not sexes.notna().any():
            sexes = words.isin(TOTALS).map({True: PERSONS})
        if set(sexes.dropna()) not in (set(_SEXES.values()), {PERSONS}):
            raise UsageError(
                f"{self.sex!r} has {some(table[self.sex].astype(str).unique())}; a pyramid needs "
                "females and males, or persons. Use a file of estimates or projections by sex."
            )
        own = table.assign(_sex=sexes)[sexes.notna()].copy()
        _frames.one_each(own, [self.age, self.sex], "age and sex")
        read = [_ages(each) for each in own[self.age]]
        if None in read:
            wrong = own.loc[[each is None for each in read], self.age]
            raise UsageError(
                f"{self.age!r} has {some(wrong.astype(str).unique())}, which is not an age. Write "
                "years such as 4, or bands such as 0-4, '0 to 4' or 90+."
            )
        own["_from"], own["_to"] = zip(*(each for each in read if each), strict=True)
        own = self._banded(own.sort_values(["_from", "_to", "_sex"], ignore_index=True))
        self._complete(own)
        groups = own.groupby(["_from", "_to", "_band", "_sex"], sort=False)
        found = groups.agg(
            _n=(self.value, lambda each: each.sum(skipna=False)), status=("status", state_of_sum)
        ).reset_index()
        found.loc[~found["status"].isin(NUMERIC), "_n"] = float("nan")
        return found.sort_values(["_from", "_sex"], ascending=[False, True], ignore_index=True)

    def _complete(self, own: pd.DataFrame) -> None:
        """Reject ages that overlap or are left out, and a number below zero."""
        below = own[self.value] < 0
        if below.any():
            raise UsageError(
                f"{self.value!r} has {own.loc[below, self.value].iloc[0]:g}; expected numbers of "
                "people from zero."
            )
        sexes = own.groupby("_band")["_sex"].nunique()
        short = sexes < own["_sex"].nunique()
        if short.any():
            raise UsageError(
                f"The age {sexes.index[short][0]} has one sex only. Add a row of the other, "
                "with the status 'not_available' if its number is not known."
            )
        bands = own[["_from", "_to", "_band"]].drop_duplicates().sort_values(["_from", "_to"])
        pairs = itertools.pairwise(bands.itertuples(index=False, name=None))
        for (_, end, name), (begin, _, other) in pairs:
            if begin <= end:
                raise UsageError(
                    f"The ages {name} and {other} overlap. Choose ages of which each person is in "
                    "one, without rows of totals."
                )
            if begin > end + 1:
                raise UsageError(
                    f"The ages between {name} and {other} are left out. Add them, with the status "
                    "'not_available' if their numbers are not known."
                )

    def _banded(self, own: pd.DataFrame) -> pd.DataFrame:
        """Put single years into bands; bands of the frame stay as they are."""
        single = (own["_from"] == own["_to"]).all()
        years = self.bands or (5 if single and own["_from"].nunique() > _MANY else 1)
        if years > 1 and not single:
            raise UsageError(
                f"bands={years} needs single years of age, and {self.age!r} has bands already. "
                "Leave bands= out."
            )
        last = own["_from"].max()
        if years > 1:
            own["_from"] = own["_from"] // years * years
            ages = own.groupby("_from")["_to"].nunique()
            short = ages[(ages < years) & ~((ages.index == last) & (last >= _OPEN))]
            if len(short):
                raise UsageError(
                    f"The ages of {self.age!r} do not fill bands of {years} years: that from "
                    f"{short.index[0]} has {short.iloc[0]}. Choose another number for bands=, or "
                    "leave the ages of that band out."
                )
            own["_to"] = own.groupby("_from")["_to"].transform("max")
        open_end = single & (own["_to"] == last) & (own["_from"] == last) & (last >= _OPEN)
        own["_band"] = [
            _written(low, None if is_open else high)
            for low, high, is_open in zip(own["_from"], own["_to"], open_end, strict=True)
        ]
        return own


def _ages(value: Any) -> tuple[int, int] | None:
    """Return the first and last year of an age or band; None where it is neither."""
    text = str(value).strip().lower().removesuffix(".0")
    if match := re.fullmatch(r"(\d{1,3})", text):
        return int(match[1]), int(match[1])
    if match := re.fullmatch(r"(\d{1,3})\s*(?:-|\u2013|to)\s*(\d{1,3})(?: years)?", text):
        return int(match[1]), int(match[2])
    if match := re.fullmatch(r"(\d{1,3})\s*(?:\+|and over)", text):
        return int(match[1]), 200
    return None


def _written(low: int, high: int | None) -> str:
    if high is None or high >= 200:
        return f"{low} and over"
    return str(low) if low == high else f"{low} to {high}"
