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

    from bolton_jsna.measures.events import Event

_ABOUT: Final = ("year", "illustrative", "source")
_FIFTHS: Final = (
    *("event", "fifth", "year", "wards", "wards_used", "count", "children", "rate", "lower"),
    *("upper", "method", "status", "illustrative", "source"),
)
_ASSOCIATION: Final = (
    *("event", "measure", "year", "estimate", "lower", "upper", "p", "wards_used", "wards"),
    *(
        "wards_left_out",
        "dispersion",
        "step",
        "method",
        "status",
        "reason",
        "illustrative",
        "source",
    ),
)


def deprivation_tables(
    wards: pd.DataFrame, repeats: Mapping[Event, float | None]
) -> dict[str, pd.DataFrame]:
    """Return figures by ward and by fifth of the wards, and the measures of association.

    ``repeats`` are how many times the count its variance is, for each event.
    """
    import pandas as pd

    if not any(ward_deprivation.has_figures(wards, each) for each in LOCAL_EVENTS.values()):
        return {}
    fifths, measures = [], []
    for event, name in LOCAL_EVENTS.items():
        if not ward_deprivation.has_figures(wards, name):
            continue
        rates = ward_deprivation.ward_rates(wards, name)
        about = {"event": name, **{each: rates[each].iloc[0] for each in _ABOUT}}
        measures += [{**about, **row} for row in _associated(rates, name)]
        try:
            groups, slope = ward_deprivation.fifths_of(rates, repeats.get(event, 1.0))
        except UsageError:
            # Too few wards: the chart of the fifths has the reason.
            continue
        fifths.append(_named(groups).assign(**about))
        measures += [{**about, **row} for row in _slopes(slope.iloc[0].to_dict(), groups)]
    found = pd.DataFrame(measures).reindex(columns=_ASSOCIATION)
    found[["method", "reason"]] = found[["method", "reason"]].fillna("")
    tables = {"deprivation_by_ward": _by_ward(wards), "deprivation_association": found}
    if fifths:
        tables["deprivation_fifths"] = pd.concat(fifths, ignore_index=True)[[*_FIFTHS]]
    return tables


def _by_ward(wards: pd.DataFrame) -> pd.DataFrame:
    """Return the published figures of wards, the most deprived first, with their percentage."""
    score = wards[ward_deprivation.SCORE]
    found = wards.assign(percent_deprived=score * 100)
    unused = [ward_deprivation.SCORE, "children_0_15", "lsoas", "lsoas_most_deprived_10"]
    order = ["percent_deprived", "area_name"]
    return found.drop(columns=unused).sort_values(order, ascending=[False, True], ignore_index=True)


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
            "wards_left_out": found.summary["of"] - row["n"],
            "dispersion": found.summary["dispersion"],
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
            "wards_left_out": int((groups["parts"] - groups["parts_used"]).sum()),
            "step": "",
            "method": row["sii_method"] if known else "",
            "status": state if known or state not in NUMERIC else "not_applicable",
            "reason": row["sii_reason"],
        }
