"""Age bands that children are counted by: named sets, or your own bands."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Final, Literal

import pandas as pd

from bolton_jsna.core.age_bands import OPEN, Ages, read_band, read_bands, reject_overlaps
from bolton_jsna.core.arguments import is_whole
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


def bands_of(bands: Bands | BandSet | Iterable[object]) -> Bands:
    """Return the age bands of a named set, a mapping or labels, checked."""
    if isinstance(bands, str):
        choice("bands", bands, NAMES)
        return _named(bands)
    if not isinstance(bands, Iterable):
        raise UsageError(
            f"bands={bands!r} has no age band. Give labels such as ['0-4', '5-9'], or the name "
            f"of a set: {NAMES}."
        )
    if not isinstance(bands, Mapping):
        spans = spans_of(bands)
        named = {str(label): (first, _end(last)) for label, (first, last) in spans.items()}
        return bands_of(named) if named else bands_of({})
    if not bands:
        raise UsageError(f"bands= has no age band. Give some, or the name of a set: {NAMES}.")
    read: dict[str, Ages] = {}
    for name, given in bands.items():
        first, last = _pair(name, given)
        if last is not None and first > last:
            raise UsageError(
                f"The age band {name!r} ends before it begins: {first} to {last}. "
                "Write the lower age first."
            )
        read[name] = first, OPEN if last is None else last
    reject_overlaps(
        read.items(), ' For the bands of the chapter of 2012 give bands="chapter_2012".'
    )
    return bands


def _pair(name: object, ages: Any) -> tuple[int, int | None]:
    pair = isinstance(ages, tuple | list) and len(ages) == 2
    if not pair or not is_whole(ages[0]) or not (ages[1] is None or is_whole(ages[1])):
        raise UsageError(
            f"bands= has {name!r}: {ages!r}; expected the first and the last age, such as (5, 9), "
            "or (16, None) for a band without a last age."
        )
    return ages[0], ages[1]


def _end(last: int) -> int | None:
    return None if last == OPEN else last


def closed(bands: Bands, last: int = LAST_AGE) -> dict[str, tuple[int, int]]:
    """Return the first and last age of each band whose children can be counted in a population."""
    ends = {name: last if end is None else end for name, (_, end) in bands.items()}
    return {name: (first, ends[name]) for name, (first, _) in bands.items() if first <= ends[name]}


def set_of_labels(labels: Iterable[object]) -> BandSet | None:
    """Return the named set that all labels belong to, if its open band is among them."""
    # "16 and over" is everybody from 16 elsewhere; next to DfE's other bands it is children.
    given = {read_band(label) for label in labels}
    for name in NAMES:
        printed = {read_band(band): last for band, (_, last) in _named(name).items()}
        ends = {ages for ages, last in printed.items() if last is None}
        if ends <= given <= set(printed) and len(given) > 1:
            return name
    return None


def spans_of(labels: Iterable[object], last: int = OPEN) -> dict[Any, Ages]:
    """Return the ages of each label, as counted where the labels are those of a named set."""
    # What cannot be a key, such as a list of ages, is not the label of a band.
    given = list(
        dict.fromkeys(each if isinstance(each, Hashable) else str(each) for each in labels)
    )
    known = set_of_labels(given)
    if known is None:
        _one_meaning(given)
        found = read_bands(given)
    else:
        bands = _named(known)
        counted = {
            read_band(band): ages for band, ages in closed(bands, min(last, LAST_AGE)).items()
        }
        # A band that begins after the last age has no children.
        found = {label: counted.get(read_band(label), (OPEN, OPEN)) for label in given}
    return {label: (first, min(end, last)) for label, (first, end) in found.items()}


def _one_meaning(labels: Iterable[object]) -> None:
    """Reject a label that holds other ages in a named set than it shows, without the others."""
    given = set(labels)
    for name in NAMES:
        bands = _named(name)
        for band in [each for each in bands if each in given] if given <= set(bands) else []:
            first, last = bands[band]
            shown = read_band(band)
            if shown != (first, OPEN if last is None else last):
                raise UsageError(
                    f"The age band {band!r} holds the ages {first} to {last} in bands={name!r}, "
                    f"and those it shows elsewhere. Give bands={name!r}, or "
                    f"bands={{{band!r}: {shown}}}."
                )


def banded(age: pd.Series, bands: Bands, *, unknown: str) -> pd.Series:
    """Return the name of the band of each age."""
    years = age.astype("Float64").astype(float)
    found = pd.Series(OTHER_AGES, index=age.index, dtype=object)
    found[years.isna()] = unknown
    found[years < 0] = UNBORN
    for name, (first, last) in bands.items():
        found[years.between(first, float("inf") if last is None else last)] = name
    return found
