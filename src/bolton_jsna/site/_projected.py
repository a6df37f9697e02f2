"""The expected numbers of an indicator, if the last rate goes on, with the record of the method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.catalogue.indicators import Indicator
from bolton_jsna.charts import _web as charts_web
from bolton_jsna.core.areas import Area
from bolton_jsna.core.errors import BoltonJsnaError
from bolton_jsna.sentences.describe import describe
from bolton_jsna.site._part import Part

if TYPE_CHECKING:
    import pandas as pd

_TOLD: Final = (1, 5, 10)
"""The years ahead that the sentences are about."""


def projected_part(place: Area, fact: Indicator, ahead: pd.DataFrame, years: pd.DataFrame) -> Part:
    """Return the expected numbers of an area, next to those of the past in the chart."""
    from markupsafe import Markup

    from bolton_jsna.charts.projection import chart_projection

    found = describe(ahead[ahead["horizon"].isin(_TOLD)]).sentences
    past = years[years["area_code"] == place.code].rename(columns={"value": "rate"})
    chart: Any = ""
    try:
        drawn = chart_projection(ahead, past if past["rate"].notna().any() else None)
        chart = Markup(charts_web.part(drawn.spec, "projected"))  # noqa: S704 (escaped there)
    except BoltonJsnaError:
        chart = ""  # the table has the figures
    rows = [
        {
            "name": fact.when(int(row["year"])),
            "cells": [
                f"{row['count']:,.0f}",
                f"{row['lower_80']:,.0f} to {row['upper_80']:,.0f}",
                f"{row['children']:,.0f}",
            ],
        }
        for row in ahead.sort_values("year").to_dict(orient="records")
    ]
    return Part(
        f"Expected numbers, if the rate of {int(ahead['last_year'].iloc[0])} goes on",
        f"{fact.title} in {place.name}: {ahead['label'].iloc[0]}",
        ["Period", "Expected number", "80% interval", "Children aged 0-17"],
        rows,
        "projected",
        chart,
        sentences=[each.text for each in found if each.kind != "caution"],
        cautions=[each.text for each in found if each.kind == "caution"],
    )
