"""The tables behind the section on deprivation and referrals, from the ward profile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.building._local_counts import LOCAL_EVENTS
from bolton_jsna.chapter import ward_deprivation
from bolton_jsna.core.errors import UsageError
from bolton_jsna.core.states import NUMERIC

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.building._protected_counts import ProtectedCounts

_ABOUT: Final = ("year", "illustrative", "source")
_FIFTHS: Final = (
    *("event", "fifth", "year", "wards", "wards_used", "count", "children", "rate", "lower"),
    *("upper", "method", "status", "illustrative", "source"),
)
_ASSOCIATION: Final = (
    *("event", "measure", "year", "estimate", "lower", "upper", "p", "wards_used", "wards"),
    *("step", "method", "status", "reason", "illustrative", "source"),
)


def deprivation_tables(
    made: Mapping[str, pd.DataFrame], local: ProtectedCounts
) -> dict[str, pd.DataFrame]:
    """Return rates by fifth of the wards, and the measures of their association."""
    import pandas as pd

    wards = made["ward_profile"]
    fifths, measures = [], []
    for event, name in LOCAL_EVENTS.items():
        if not ward_deprivation.has_figures(wards, name):
            continue
        rates = ward_deprivation.ward_rates(wards, name)
        about = {"event": name, **{each: rates[each].iloc[0] for each in _ABOUT}}
        measures += [{**about, **row} for row in _associated(rates, name)]
        try:
            groups, slope = ward_deprivation.fifths_of(rates, local.repeats.get(event, 1.0))
        except UsageError:
            # Too few wards: the chart of the fifths has the reason.
            continue
        fifths.append(_named(groups).assign(**about))
        measures += [{**about, **row} for row in _slopes(slope.iloc[0].to_dict(), groups)]
    if not measures:
        return {}
    found = pd.DataFrame(measures).reindex(columns=_ASSOCIATION)
    found[["method", "reason"]] = found[["method", "reason"]].fillna("")
    tables = {"deprivation_association": found}
    if fifths:
        tables["deprivation_fifths"] = pd.concat(fifths, ignore_index=True)[[*_FIFTHS]]
    return tables


def _named(groups: pd.DataFrame) -> pd.DataFrame:
    names = {
        "quantile": "fifth",
        "population": "children",
        "parts": "wards",
        "parts_used": "wards_used",
    }
    return groups.rename(columns=names).astype({"fifth": "int64"})


def _associated(rates: pd.DataFrame, name: str) -> Iterator[dict[str, Any]]:
    found = ward_deprivation.association_of(rates, ward_deprivation.TITLES[name])
    for row in found.table.to_dict(orient="records"):
        yield {
            **row,
            "wards_used": row["n"],
            "wards": found.summary["of"],
            "step": found.summary["step"] if row["measure"] == "rate_ratio" else "",
        }


def _slopes(row: Mapping[str, Any], groups: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Return the slope and the relative index of inequality."""
    for index, measure in (("sii", "slope_index"), ("rii", "relative_index")):
        known = row[index] == row[index]
        state = row["sii_status"]
        yield {
            "measure": measure,
            "estimate": row[index],
            "lower": row[f"{index}_lower"],
            "upper": row[f"{index}_upper"],
            "wards_used": int(groups["parts_used"].sum()),
            "wards": int(groups["parts"].sum()),
            "step": "",
            "method": row["sii_method"] if known else "",
            "status": state if known or state not in NUMERIC else "not_applicable",
            "reason": row["sii_reason"],
        }
