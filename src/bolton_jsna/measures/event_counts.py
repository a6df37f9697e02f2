"""Tables of events by ward, LSOA, age, sex, ethnicity, category, source and year."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

import pandas as pd

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import MissingDataError, SchemaError, UsageError, choice, some
from bolton_jsna.core.table_checks import check_columns, check_table
from bolton_jsna.core.years import reporting_year, several_in_words, several_years
from bolton_jsna.measures.age_groups import Bands, BandSet, bands_of
from bolton_jsna.measures.event_dimensions import (
    AGE_BANDS,
    ALL,
    ELSEWHERE,
    PLACES,
    features,
    levels_of,
    worded,
)
from bolton_jsna.measures.events import EVENTS, Event, ages_counted, events_of

Of = Literal["events", "children"]

DIMENSIONS: Final = (
    "area_code",
    "lsoa_code",
    "year",
    "age_band",
    "sex",
    "ethnicity",
    "ethnic_group",
    "category",
    "referral_source",
)
"""What events can be counted by."""


@checked
def count_events(
    records: pd.DataFrame,
    event: Event,
    *,
    years: Iterable[int] | int,
    by: str | Sequence[str] = ("area_code", "year"),
    lookup: pd.DataFrame | Mapping[int, pd.DataFrame] | None = None,
    of: Of = "events",
    bands: Bands | BandSet | Iterable[object] = AGE_BANDS,
    margins: bool = False,
    rare: int = 10,
) -> pd.DataFrame:
    """Count events, or the children they happened to, by any of their features.

    The table is complete: combinations that did not occur have zeros, and events whose area,
    age or other feature is not known have their own row, so that rows add up to the events
    of the authority. It is not protected: use ``suppress`` before you share it.

    Parameters
    ----------
    records : DataFrame
        The ``local_records`` table, one row per event.
    event : {"referrals", "cpp_started", "cpp_at_31_march"}
        What is counted.
    years : int or iterable of int
        Years ending 31 March, which the records must reach.
    by : str or sequence of str
        Of :data:`DIMENSIONS`; ``area_code`` and ``lsoa_code`` need a lookup.
    lookup : DataFrame or mapping of int to DataFrame, optional
        A ``lookup`` table from LSOAs to areas, for all years. Or one for each year of the
        areas (2017, 2023): each year of events then takes the areas in force at its end, the last
        that came into being before that year began its last 31 March (wards change in May).
    of : {"events", "children"}
        ``"children"`` counts a child once a year, at the first event in that year; a row of
        several years adds up to children in each.
    bands : {"dfe", "chapter_2012"}, labels or Mapping of str to (int, int or None)
        A named set of age bands (``DFE_BANDS``, ``CHAPTER_2012_BANDS``), labels of your own such
        as ``["0-4", "5-9", "10-17"]``, or bands by any name with their first and last age, None
        for a band without a last age. Of plans at 31
        March the age is that on 31 March of each year; of referrals and plans started it is that
        on the day of the event. Where a record has an age and no birth date, the age on 31 March
        is estimated (:func:`~bolton_jsna.measures.events.ages_counted`). Unborn children are in
        ``"Unborn"``, and an age outside all bands in ``"Other ages"``.
    margins : bool, default False
        Add the rows with ``"All"`` in every set of dimensions.
    rare : int, default 10
        A category, source or ethnicity that is not among the words of the census is free
        text: with fewer children than this it is counted as ``"Other words"``, and so is a
        text that is too long to name a row or not safe to print.

    Returns
    -------
    DataFrame
        The columns of ``by`` and ``count`` (Int64), in order of the dimensions. Counts that are
        not by year also have ``year``, unless there are margins: the year, or the first and last
        of those added up, such as ``2023 to 2025``, to which no population of one year belongs.

    Raises
    ------
    UsageError
        When a dimension, event, year or age band is not valid, or a lookup is missing or sends
        an LSOA to several areas.
    SchemaError
        When ``records`` has no such column.
    MissingDataError
        When the records have nothing of the kind, or a year lies before the first of them or after
        the last. A plan without an end counts as open in every later year.
    VintageError
        When most LSOAs of the records are not in the lookup.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> records = jsna.load_local_records().records
    >>> wards = count_events(
    ...     records, "referrals", years=[2024, 2025], lookup=jsna.load_lookup("Bolton")
    ... )
    >>> len(wards), int(wards["count"].sum())
    (42, 7590)
    >>> children = count_events(records, "referrals", years=2025, by="sex", of="children")
    >>> children.columns.tolist()
    ['sex', 'year', 'count']
    >>> int(children["count"].sum())
    3425
    """
    by = [by] if isinstance(by, str) else list(by)
    every = _years_asked(years)
    bands = bands_of(bands)
    choice("of", of, ("events", "children"))
    choice("event", event, EVENTS)
    _check_options(records, by)
    _covered(records, event, every)
    places = [name for name in by if name in PLACES]
    if places and lookup is None:
        raise UsageError(f"Counting by {some(places)} needs lookup=. Make it with load_lookup.")
    counted = []
    for year in every:
        events = events_of(records, event, year)
        if of == "children":
            events = events.sort_values("date", kind="stable").drop_duplicates("child_id")
        here = _lookup_of(lookup, year) if places else None
        ages = ages_counted(events, event, year) if "age_band" in by else None
        counted.append(features(events, by, year=year, lookup=here, bands=bands, ages=ages))
    labels = pd.concat(counted, ignore_index=True)
    children = pd.concat([each["child_id"] for each in counted], ignore_index=True)
    for name in ("category", "referral_source", "ethnicity"):
        if name in by:
            labels[name] = worded(labels[name], children, name, rare)
    levels = {name: levels_of(name, labels[name], bands) for name in by if name not in places}
    frames = []
    for year in every:
        rows = labels[labels["_year"] == year]
        own = dict(levels) | ({"year": [year]} if "year" in by else {})
        here = _lookup_of(lookup, year) if places else None
        frames.append(_whole(rows, by, own, here))
    table = pd.concat(frames, ignore_index=True)
    if "year" not in by:
        table = table.groupby(by, sort=False, as_index=False, observed=True)["count"].sum()
    if margins:
        table = _with_margins(table, by)
    elif "year" not in by:
        # The populations of a table are found by its year; several added up have none.
        table.insert(len(by), "year", every[0] if len(every) == 1 else several_in_words(every))
    return table.astype({"count": "Int64"})


def _check_dimensions(option: str, by: Sequence[str]) -> None:
    if not by or len(set(by)) != len(by):
        raise UsageError(
            f"{option}={by!r} names no dimension or one twice. Use some of {some(DIMENSIONS, 20)}."
        )
    for name in by:
        choice(option, name, DIMENSIONS)


def _check_options(records: pd.DataFrame, by: list[str]) -> None:
    _check_dimensions("by", by)
    check_table(records, "The table of records")
    missing = [name for name in ("kind", "child_id", "date") if name not in records.columns]
    if missing:
        raise SchemaError(
            f"The records have no column {some(missing)}. They have "
            f"{some(records.columns, most=20, like=missing)}. Give the table local_records."
        )
    for name in ("date", "end_date"):
        if name in records.columns and records[name].dtype.kind != "M" and len(records):
            raise SchemaError(
                f"{name!r} of the records holds {records[name].dtype}; expected dates. Read the "
                f"file with load_local_records, or give pandas.to_datetime(records[{name!r}])."
            )


def _years_asked(years: Iterable[int] | int) -> list[int]:
    """Return the years asked for, in order; one year may be given by itself."""
    return sorted({*several_years("years", years)})


def _covered(records: pd.DataFrame, event: Event, years: list[int]) -> None:
    """Reject years that the records do not reach: no record is not the same as no event."""
    kind = "referral" if event == "referrals" else "plan"
    if records.empty:
        return
    dates = records.loc[records["kind"] == kind, "date"].dropna()
    if dates.empty:
        raise MissingDataError(
            f"The records hold no {kind}, so {event!r} cannot be counted. Give records of "
            f"{kind}s, or count another event."
        )
    first, last = reporting_year(dates.min()), float(reporting_year(dates.max()))
    if event == "cpp_at_31_march":
        ends = records.loc[records["kind"] == kind, "end_date"]
        # A plan without an end is open on every later day; if all have ended, the last end counts.
        last = math.inf if ends.isna().any() else max(last, reporting_year(ends.max()))
    outside = [year for year in years if not first <= year <= last]
    if outside:
        # No day of a record is named.
        to = "on" if last == math.inf else f"to {last:.0f}"
        raise MissingDataError(
            f"The records have no {kind} to count for {some(outside, most=20)} (years ending 31 "
            f"March); they run from {first} {to}. Leave these years out, or give records that "
            "cover them."
        )


@checked
def linked_counts(
    records: pd.DataFrame,
    event: Event,
    *,
    years: Iterable[int] | int,
    tables: Iterable[Sequence[str]],
    lookup: pd.DataFrame | Mapping[int, pd.DataFrame] | None = None,
    of: Of = "events",
    bands: Bands | BandSet | Iterable[object] = AGE_BANDS,
) -> dict[str, pd.DataFrame]:
    """Return several tables of the same events with their margins, as ``suppress`` takes them.

    Parameters
    ----------
    records, event, years, lookup, of, bands
        As :func:`count_events`.
    tables : iterable of sequences of str
        The dimensions of each table.

    Returns
    -------
    dict of str to DataFrame
        By the dimensions joined with `` x ``; equal dimensions of two tables are the same.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> found = linked_counts(
    ...     jsna.load_local_records().records,
    ...     "referrals",
    ...     years=[2025],
    ...     tables=[["area_code", "year"], ["age_band", "year"]],
    ...     lookup=jsna.load_lookup("Bolton"),
    ... )
    >>> {name: int(table["count"].max()) for name, table in found.items()}
    {'area_code x year': 3803, 'age_band x year': 3803}
    """
    every = _years_asked(years)
    tables = list(tables)
    for each in tables:
        _check_dimensions("tables", each)
    return {
        " x ".join(by): count_events(
            records,
            event,
            years=every,
            by=by,
            lookup=lookup,
            of=of,
            bands=bands,
            margins=True,
        )
        for by in tables
    }


def _lookup_of(lookup: pd.DataFrame | Mapping[int, pd.DataFrame] | None, year: int) -> pd.DataFrame:
    if not isinstance(lookup, Mapping):
        chosen = lookup
    else:
        if not lookup:
            raise UsageError("lookup= is empty. Give a lookup for each year of the areas.")
        before = [made for made in lookup if made < year]
        chosen = lookup[max(before) if before else min(lookup)]
    assert chosen is not None  # noqa: S101 (asked for by the caller when there are places)
    check_columns(
        chosen, ("from_code", "to_code"), "The lookup", advice="Give one as load_lookup does."
    )
    bare = int(chosen[["from_code", "to_code"]].isna().any(axis="columns").sum())
    if bare:
        raise SchemaError(
            f"{bare} rows of the lookup have no code in 'from_code' or 'to_code'. Leave them out, "
            "or fill in both."
        )
    several = chosen.loc[chosen["from_code"].duplicated(), "from_code"]
    if len(several):
        raise UsageError(
            f"{some(several.unique())} go to several areas, and an event falls in one. Use a "
            "best-fit lookup to one geography."
        )
    return chosen


def _whole(
    rows: pd.DataFrame,
    by: Sequence[str],
    levels: Mapping[str, Sequence[object]],
    lookup: pd.DataFrame | None,
) -> pd.DataFrame:
    """Return the counts of a year with a row for every combination."""
    places = [name for name in by if name in PLACES]
    others = [name for name in by if name not in places]
    homes: list[tuple[object, ...]] = [()]
    if lookup is not None and places:
        wanted = {"area_code": "to_code", "lsoa_code": "from_code"}
        known = lookup[[wanted[name] for name in places]].drop_duplicates()
        homes = sorted(known.itertuples(index=False, name=None))
        homes.append((ELSEWHERE,) * len(places))
    inner = list(itertools.product(*(levels[name] for name in others)))
    keys = [(*home, *rest) for home in homes for rest in inner]
    table = pd.DataFrame(keys, columns=[*places, *others])
    tally = rows.groupby([*places, *others], observed=True).size().rename("count").reset_index()
    table = table.merge(tally, how="left", on=[*places, *others])
    return table[list(by)].assign(count=table["count"].fillna(0).astype("Int64"))


def _with_margins(table: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    frames = [table.astype(dict.fromkeys(by, object))]
    for size in range(1, len(by) + 1):
        for summed in itertools.combinations(by, size):
            kept = [name for name in by if name not in summed]
            if kept:
                margin = table.groupby(kept, sort=False, as_index=False)["count"].sum()
            else:
                margin = pd.DataFrame({"count": [table["count"].sum()]})
            margin = margin.assign(**dict.fromkeys(summed, ALL))[[*by, "count"]]
            frames.append(margin.astype(dict.fromkeys(by, object)))
    return pd.concat(frames, ignore_index=True)
