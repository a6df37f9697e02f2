"""The checks of a build before anything is published."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bolton_jsna.building._local_counts import LOCAL_EVENTS
from bolton_jsna.building._protected_counts import ProtectedCounts
from bolton_jsna.building._run_record import Check
from bolton_jsna.building.inputs import Ingredients
from bolton_jsna.core.errors import BoltonJsnaError
from bolton_jsna.core.states import NUMERIC

if TYPE_CHECKING:
    import pandas as pd


def run_checks(
    made_from: Ingredients, tables: dict[str, pd.DataFrame], local: ProtectedCounts
) -> list[Check]:
    """Check a build's tables; a failed check stops the build."""
    checks = [
        *_wards_match(made_from),
        _children_add_up(made_from, tables),
        *_children_are_the_authoritys(made_from, tables),
        _rates_have_states(tables["rates"]),
        _published_rates_agree(tables["rates"]),
        *([_hidden(tables["ward_profile"])] if local.events else []),
    ]
    failed = [check for check in checks if not check.passed]
    if failed:
        raise BoltonJsnaError(
            "The build stopped and wrote nothing. "
            + " ".join(f"Check failed: {check.name}; found {check.found}." for check in failed)
        )
    return checks


def _wards_match(made_from: Ingredients) -> list[Check]:
    if made_from.wards is None:
        return []
    shapes, lookup = set(made_from.wards["area_code"]), set(made_from.lookup["to_code"])
    return [
        Check(
            "every ward of the lookup has its boundary",
            lookup <= shapes,
            f"{len(shapes & lookup)} in both, {len(lookup - shapes)} without a boundary, "
            f"{len(shapes - lookup)} without an LSOA",
        )
    ]


def _children_add_up(made_from: Ingredients, tables: dict[str, pd.DataFrame]) -> Check:
    lsoas = float(made_from.children["population"].sum())
    wards = float(tables["ward_profile"]["children_0_17"].sum())
    return Check(
        "the wards' children add up to the LSOAs'",
        math.isclose(lsoas, wards, rel_tol=1e-9),
        f"{wards:,.1f} and {lsoas:,.1f}",
    )


def _children_are_the_authoritys(
    made_from: Ingredients, tables: dict[str, pd.DataFrame]
) -> list[Check]:
    """Compare the wards' children with what the authority's own rate of the year is divided by."""
    mid = int(made_from.children["year"].iloc[0])
    total = made_from.estimates.get(mid)
    if total is None:
        return []
    wards = float(tables["ward_profile"]["children_0_17"].sum())
    # Published numbers of small areas may each be rounded.
    published = (made_from.children["status"] == "value").all()
    most = len(made_from.children) / 2 if published else 1e-9 * total
    return [
        Check(
            "the wards' children add up to the children behind the authority's rate",
            abs(wards - total) <= most,
            f"{wards:,.1f} and {total:,} at mid-{mid}",
        )
    ]


def _rates_have_states(rates: pd.DataFrame) -> Check:
    numeric = rates["status"].isin(NUMERIC)
    wrong = int((numeric != rates["rate"].notna()).sum())
    return Check(
        "a row has a rate exactly if its state has a number",
        wrong == 0,
        f"{wrong} of {len(rates)} rows contradict their state",
    )


def _published_rates_agree(rates: pd.DataFrame) -> Check:
    """Compare published rates with recomputed ones, on the denominators of their own release."""
    # Denominators are rebased after a census, so a difference is not an error; the check is that
    # both are figures of the same thing. The widest rebasing since 2013 moved an authority's rate
    # by about a quarter.
    both = rates[rates["published_rate"].notna() & rates["rate"].notna() & (rates["count"] >= 100)]
    ratio = both["rate"] / both["published_rate"]
    wrong = int(((ratio < 2 / 3) | (ratio > 3 / 2)).sum())
    return Check(
        "printed and recomputed rates are figures of the same thing",
        wrong == 0,
        f"{len(both)} printed rates, {wrong} more than half as large again or a third smaller",
    )


def _hidden(profile: pd.DataFrame) -> Check:
    leaks = hidden = 0
    for name in LOCAL_EVENTS.values():
        rows = profile[profile[f"{name}_status"] == "suppressed"]
        hidden += len(rows)
        figures = [name, *(f"{name}_{part}" for part in ("rate", "lower", "upper", "method"))]
        leaks += int(rows[figures].notna().to_numpy().sum())
    return Check(
        "no figure reveals a hidden count",
        leaks == 0,
        f"{hidden} hidden counts, {leaks} figures next to them",
    )
