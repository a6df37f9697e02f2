"""Standard populations by age band, for standardised rates."""

from __future__ import annotations

import itertools
import re
from collections.abc import Hashable, Iterable, Mapping
from typing import Final, Literal, cast

import pandas as pd

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import UsageError, choice, some
from bolton_jsna.measures._facts import facts
from bolton_jsna.measures.age_groups import Bands, BandSet, bands_of, closed, set_of_labels

StandardName = Literal["esp2013", "esp2013_0_19"]
NAMES: Final = ("esp2013", "esp2013_0_19")
OPEN: Final = 200
"""The upper age of a band that has none."""

_BAND = re.compile(
    r"(?P<low>\d+) *(?:(?:-|\u2013|to) *(?P<high>\d+)|(?P<open>\+|(?:and|or) (?:over|above)))?"
)
_UNDER = re.compile(r"(?:<|under) *1")


def band_ages(band: object) -> tuple[int, int]:
    """Return the first and last age of a band's label."""
    text = str(band).strip().lower().removeprefix("aged ").removesuffix(" years")
    if _UNDER.fullmatch(text):
        return 0, 0
    found = _BAND.fullmatch(text)
    if not found:
        raise UsageError(
            f"{band!r} is not an age band. Write '0-4', '90+', 'under 1' or one age, or give a "
            "standard of your own, whose bands may have any name."
        )
    low = int(found["low"])
    high = OPEN if found["open"] else int(found["high"] or low)
    if high < low:
        raise UsageError(f"The age band {band!r} ends before it begins. Write the lower age first.")
    return low, high


@checked
def standard_population(
    name: StandardName = "esp2013",
    *,
    bands: Bands | BandSet | Iterable[object] | None = None,
    split: bool = False,
) -> pd.DataFrame:
    """Return a standard population by age band.

    Parameters
    ----------
    name : {"esp2013", "esp2013_0_19"}
        The European Standard Population 2013, or its ages 0 to 19.
    bands : iterable of str or int, str or mapping, optional
        The bands wanted, as labels such as ``5-9`` or ``90+``, in any number; without it, those
        that were published. Or bands of children as
        :func:`~bolton_jsna.measures.event_counts.count_events` takes them: ``"dfe"``,
        ``"chapter_2012"`` or a mapping. A band of children without a last age ends at 17, and so
        does "16 and over" as a label next to other bands of DfE.
    split : bool, default False
        Allow bands that cut a published one, whose people are then taken to be spread evenly over
        its ages.

    Returns
    -------
    DataFrame, shape (number of bands, 2)
        ``age_band`` (as given) and ``standard`` (people of the standard, 100,000 at all ages).

    Raises
    ------
    UsageError
        When the standard is not known, two bands overlap, a band cuts a published one, or lies
        outside the standard.

    Notes
    -----
    Eurostat, Revision of the European Standard Population, 2013 edition, doi:10.2785/11470. For
    children the standard has few bands. A child population of England as your own standard
    shows more; name it with the rate.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> jsna.standard_population("esp2013_0_19")["standard"].tolist()
    [1000.0, 4000.0, 5500.0, 5500.0, 5500.0]
    >>> children = jsna.standard_population(bands=["0-4", "5-9", "10-15", "16-17"], split=True)
    >>> children["standard"].tolist()
    [5000.0, 5500.0, 6600.0, 2200.0]
    >>> jsna.standard_population(bands="dfe", split=True)["standard"].tolist()
    [1000.0, 4000.0, 5500.0, 6600.0, 2200.0]
    """
    choice("name", name, NAMES)
    published = _published(name)
    if bands is None:
        wanted = list(published)
        given: list[object] = [_label(*ages) for ages in wanted]
    else:
        given, wanted = _wanted(bands)
    ordered = sorted(zip(wanted, given, strict=True), key=lambda each: each[0])
    for (before, first), (after, second) in itertools.pairwise(ordered):
        if after[0] <= before[1]:
            raise UsageError(f"The age bands {first!r} and {second!r} overlap. Give each age once.")
    people = [
        _people(ages, band, published, name=name, split=split)
        for ages, band in zip(wanted, given, strict=True)
    ]
    return pd.DataFrame({"age_band": given, "standard": people})


def _wanted(
    bands: Bands | BandSet | Iterable[object],
) -> tuple[list[object], list[tuple[int, int]]]:
    """Return the labels of bands and their ages."""
    if isinstance(bands, str | Mapping):
        spans = closed(bands_of(cast("Bands | BandSet", bands)))
        return list(spans), list(spans.values())
    # What cannot be a key, such as a list of ages, is not the label of a band.
    given = list(dict.fromkeys(each if isinstance(each, Hashable) else str(each) for each in bands))
    known = set_of_labels(given)
    if known is not None:
        spans = closed(known)
        return given, [spans[str(band)] for band in given]
    return given, [band_ages(band) for band in given]


def total(name: StandardName) -> float:
    """Return the number of people in a standard population."""
    choice("name", name, NAMES)
    return float(sum(_published(name).values()))


def _people(
    ages: tuple[int, int],
    band: object,
    published: dict[tuple[int, int], float],
    *,
    name: str,
    split: bool,
) -> float:
    first, last = min(published)[0], max(published)[1]
    if ages[0] < first or ages[1] > last:
        raise UsageError(
            f"The age band {band!r} goes beyond the ages of {name!r}, {first} to {last}."
        )
    people = 0.0
    for (low, high), number in published.items():
        shared = min(high, ages[1]) - max(low, ages[0]) + 1
        if shared <= 0:
            continue
        if shared < high - low + 1 and (not split or high == OPEN):
            raise UsageError(
                f"The age band {band!r} cuts the band {_label(low, high)!r} of {name!r}. Use "
                f"bands that end where it does ({some(_label(*each) for each in published)}), "
                "standard_population(bands=..., split=True), or a standard of your own."
            )
        people += number * shared / (high - low + 1)
    return people


def _label(low: int, high: int) -> str:
    return f"{low}+" if high == OPEN else str(low) if low == high else f"{low}-{high}"


def _published(name: str) -> dict[tuple[int, int], float]:
    standards = facts("standard_populations.toml")
    entry = standards[name]
    whole = entry if "bands" in entry else standards[entry["part_of"]]
    limit = entry.get("to", OPEN)
    return {
        (band["from"], band.get("to", OPEN)): float(band["people"])
        for band in whole["bands"]
        if band.get("to", OPEN) <= limit
    }
