"""Ward figures of local events by deprivation: one calculation for charts, tables and sentences.

All is made from the ward profile as it is published: a ward whose figure is hidden has no number
here, so a sum over it has none either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bolton_jsna.core.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.measures.association import DeprivationAssociation

FIFTHS: Final = 5
SCORE: Final = "idaci_score"
TITLES: Final = {"referrals": "Referrals", "plans": "Children on protection plans"}
"""What is counted, by the beginning of its columns in the ward profile."""

ONE: Final = {"Referrals": "referral", "Children on protection plans": "child on a plan"}
"""One of them, by title."""

PERIODS: Final = {"referrals": "year ending 31 March {year}", "plans": "at 31 March {year}"}
"""When it is counted."""


def has_figures(wards: pd.DataFrame, name: str) -> bool:
    """Return whether a ward profile has columns of an event."""
    return f"{name}_rate" in wards.columns


def ward_rates(wards: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return an event's figures of wards with the usual names of columns."""
    parts = {f"{name}_{part}": part for part in ("rate", "lower", "upper", "status")}
    parts |= {
        name: "count",
        "children_0_17": "population",
        "children_0_17_status": "population_status",
    }
    kept = ["area_code", "area_name", SCORE, "year", "illustrative", "source", *parts]
    return wards[kept].rename(columns=parts)


def association_of(rates: pd.DataFrame, what: str) -> DeprivationAssociation:
    """Return the association of an event's ward rates with deprivation."""
    from bolton_jsna.measures.association import deprivation_association

    return deprivation_association(rates, SCORE, events=what.lower(), areas="wards")


def fifths_of(rates: pd.DataFrame, repeats: float | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rates by fifth of the wards ordered by deprivation, and the slope index.

    ``repeats`` is how many times the count its variance is, None if that is not known.
    """
    import pandas as pd

    from bolton_jsna.measures.quantiles import quantiles
    from bolton_jsna.measures.rates import crude_rates
    from bolton_jsna.measures.slope import slope_index_of_inequality

    placed = quantiles(rates, SCORE, groups=FIFTHS)
    # Wards without LSOAs have no deprivation, and so no place in the order.
    inside = placed[placed["quantile"].notna()]
    if inside.empty:
        why = placed["quantile_reason"].iloc[0] if len(placed) else "there are no wards"
        raise UsageError(f"The wards are not divided into fifths: {why}.")
    wider = repeats is not None and repeats > 1
    variance = "variance" if wider else None
    if repeats is None:
        inside = inside.assign(persons=pd.NA, persons_status="not_available")
    elif wider:
        inside = inside.assign(variance=inside["count"].astype("float64") * repeats)
    found = crude_rates(inside, by=["quantile"], count_variance=variance)
    found = found.sort_values("quantile", ignore_index=True)
    if wider:
        weighed = found.assign(variance=found["count"].astype("float64") * repeats)
        return found, slope_index_of_inequality(weighed, count_variance=variance)
    return found, slope_index_of_inequality(found)
