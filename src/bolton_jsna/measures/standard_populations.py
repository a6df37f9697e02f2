"""Standard populations by age band, for standardised rates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, cast

import pandas as pd

from bolton_jsna.core.age_bands import OPEN, Ages, read_band, reject_overlaps, written
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import UsageError, choice, some
from bolton_jsna.measures._facts import facts
from bolton_jsna.measures.age_groups import (
    LAST_AGE,
    Bands,
    BandSet,
    bands_of,
    closed,
    set_of_labels,
    spans_of,
)

StandardName = Literal["esp2013", "esp2013_0_19"]
NAMES: Final = ("esp2013", "esp2013_0_19")


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
        does "16 and over" as a label next to other bands of DfE. Any other label that begins at 17
        or below and has no last age is rejected: it may be of children or of all ages.
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
        When the standard is not known, two bands overlap, a band cuts a published one, lies
        outside the standard, or may end at 17 or have no end.

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
        wanted: dict[Any, Ages] = {written(ages): ages for ages in published}
    elif isinstance(bands, str | Mapping):
        wanted = dict(closed(bands_of(cast("Bands | BandSet", bands))))
    else:
        wanted = spans_of(bands)
        _one_end(wanted)
    # Two labels of one band would count its people twice.
    reject_overlaps(wanted.items())
    people = [
        _people(ages, band, published, name=name, split=split, every=wanted)
        for band, ages in wanted.items()
    ]
    return pd.DataFrame({"age_band": list(wanted), "standard": people})


def _one_end(spans: Mapping[Any, Ages]) -> None:
    """Reject a label whose people may be children up to 17, or everybody from its first age."""
    for label, (first, last) in spans.items():
        if first <= LAST_AGE and last == OPEN:
            children = _mapping({**spans, label: (first, LAST_AGE)})
            raise UsageError(
                f"The age band {label!r} has no last age. Populations of children end at "
                f"{LAST_AGE} and the standard has all ages, so that its weight may be wrong. For "
                f"children write {written((first, LAST_AGE))!r} in the rows and here, or give "
                f"standard_population(bands={children}, split=True). If the populations are of "
                f"all ages, write {label!r}: {(first, OPEN)} there."
            )


def _mapping(spans: Mapping[Any, Ages]) -> str:
    """Return age bands as a mapping, for a message."""
    return f"{{{', '.join(f'{label!r}: {ages}' for label, ages in spans.items())}}}"


def in_bands(bands: Iterable[object], name: StandardName = "esp2013") -> str:
    """Return the call that gives a standard population in some bands, for a message."""
    given = list(bands)
    known = set_of_labels(given)
    shown = repr(known) if known else f"[{', '.join(map(repr, given))}]"
    if (
        not known
        and isinstance(bands, Mapping)
        and any(read_band(label) != ages for label, ages in bands.items())
    ):
        shown = _mapping(bands)
    named = "" if name == "esp2013" else f"{name!r}, "
    return f"standard_population({named}bands={shown}, split=True)"


def total(name: StandardName) -> float:
    """Return the number of people in a standard population."""
    choice("name", name, NAMES)
    return float(sum(_published(name).values()))


def _people(
    ages: tuple[int, int],
    band: object,
    published: dict[tuple[int, int], float],
    *,
    name: StandardName,
    split: bool,
    every: Mapping[Any, Ages],
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
                f"The age band {band!r} cuts the band {written((low, high))!r} of {name!r}. Use "
                f"bands that end where it does ({some(written(each) for each in published)}), "
                f"spread its people evenly over ages with {in_bands(every, name)}, or give a "
                "standard of your own."
            )
        people += number * shared / (high - low + 1)
    return people


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
