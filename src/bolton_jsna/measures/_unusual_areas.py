"""Which authorities of a frame are unusual among all of them, as columns of a comparison."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from bolton_jsna.core.areas import register
from bolton_jsna.core.errors import SchemaError
from bolton_jsna.measures._aggregation import group_numbers
from bolton_jsna.measures._arrays import Array, Codes, Flags, Floats
from bolton_jsna.measures._frame_columns import STATES, labels, text_column
from bolton_jsna.measures._prediction_intervals import LEAST_OTHERS, usual_among_others

WORDS: Final = ("lower", "similar", "higher", "not_available")
"""How an area compares with others, in the order of the codes."""

WHOLE: Final = 0.8
"""The share of a group's areas that must have a rate for the group to represent all of them."""

_NOT_IN: Final = "only authorities are compared with the authorities of the country or the region"


@dataclass(frozen=True)
class Rated:
    """Rows with a rate, an entry each: events, people, variance over count and position of state.

    Events are missing where there is no rate.
    """

    events: Floats
    people: Floats
    factor: Floats
    codes: Codes


def unusual_columns(
    frame: pd.DataFrame,
    rated: Rated,
    *,
    keys: Sequence[str],
    code: str,
    region_of: Array | None,
    per: float,
    levels: Mapping[float, str],
) -> dict[str, Any]:
    """Return, of each row, whether its rate is unusual among the other areas of its group."""
    n = len(frame)
    groups, of = _groups(frame, keys=keys, code=code, region_of=region_of)
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = np.log(rated.events / rated.people)
        variance = rated.factor / rated.events
    able = np.isfinite(effect) & np.isfinite(variance) & (groups >= 0)
    centre, error, freedom = (np.full(n, np.nan) for _ in range(3))
    used = np.zeros(n)
    order = np.argsort(groups, kind="stable")
    edges = np.flatnonzero(np.diff(groups[order], prepend=-2))
    for rows in np.split(order, edges[1:]) if n else ():
        inside = rows[able[rows]]
        used[rows] = len(inside)
        enough = not of[rows[0]] or len(inside) >= WHOLE * of[rows[0]]
        if groups[rows[0]] < 0 or len(inside) <= LEAST_OTHERS or not enough:
            continue
        found = usual_among_others(effect[inside], variance[inside])
        centre[inside], error[inside], freedom[inside] = found
    z = (effect - centre) / error
    new: dict[str, Any] = {
        "unusual_centre": np.exp(centre) * per,
        # On the scale of the normal distribution, whatever the number of areas.
        "unusual_z": np.sign(z) * -special.ndtri(special.stdtr(freedom, -np.abs(z))),
    }
    for level, ending in levels.items():
        reach = special.stdtrit(freedom, 1 - (1 - level) / 2)
        new[f"unusual_lower{ending}"] = np.exp(centre - reach * error) * per
        new[f"unusual_upper{ending}"] = np.exp(centre + reach * error) * per
        place = np.select([np.isnan(z), z < -reach, z > reach], [3, 0, 2], 1)
        new[f"unusual{ending}"] = labels(place, WORDS, frame.index)
    reasons = _reasons(rated, groups, used, of, np.isnan(z))
    new["unusual_used"] = _whole(np.where(groups >= 0, used, np.nan))
    new["unusual_of"] = _whole(np.where(of > 0, of, np.nan))
    new["unusual_reason"] = text_column(reasons, frame.index)
    return new


def _whole(values: Floats) -> Any:
    return pd.array(values, dtype="Int64")


def _groups(
    frame: pd.DataFrame, *, keys: Sequence[str], code: str, region_of: Array | None
) -> tuple[NDArray[np.int64], Floats]:
    """Return the number of each authority's group, -1 for other rows, and its number of areas."""
    every = [each for each in register() if each.level == "authority"]
    canonical = {each: place.code for place in every for each in place.codes}
    places = frame[code].map(canonical)
    none = places.isna().to_numpy()
    of = np.zeros(len(frame))
    current = [each for each in every if each.until is None]
    placed = frame[list(keys)]
    if region_of is None:
        of[~none] = len(current)
    else:
        placed = placed.assign(_region=region_of)
        none = none | (region_of == "")
        sizes = Counter(each.region_code for each in current)
        of[~none] = [sizes[each] for each in region_of[~none]]
    groups = group_numbers(placed, list(placed.columns)).astype(np.int64)
    groups = np.where(none, -1, groups)
    twice = placed.assign(_group=groups, _place=places)[~none].duplicated(["_group", "_place"])
    if twice.any():
        name = frame.loc[~none, code][twice.to_numpy()].iloc[0]
        raise SchemaError(
            f"{name} has more than one row for the same {', '.join(keys) or 'comparison'}; an "
            "authority that is counted twice would distort what is usual. Give the rows of one "
            "release, or name the columns that differ with on=[...]."
        )
    return groups, of


def _reasons(
    rated: Rated, groups: NDArray[np.int64], used: Floats, of: Floats, none: Flags
) -> Array:
    """Return why an area is not compared with others; empty if it is."""
    reasons = np.full(len(none), "", dtype=object)
    for at in np.flatnonzero(none):
        number = int(used[at])
        if groups[at] < 0:
            reasons[at] = _NOT_IN
        elif np.isnan(rated.events[at]):
            reasons[at] = f"the area's own rate is {STATES[rated.codes[at]]}"
        elif rated.events[at] == 0:
            reasons[at] = "the area has no events"
        elif np.isnan(rated.factor[at]):
            reasons[at] = "the variance of the count is not known"
        elif of[at] and number < WHOLE * of[at]:
            reasons[at] = (
                f"{number} of {int(of[at])} areas have a rate: too few to represent all of them"
            )
        else:
            reasons[at] = f"{number - 1} other areas with a rate; {LEAST_OTHERS} or more are needed"
    return reasons
