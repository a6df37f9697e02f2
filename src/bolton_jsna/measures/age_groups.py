"""Age bands that children are counted by: named sets, or your own bands."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Final, Literal

import pandas as pd

from bolton_jsna.core.errors import UsageError, choice
from bolton_jsna.measures._facts import facts

Bands = Mapping[str, tuple[int, int | None]]
"""Age bands by name, first and last age in completed years; None for a band without a last age."""

BandSet = Literal["dfe", "chapter_2012"]
NAMES: Final[tuple[BandSet, ...]] = ("dfe", "chapter_2012")

UNBORN: Final = "Unborn"
OTHER_AGES: Final = "Other ages"
"""Ages that are known and outside all bands."""

LAST_AGE: Final = 17
"""The last age in the denominator of a band without an upper end."""


def _named(name: str) -> Bands:
    return {
        band["name"]: (band["from"], band.get("to"))
        for band in facts("age_groups.toml")[name]["bands"]
    }


DFE_BANDS: Final[Bands] = _named("dfe")
"""The age bands of DfE's children in need releases. Children of 18 and over who are still on a plan
are in ``16 and over``; unborn children have a row of their own, ``Unborn``."""

CHAPTER_2012_BANDS: Final[Bands] = _named("chapter_2012")
"""The age bands printed in Bolton's chapter of 2012. The printed ``5-16`` and ``16+`` overlap; a
child of 16 is counted in ``16+``, with which the chapter's shares agree. Unborn children have a row
of their own, ``Unborn``."""


def bands_of(bands: Bands | BandSet) -> Bands:
    """Return the age bands of a named set, or those given, checked."""
    if isinstance(bands, str):
        choice("bands", bands, NAMES)
        return _named(bands)
    if not bands:
        raise UsageError(f"bands= has no age band. Give some, or the name of a set: {NAMES}.")
    for name, (first, last) in bands.items():
        if last is not None and first > last:
            raise UsageError(
                f"The age band {name!r} ends before it begins: {first} to {last}. "
                "Write the lower age first."
            )
    ordered = sorted(bands, key=lambda name: bands[name][0])
    for before, after in itertools.pairwise(ordered):
        last, first = bands[before][1], bands[after][0]
        if last is None or first <= last:
            raise UsageError(
                f"The age bands {before!r} and {after!r} overlap at age {first}. Let each band end "
                "before the next begins, so that a child is counted once. For the bands of the "
                'chapter of 2012 give bands="chapter_2012".'
            )
    return bands


def closed(bands: Bands, last: int = LAST_AGE) -> dict[str, tuple[int, int]]:
    """Return the first and last age of each band whose children can be counted in a population."""
    ends = {name: last if end is None else end for name, (_, end) in bands.items()}
    return {name: (first, ends[name]) for name, (first, _) in bands.items() if first <= ends[name]}


def set_of_labels(labels: Iterable[object]) -> Bands | None:
    """Return the named set that all labels belong to, if its open band is among them."""
    # "16 and over" is everybody from 16 elsewhere; next to DfE's other bands it is children.
    given = set(labels)
    for name in NAMES:
        bands = _named(name)
        ends = {band for band, (_, last) in bands.items() if last is None}
        if ends <= given <= set(bands) and len(given) > 1:
            return bands
    return None


def banded(age: pd.Series, bands: Bands, *, unknown: str) -> pd.Series:
    """Return the name of the band of each age."""
    years = age.astype("Float64").astype(float)
    found = pd.Series(OTHER_AGES, index=age.index, dtype=object)
    found[years.isna()] = unknown
    found[years < 0] = UNBORN
    for name, (first, last) in bands.items():
        found[years.between(first, float("inf") if last is None else last)] = name
    return found
