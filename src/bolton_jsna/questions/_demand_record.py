"""Rates that are available, and the record of past errors that goes with them."""

from __future__ import annotations

import functools
from dataclasses import replace

import pandas as pd

from bolton_jsna import snapshot
from bolton_jsna.catalogue.indicators import dictionary
from bolton_jsna.core.areas import Area
from bolton_jsna.core.errors import UsageError
from bolton_jsna.core.provenance import SEPARATOR
from bolton_jsna.loaders import load_children_in_need, load_indicators
from bolton_jsna.loaders.arguments import Folder
from bolton_jsna.loaders.indicators import check_indicators
from bolton_jsna.measures.backtest import FEWEST_TESTED
from bolton_jsna.measures.projection import (
    CHILDREN,
    Record,
    check_of_children,
    national_record,
)


def record_of(rates: pd.DataFrame, indicator: str) -> Record:
    """Return the record of past errors: that of the rates if they are national, else embedded."""
    record, own = _embedded_record(), national_record(rates, indicator)
    return replace(record, errors=own) if len(own) else record


@functools.cache
def _embedded_record() -> Record:
    """Return the record of the snapshot, whose tables nobody changes."""
    errors, tests = embedded("errors"), embedded("tests")
    children = errors[errors["indicator"] == CHILDREN]
    sources = [text for frame in (errors, tests) for text in frame["source"].unique()]
    tests = tests[
        (tests["method"] == "constant")
        & (tests["interval"] == "past_errors")
        & tests["origin"].isna()
        & (tests["origins"] >= FEWEST_TESTED)
    ]
    return Record(errors, children, tests, SEPARATOR.join(dict.fromkeys(sources)))


def embedded(name: str) -> pd.DataFrame:
    """Return a table of the embedded record: ``errors`` or ``tests``."""
    return pd.DataFrame(snapshot.read(snapshot.newest(f"projection_{name}")))


def rows_for(place: Area, indicator: str, workspace: Folder) -> pd.DataFrame:
    """Return the rows of an indicator for all areas that are available, with those of a place."""
    check_indicators([indicator])
    check_of_children(indicator)
    every = rows_of(indicator, workspace)
    if place.code in set(every["area_code"]):
        return every
    # The sums of a combined authority; else the error names what is missing and how to get it.
    own = load_indicators(place, indicators=indicator, breakdown="total", workspace=workspace)
    if "count_status" not in every.columns:
        own = own.drop(columns="status").rename(columns={"count_status": "status"})
    return pd.concat([every, own.reindex(columns=every.columns)], ignore_index=True)


def rows_of(indicator: str, workspace: Folder) -> pd.DataFrame:
    """Return the rows of an indicator for all areas that are available."""
    known = dictionary().get(indicator)
    if known is None:
        raise UsageError(
            f"{indicator!r} is not in the dictionary of indicators, so the rates of neighbours and "
            "England cannot be loaded. Add their rows to rates, or use scenario='target'."
        )
    if known.figures and "population" not in known.figures:
        figures = load_children_in_need(indicators=known.figures["count"], workspace=workspace)
        return figures.assign(indicator=indicator)
    return load_indicators(indicators=indicator, breakdown="total", workspace=workspace)
