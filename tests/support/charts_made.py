"""Charts of every kind for the rules that hold for all of them: one registry for many tests.

``CHARTS[kind]`` has three callables that each make a chart: ``ordinary``, ``hidden`` (with figures
that are suppressed, not available and otherwise without a number) and ``one`` (of one row).
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

import bolton_jsna as jsna
from charts_more import MORE

STATES = ("suppressed", "not_available", "not_applicable", "low", "rounds_to_zero")


@dataclass(frozen=True)
class Made:
    """How a kind of chart is made."""

    ordinary: Callable[[], Any]
    hidden: Callable[[], Any]
    one: Callable[[], Any]


def rates(names=("Bolton", "England"), years=range(2013, 2026), *, hidden=False):
    """Rates of areas and years with intervals; some of the first area's without a number."""
    codes = {"Bolton": "E08000001", "England": "E92000001", "North West": "E12000002"}
    rows = []
    for at, name in enumerate(names):
        for step, year in enumerate(years):
            status = STATES[step // 2] if hidden and not at and step % 2 and step < 10 else "value"
            rate = 400.0 + 37 * ((3 * at + 2 * step) % 11)
            known = status == "value"
            rows.append(
                {
                    "area_code": codes.get(name, f"E0600{at:04}"),
                    "area_name": name,
                    "year": year,
                    "indicator": "referrals",
                    "rate": rate if known else np.nan,
                    "lower": rate - 30 / (at + 1) if known else np.nan,
                    "upper": rate + 30 / (at + 1) if known else np.nan,
                    "status": status,
                    "source": "children_in_need@2025",
                }
            )
    return pd.DataFrame(rows)


NAMES = (
    "Bolton",
    "England",
    "Ashby",
    "Bournemouth, Christchurch and Poole",
    "Carrow",
    "Dunmore",
    "Eastleigh-under-Wychwood",
)


def ranked(*, hidden=False):
    """Rates of one year; with ``hidden`` five areas have none, each for its own reason."""
    rows = rates(NAMES, [2025])
    if hidden:
        rows["status"] = ["value", "value", *STATES]
        rows.loc[rows["status"] != "value", ["rate", "lower", "upper"]] = np.nan
    return rows


def funnelled(size=17, *, hidden=False):
    """Limits of a funnel for made-up areas, some far outside; five of them may be hidden."""
    rows = pd.DataFrame(
        {
            "area_name": ["Bolton", *(f"Place {at}" for at in range(1, size))],
            "count": [(310 + 47 * ((5 * at) % 9)) * (at % 6 + 1) for at in range(size)],
            "population": [8_200 * (at % 6 + 1) + 350 * at for at in range(size)],
            "year": 2025,
            "indicator": "referrals",
            "status": "value",
            "source": "children_in_need@2025",
        }
    )
    if hidden:
        rows.loc[1:5, "status"] = list(STATES)
        rows["count"] = rows["count"].astype(float).where(rows["status"] == "value")
    return jsna.funnel_limits(rows)


@functools.cache
def projected(*, hidden=False):
    """Bolton's referrals of the snapshot projected, and those of the past, some of them hidden."""
    past = jsna.load_children_in_need("Bolton", indicators="referrals")
    children = jsna.load_population_projections("Bolton")
    found = jsna.project_demand(past, children, indicator="referrals", horizon=6)
    if hidden:
        past.loc[1:5, "status"] = list(STATES)
        past["count"] = past["count"].where(past["status"] == "value")
    return found, past


@functools.cache
def past_tests():
    """What the method would have said for Bolton's referrals of past years."""
    past = jsna.load_children_in_need("Bolton", indicators="referrals")
    return jsna.backtest_demand(past, indicator="referrals")


def compared(*, one=False):
    """Bolton compared with neighbours of the snapshot; one: with none of their figures."""
    found = jsna.compare_with_neighbours("Bolton", "referrals", year=2025)
    return found.table.head(1) if one else found


CHARTS: dict[str, Made] = {
    "trend": Made(
        lambda: jsna.chart_trend(rates()),
        lambda: jsna.chart_trend(rates(hidden=True)),
        lambda: jsna.chart_trend(rates(("Bolton",), [2025])),
    ),
    "neighbours": Made(
        lambda: jsna.chart_neighbours(compared()),
        lambda: jsna.chart_neighbours(ranked(hidden=True), usual=(430, 610)),
        lambda: jsna.chart_neighbours(compared(one=True)),
    ),
    "funnel": Made(
        lambda: jsna.chart_funnel(funnelled(40)),
        lambda: jsna.chart_funnel(funnelled(hidden=True)),
        lambda: jsna.chart_funnel(funnelled(1)),
    ),
    "projection": Made(
        lambda: jsna.chart_projection(*projected(), record=past_tests()),
        lambda: jsna.chart_projection(*projected(hidden=True)),
        lambda: jsna.chart_projection(projected()[0].head(1)),
    ),
}

CHARTS |= {kind: Made(*each) for kind, each in MORE.items()}
