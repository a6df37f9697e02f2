"""What a build says on the terminal: the figures that matter, in words a chapter can use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bolton_jsna.building.counting import LocalCounts
from bolton_jsna.building.gathering import WORDS, Ingredients
from bolton_jsna.building.record import RunRecord
from bolton_jsna.building.tallying import LOCAL_EVENTS
from bolton_jsna.errors import clean
from bolton_jsna.measures.comparison import NeighbourComparison
from bolton_jsna.measures.inequality import summarise_idaci
from bolton_jsna.publication import NOT_FOR_PUBLICATION

if TYPE_CHECKING:
    import pandas as pd


def figures(
    made_from: Ingredients,
    tables: dict[str, pd.DataFrame],
    compared: list[NeighbourComparison],
    local: LocalCounts | None,
) -> dict[str, Any]:
    """Return the figures of the summary, rounded as they are printed.

    Returns
    -------
    dict
        ``rates`` (one entry per indicator, from the newest model of neighbours), ``children``,
        ``idaci``, ``most_deprived_wards`` and ``local``.
    """
    model = next(iter(made_from.neighbours), None)
    rates = []
    for each in compared:
        if each.summary["model"] != model:
            continue
        own = each.table.iloc[0]
        rates.append(
            {
                "indicator": each.summary["indicator"],
                "year": each.summary["year"],
                "model": model,
                "count": None if own.isna()["count"] else int(own["count"]),
                "rate": _rounded(own["rate"]),
                "lower": _rounded(own["lower"]),
                "upper": _rounded(own["upper"]),
                "status": own["status"],
                "england": _rounded(each.summary["england"]),
                "versus_england": own["verdict"],
                "neighbours_mean": _rounded(each.summary["mean"]),
                "neighbours_used": each.summary["used"],
                "neighbours_of": each.summary["of"],
            }
        )
    totals = made_from.projections.groupby("year")["population"].sum()
    first = int(totals.index.min())
    ahead = min(int(totals.index.max()), first + 10)
    wards = tables["idaci_ward"].sort_values("idaci_score", ascending=False).head(3)
    return {
        "rates": rates,
        "children": {
            "estimate": made_from.latest_estimate,
            "base_year": int(made_from.projections["base_year"].iloc[0]),
            "from": [first, round(float(totals[first]))],
            "to": [ahead, round(float(totals[ahead]))],
        },
        "idaci": {
            "edition": int(made_from.idaci["edition"].iloc[0]),
            "lsoas": len(made_from.idaci),
            "most_deprived_10": int(summarise_idaci(made_from.idaci, shares=[10])["lsoas"].iloc[0]),
        },
        "most_deprived_wards": [
            [name, _rounded(score * 100)]
            for name, score in zip(wards["area_name"], wards["idaci_score"], strict=True)
        ],
        "local": _local_figures(local),
    }


def _local_figures(local: LocalCounts | None) -> dict[str, Any] | None:
    if local is None:
        return None
    return {
        "year": local.year,
        "totals": {name: local.total(event) for event, name in LOCAL_EVENTS.items()},
        "without_ward": {LOCAL_EVENTS[event]: local.unplaced(event) for event in local.events},
        "wards_hidden": {
            name: int((local.wards(event)["status"] == "suppressed").sum())
            for event, name in LOCAL_EVENTS.items()
            if event in local.events
        },
    }


def summary(record: RunRecord) -> str:
    """Return the text that a build prints, plain and without colour.

    Parameters
    ----------
    record : RunRecord

    Returns
    -------
    str
    """
    facts = record.figures
    lines = [f"{record.area}: safeguarding figures for the JSNA chapter", ""]
    if record.unprotected:
        lines = [f"{NOT_FOR_PUBLICATION}: small numbers are left open.", "", *lines]
    for each in facts["rates"]:
        lines.append(f"{WORDS[each['indicator']]}, {each['year']}")
        if each["rate"] is None:
            lines.append(f"  no rate ({each['status'].replace('_', ' ')})")
        else:
            lines.append(
                f"  {each['rate']:,} per 10,000 children ({each['count']:,} in all; 95% interval "
                f"{each['lower']:,} to {each['upper']:,})"
            )
        england = "not known" if each["england"] is None else f"{each['england']:,}"
        mean = "not known" if each["neighbours_mean"] is None else f"{each['neighbours_mean']:,}"
        verdict = {"higher": ": higher", "lower": ": lower", "similar": ": similar"}.get(
            each["versus_england"], ""
        )
        lines.append(
            f"  England {england}{verdict}; mean of statistical neighbours {mean} "
            f"({each['neighbours_used']} of {each['neighbours_of']}, {each['model']} model)"
        )
    children, idaci = facts["children"], facts["idaci"]
    lines += [
        "",
        *(
            [f"Children aged 0-17: {estimate[1]:,} at mid-{estimate[0]} (estimate)"]
            if (estimate := children["estimate"])
            else []
        ),
        f"  projected {children['to'][1]:,} at mid-{children['to'][0]}, from "
        f"{children['from'][1]:,} at mid-{children['from'][0]} ({children['base_year']}-based "
        "projection)",
        f"Child deprivation (IDACI {idaci['edition']}): {idaci['most_deprived_10']} of "
        f"{idaci['lsoas']} LSOAs are among England's most deprived tenth",
        "  most deprived wards: "
        + ", ".join(f"{name} {score}%" for name, score in facts["most_deprived_wards"]),
    ]
    local = facts["local"]
    if local is not None:
        word = "illustrative" if record.illustrative else "the authority's own"
        hidden = local["wards_hidden"]
        called = {"referrals": "referrals", "plans": "plans open at its end"}
        lines += [
            f"Local records ({word}), year ending 31 March {local['year']}: "
            + " and ".join(f"{_number(local['totals'][name])} {called[name]}" for name in hidden),
            "  hidden as small numbers: "
            + ", ".join(f"{number} wards' {name}" for name, number in hidden.items()),
        ]
    lines += ["", "What to know"]
    lines += [f"  - {note}" for note in record.notes]
    lines += ["", "Sources"]
    lines += [
        f"  - {each['title']} ({each['publisher']}): {each['vintage'] or each['edition']}"
        for each in record.sources
    ]
    kinds = sorted({name.rsplit("/", 1)[0] for name in record.outputs})
    lines += ["", f"Written to {record.workspace}"]
    lines += [
        f"  - {kind}/: "
        + ", ".join(sorted({_stem(name) for name in record.outputs if name.startswith(f"{kind}/")}))
        for kind in kinds
    ]
    passed = sum(check.passed for check in record.checks)
    lines.append(f"  - {passed} of {len(record.checks)} checks passed; see data/processed/run.json")
    return clean("\n".join(lines))


def _number(value: int | None) -> str:
    return "few (hidden)" if value is None else f"{value:,}"


def _stem(name: str) -> str:
    return name.rsplit("/", 1)[-1].rsplit(".", 1)[0]


def _rounded(value: Any) -> float | None:
    return None if value is None or value != value else round(float(value), 1)  # noqa: PLR0124 (NaN)
