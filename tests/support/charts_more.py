"""Charts of deprivation, wards, people, parts and profiles for ``charts_made``: own small frames.

Each kind has an ordinary chart, one with figures without a number, and one of one row.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

import bolton_jsna as jsna

STATES = ("suppressed", "not_available", "not_applicable", "low", "rounds_to_zero")


def fifths(groups=5, *, hidden=False):
    """Rates by group of deprivation, every second without a number where asked."""
    rows = []
    for at in range(groups):
        status = STATES[at // 2] if hidden and at % 2 else "value"
        count = 620 - 55 * at
        people = 9000 + 450 * (at % 3)
        rows.append(
            {
                "quantile": at + 1,
                "areas": 12 + at,
                "area_name": "Bolton",
                "year": 2025,
                "count": count if status == "value" else np.nan,
                "population": people,
                "status": status,
                "source": "idaci@2025",
            }
        )
    return jsna.crude_rates(pd.DataFrame(rows))


def _sloped(frame, **options):
    return jsna.chart_deprivation(frame, jsna.slope_index_of_inequality(frame), **options)


def wards(number=20, *, hidden=False):
    """Rates and deprivation of wards, some with long names, some hidden where asked."""
    rows = []
    for at in range(number):
        status = STATES[at % 5] if hidden and at % 3 == 0 else "value"
        rows.append(
            {
                "area_code": f"E0501{at:04}",
                "area_name": f"Ward {at}" + " of the Long Name & Chew Moor" * (at % 4 == 1),
                "area_level": "ward",
                "year": 2025,
                "idaci_score": 0.08 + 0.021 * at + 0.03 * (at % 3),
                "count": 40.0 + 7 * at + 11 * (at % 4) if status == "value" else np.nan,
                "population": 2500 + 130 * (at % 5),
                "status": status,
                "source": "idaci@2025",
            }
        )
    return jsna.crude_rates(pd.DataFrame(rows))


def _scattered(frame, **options):
    found = jsna.deprivation_association(frame, areas="wards")
    return jsna.chart_scatter(frame, association=found, **options)


def people(year=2024, ages=range(18), *, hidden=False):
    """Females and males by age of a made-up place, some without a number where asked."""
    rows = []
    for age in ages:
        for at, sex in enumerate(("females", "males")):
            status = STATES[age % 5] if hidden and age % 3 == at else "value"
            rows.append(
                {
                    "area_name": "Bolton",
                    "year": year,
                    "age": age,
                    "sex": sex,
                    "population": 1900 + 23 * age - 40 * at + (year - 2024) * (6 - age)
                    if status == "value"
                    else np.nan,
                    "status": status,
                    "illustrative": True,
                }
            )
    return pd.DataFrame(rows)


def plans(names=("Bolton", "Stockton-on-Tees with a Long Name", "England"), *, hidden=False):
    """Plans by category of areas, some parts without a number where asked."""
    categories = ("Neglect", "Emotional abuse", "Physical abuse", "Sexual abuse", "Multiple")
    rows = []
    for at, name in enumerate(names):
        for step, category in enumerate(categories):
            status = STATES[(at + step) % 5] if hidden and (at + step) % 3 == 1 else "value"
            rows.append(
                {
                    "area_name": name,
                    "year": 2025,
                    "indicator": "cpp_at_31_march_by_category",
                    "breakdown": category,
                    "count": 150 - 30 * step + 11 * at if status == "value" else np.nan,
                    "status": status,
                    "source": "children_in_need@2025",
                }
            )
    return pd.DataFrame(rows)


def panel(number=12, *, hidden=False):
    """A profile of a made-up place: every verdict, and figures or comparators missing if asked."""
    verdicts = ("higher", "similar", "lower", "not_compared")
    rows = []
    for at in range(number):
        status = STATES[at % 5] if hidden and at % 2 else "value"
        alone = hidden and at % 4 == 0
        value = 40.0 + 9 * at
        england = value * (0.8 + 0.1 * (at % 5))
        rows.append(
            {
                "area_name": "Bolton",
                "indicator": f"indicator_{at}",
                "title": f"Indicator {at}" + " with a long title that goes on for lines" * (at % 3),
                "unit": ("per cent", "per 10,000", "days")[at % 3],
                "year": 2025 - (at == 3),
                "period": "year ending 31 March 2025",
                "value": value if status == "value" else np.nan,
                "lower": value * 0.9 if status == "value" else np.nan,
                "upper": value * 1.12 if status == "value" else np.nan,
                "status": status,
                "england": np.nan if alone else england,
                "england_status": "not_available" if alone else "value",
                "neighbours_lowest": np.nan if alone else england * 0.7,
                "neighbours_highest": np.nan if alone else england * 1.5,
                "usual_lower": np.nan if alone else england * 0.6,
                "usual_upper": np.nan if alone else england * 1.8,
                "against_england": verdicts[at % 4] if status == "value" else "not_compared",
                "source": "children_in_need@2025",
            }
        )
    return pd.DataFrame(rows)


MORE: dict[str, tuple[Callable[[], Any], Callable[[], Any], Callable[[], Any]]] = {
    "deprivation": (
        lambda: _sloped(fifths(), groups=5),
        lambda: _sloped(fifths(10, hidden=True)),
        lambda: _sloped(fifths(1), groups=5),
    ),
    "scatter": (
        lambda: _scattered(wards(), named=8),
        lambda: _scattered(wards(40, hidden=True), subject="Ward 4"),
        lambda: jsna.chart_scatter(wards(1)),
    ),
    "pyramid": (
        lambda: jsna.chart_pyramid(people(ages=range(91)), people(2035, range(91))),
        lambda: jsna.chart_pyramid(people(hidden=True), people(2035)),
        lambda: jsna.chart_pyramid(people(ages=[4])),
    ),
    "shares": (
        lambda: jsna.chart_shares(plans()),
        lambda: jsna.chart_shares(plans([f"Place {at}" for at in range(9)], hidden=True)),
        lambda: jsna.chart_shares(plans(("Bolton",)).head(1)),
    ),
    "spine": (
        lambda: jsna.chart_spine(panel()),
        lambda: jsna.chart_spine(panel(hidden=True)),
        lambda: jsna.chart_spine(panel(1)),
    ),
    "counts of parts": (
        lambda: jsna.chart_shares(plans(), lengths="counts"),
        lambda: jsna.chart_shares(plans(hidden=True), lengths="counts"),
        lambda: jsna.chart_shares(plans(("Bolton",)).head(1), lengths="counts"),
    ),
}
