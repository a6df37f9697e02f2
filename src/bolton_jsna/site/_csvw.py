"""Tables as CSV with their description as CSV on the Web (W3C, Metadata Vocabulary, 2015)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core.export import inert

if TYPE_CHECKING:
    import pandas as pd

_CONTEXT: Final = "http://www.w3.org/ns/csvw"
_LICENCE: Final = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
_MEANINGS: Final[Mapping[str, str]] = {
    "area_code": "Code of the area (GSS, Office for National Statistics)",
    "area_name": "Name of the area",
    "year": "Year, that in which the period ends",
    "period": "Period in words",
    "indicator": "Name of the indicator in the dictionary",
    "count": "Number of events or children; empty where it is not published",
    "population": "Denominator; empty where there is none",
    "value": "The figure; empty where its status has none",
    "lower": "Lower 95 per cent limit for chance in the count",
    "upper": "Upper 95 per cent limit for chance in the count",
    "unit": "What the figure is per",
    "status": "State of the figure, such as value, suppressed or not_available",
    "source": "Datasets and editions that the figure is from",
    "against_england": "Whether it differs from England by more than chance",
    "trend": "Direction over recent years, as tested",
    "trend_years": "Years of the trend",
    "england": "Figure of England",
    "last_year": "Year whose rate goes on",
    "horizon": "Years ahead of that year",
    "scenario": "What is assumed of the rate",
    "rate": "Expected rate for every 10,000 children",
    "children": "Children aged 0-17 expected in that year",
    "lower_80": "Lower limit of the 80 per cent interval, from the errors of past projections",
    "upper_80": "Upper limit of the 80 per cent interval",
    "median_error": "Per cent by which half of such past projections missed, or less",
    "held_80": "Per cent of outcomes that the 80 per cent interval held when it was tested",
    "tested_origins": "Past years from which it was tested",
    "label": "What the number is",
    "rank": "Rank among the statistical neighbours, 1 for the highest",
    "of": "Number of areas ranked",
}
"""What a column is; columns without a line here are not written."""


def columns(table: pd.DataFrame) -> list[str]:
    """Return the columns of a table that are published, in order."""
    return [name for name in table.columns if name in _MEANINGS]


def as_csv(table: pd.DataFrame) -> str:
    """Return the published columns as CSV, in full precision."""
    text: str = inert(table[columns(table)]).to_csv(index=False, lineterminator="\n")
    return text


def metadata(
    table: pd.DataFrame, *, file: str, title: str, sources: Sequence[str], key: Sequence[str]
) -> str:
    """Return the description of a CSV file, for the file ``<name>.csv-metadata.json``."""
    described: list[dict[str, Any]] = [
        {
            "name": name,
            "titles": name,
            "datatype": _datatype(table[name]),
            "dc:description": _MEANINGS[name],
            "required": name in key,
        }
        for name in columns(table)
    ]
    facts = {
        "@context": [_CONTEXT, {"@language": "en"}],
        "url": file,
        "dc:title": title,
        "dc:license": {"@id": _LICENCE},
        "dc:source": list(sources),
        "dialect": {"encoding": "utf-8", "header": True, "delimiter": ",", "lineTerminators": "\n"},
        "tableSchema": {"columns": described, "primaryKey": list(key)},
    }
    return json.dumps(facts, indent=1, ensure_ascii=False) + "\n"


def _datatype(column: pd.Series) -> str:
    kind = column.dtype.kind if hasattr(column.dtype, "kind") else "O"
    if kind in "iu":
        return "integer"
    return "number" if kind == "f" else "string"
