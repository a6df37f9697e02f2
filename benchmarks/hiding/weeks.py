"""Ordinary weeks of an authority: what can go out again after a week of records."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from hiding.tables import ALL, Tables
from hiding.usual import PLANS, REFERRALS, children, line

BY = ("ward", "category", "age_band")
MOVED, ADDED, WITHDRAWN = 3, 2, 1

Protect = Callable[[Tables, Mapping[str, pd.DataFrame]], Mapping[str, pd.DataFrame]]
"""Takes tables and those written before."""


class Weeks(NamedTuple):
    """What became of the tables of all weeks, by table; and weeks with nothing newly held."""

    number: int
    quiet: int
    became: Mapping[str, Counter[str]]
    longest: int


def run(draw: np.random.Generator, number: int, protect: Protect) -> Weeks:
    """Make and protect the tables of an authority week by week."""
    events = {"plans": children(draw, PLANS), "referrals": children(draw, REFERRALS)}
    before: dict[str, Tables] = {event: {} for event in events}
    became: dict[str, Counter[str]] = {
        f"{event} by {by}": Counter() for event in events for by in BY
    }
    spell = dict.fromkeys(became, 0)
    quiet = longest = 0
    for week in range(number + 1):
        newly = False
        for event, records in events.items():
            tables = {by: line(records, by) for by in BY}
            done = dict(protect(tables, before[event]))
            before[event] = done
            if not week:
                continue
            for by, table in done.items():
                name, state = f"{event} by {by}", _state(table, by)
                became[name][state] += 1
                newly |= state == "held" and not spell[name]
                spell[name] = spell[name] + 1 if state == "held" else 0
                longest = max(longest, spell[name])
        quiet += bool(week) and not newly
        events = _a_week_on(draw, events)
    return Weeks(number, quiet, became, longest)


def _state(table: pd.DataFrame, by: str) -> str:
    if "as_of" in table.columns and table["as_of"].notna().any():
        return "held"
    own = table[table[by] != ALL]["count"]
    return "hidden whole" if len(own) and own.isna().all() else "through"


def _a_week_on(
    draw: np.random.Generator, events: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Return the records of a week later: some moved, added and withdrawn."""
    after = {name: records.copy() for name, records in events.items()}
    sizes = np.array([len(records) for records in after.values()], dtype=float)

    def of_one() -> str:
        return str(draw.choice(list(after), p=sizes / sizes.sum()))

    for _ in range(MOVED):
        name = of_one()
        new = children(draw, 1)["ward"].iloc[0]
        after[name].loc[int(draw.integers(len(after[name]))), "ward"] = new
    for _ in range(WITHDRAWN):
        name = of_one()
        gone = int(draw.integers(len(after[name])))
        after[name] = after[name].drop(index=gone).reset_index(drop=True)
    for _ in range(ADDED):
        name = of_one()
        like = after[name].iloc[[int(draw.integers(len(after[name])))]]
        after[name] = pd.concat([after[name], like], ignore_index=True)
    return after
