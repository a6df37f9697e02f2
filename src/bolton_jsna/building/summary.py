"""What a build says on the terminal: the figures that matter, in words a chapter can use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bolton_jsna.building.gathering import Ingredients
from bolton_jsna.building.pictures import can_be_crossed, classes_of
from bolton_jsna.building.record import RunRecord
from bolton_jsna.building.tables import LOCAL_EVENTS, LocalCounts
from bolton_jsna.disclosure.rules import DFE
from bolton_jsna.measures.comparison import NeighbourComparison
from bolton_jsna.measures.events import Event
from bolton_jsna.measures.inequality import summarise_idaci
from bolton_jsna.years import denominator_year

if TYPE_CHECKING:
    import pandas as pd

WORDS = {
    "referrals": "Referrals to children's social care",
    "cpp_started": "Child protection plans started",
    "cpp_at_31_march": "Child protection plans at 31 March",
    "cin_at_31_march": "Children in need at 31 March",
}
"""The indicators as a reader names them."""

_APART = 0.01
"""How far a projection may lie from a later estimate of the same year before that is said."""

_TOTALS_APART = 0.05
"""How far the local records may lie from DfE's count of the same year before that is said."""


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
            "estimate": _latest_estimate(made_from),
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


def _latest_estimate(made_from: Ingredients) -> list[int] | None:
    """Return the latest mid-year and its children aged 0-17, as behind the authority's rates."""
    figures_ = made_from.children_in_need
    own = figures_[figures_["area_code"] == made_from.place.code].dropna(subset=["population"])
    if own.empty:
        return None
    last = own.loc[own["year"].idxmax()]
    return [denominator_year(int(last["year"])), int(last["population"])]


def _local_figures(local: LocalCounts | None) -> dict[str, Any] | None:
    if local is None:
        return None
    return {
        "year": local.year,
        "totals": {LOCAL_EVENTS[event]: number for event, number in local.totals.items()},
        "without_ward": {LOCAL_EVENTS[event]: number for event, number in local.unplaced.items()},
        "wards_hidden": {
            LOCAL_EVENTS[event]: int((table["status"] == "suppressed").sum())
            for event, table in local.wards.items()
        },
    }


def notes(
    made_from: Ingredients, local: LocalCounts | None, tables: dict[str, pd.DataFrame]
) -> list[str]:
    """Return what a reader of the outputs must know.

    Returns
    -------
    list of str
        Whole sentences, the gravest first.
    """
    found = []
    place = made_from.place.name
    if made_from.illustrative:
        found.append(
            "Ward-level referrals and plans are illustrative: they are made up, and agree with "
            f"{place}'s published totals only. Give the authority's own extract with "
            "--local-records FILE."
        )
    if local is None:
        found.append(
            f"There are no local records of {place}, so no ward referrals or plans and no map of "
            "them. Give the authority's own extract with --local-records FILE."
        )
    found += _about_children(made_from, local)
    if local is not None:
        found.append(
            f"Ward counts from 1 to {DFE.threshold} are hidden, and others with them where they "
            "could be worked out from the total."
        )
        for event in LOCAL_EVENTS:
            found += _about_unplaced(local, event)
            found += _about_total(made_from, local, event)
        found += _about_repeats(local)
        found += _about_maps(tables["ward_profile"])
    found += _about_projection(made_from)
    if made_from.local is not None:
        found += _about_rejects(made_from.local.rejects)
        plans = made_from.local.records.query("kind == 'plan'")
        if len(plans) and plans["end_date"].isna().all():
            found.append(
                "No plan of the local records has an end date, so every plan begun counts as "
                "open at 31 March."
            )
    said = [note for note in tables["neighbour_summary"]["note"].dropna().unique() if note]
    found += [note for note in said if note not in found]
    gaps = tables["neighbour_summary"].query("used < of")
    found += [
        f"{WORDS[row.indicator]} {row.year}: {row.used} of {row.of} neighbours of the "
        f"{row.model} model have a figure."
        for row in gaps.itertuples()
    ]
    return found


def map_notes(made_from: Ingredients, local: LocalCounts | None) -> list[str]:
    """Return what a reader of a map of ward referrals must know, as :func:`notes` says it."""
    found = _about_children(made_from, local)
    if local is not None:
        found += _about_unplaced(local, "referrals") + _about_repeats(local)
    return found


def _about_unplaced(local: LocalCounts, event: Event) -> list[str]:
    """Say how many events are in no ward's count: ward rates run lower for them."""
    name, number, total = LOCAL_EVENTS[event], local.unplaced[event], local.totals[event]
    if number is None:
        return [f"How many {name} have no known ward is not told, as it may be a small number."]
    if not number:
        return []
    of = f"{number:,}" if total is None else f"{number:,} of {total:,} ({number / total:.1%})"
    return [
        f"Without a known ward: {of} of the {name} in the local records. They are in no ward's "
        "count or rate."
    ]


def _about_total(made_from: Ingredients, local: LocalCounts, event: Event) -> list[str]:
    """Say when the local records are not as many as DfE published for the same year."""
    figures_, total = made_from.children_in_need, local.totals[event]
    published = figures_[
        (figures_["area_code"] == made_from.place.code)
        & (figures_["year"] == local.year)
        & (figures_["indicator"] == event)
    ]["count"].dropna()
    if published.empty or total is None or not published.iloc[0]:
        return []
    apart = total / int(published.iloc[0]) - 1
    if abs(apart) < _TOTALS_APART:
        return []
    return [
        f"The local records have {total:,} {LOCAL_EVENTS[event]} in the year ending 31 March "
        f"{local.year}, {abs(apart):.1%} {'fewer' if apart < 0 else 'more'} than DfE published "
        f"({int(published.iloc[0]):,}). Check that the extract is whole and counts the same thing."
    ]


def _about_repeats(local: LocalCounts) -> list[str]:
    """Say that intervals of ward referrals allow for children referred more than once."""
    repeats = local.repeats["referrals"]
    if repeats <= 1:
        return []
    return [
        "Intervals of ward referral rates are wider for children referred more than once "
        f"(variance {repeats:.2f} times the count in the whole authority)."
    ]


def _about_maps(profile: pd.DataFrame) -> list[str]:
    """Say which maps of referrals are left out, and why."""
    if not classes_of(profile["referrals_rate"]):
        return ["Every ward's referral rate is hidden, so there is no map of referrals."]
    if not can_be_crossed(profile):
        return [
            "The wards' rates that are shown are all alike, so there is no map of deprivation "
            "against referrals."
        ]
    return []


def _about_projection(made_from: Ingredients) -> list[str]:
    """Say where an estimate made since a projection has left it: its level is out of date."""
    latest = _latest_estimate(made_from)
    if latest is None:
        return []
    mid, estimate = latest
    projected = made_from.projections.query("year == @mid")["population"].sum()
    apart = projected / estimate - 1
    if not projected or abs(apart) < _APART:
        return []
    return [
        f"The projection has {projected:,.0f} children aged 0-17 at mid-{mid}, {abs(apart):.1%} "
        f"{'fewer' if apart < 0 else 'more'} than the estimate made since ({estimate:,}). Do not "
        "read a change from the estimate to a projected year."
    ]


def _about_rejects(rejects: pd.DataFrame) -> list[str]:
    found = []
    for reason, rows in rejects.groupby("reason")["row"]:
        more = " ..." if len(rows) > 8 else ""
        said = (
            "1 row of the local records was"
            if len(rows) == 1
            else (f"{len(rows)} rows of the local records were")
        )
        found.append(
            f"{said} refused: {reason} "
            f"({'row' if len(rows) == 1 else 'rows'} {', '.join(map(str, rows.head(8)))}{more})."
        )
    return found


def _about_children(made_from: Ingredients, local: LocalCounts | None) -> list[str]:
    children = made_from.children
    if not (children["status"] == "modelled").any():
        return []
    year = int(children["year"].iloc[0])
    text = (
        f"Children aged 0-17 by ward are modelled for mid-{year} (children aged 0-15 of the "
        "Indices times the authority's ratio of 0-17 to 0-15), not published."
    )
    figures_ = made_from.children_in_need
    if local is not None:
        mid = denominator_year(local.year)
        own = figures_[
            (figures_["area_code"] == made_from.place.code) & (figures_["year"] == local.year)
        ]["population"].dropna()
        if len(own):
            more = float(own.iloc[0]) / float(children["population"].sum()) - 1
            text += (
                f" They are {abs(more):.1%} {'fewer' if more > 0 else 'more'} than the mid-{mid} "
                f"estimate behind the authority's rate, so ward rates run that much "
                f"{'higher' if more > 0 else 'lower'}."
            )
    return [text]


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
        lines += [
            f"Local records ({word}), year ending 31 March {local['year']}: "
            f"{_number(local['totals']['referrals'])} referrals and "
            f"{_number(local['totals']['plans'])} plans open at its end",
            f"  hidden as small numbers: {hidden['referrals']} wards' referrals, "
            f"{hidden['plans']} wards' plans",
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
    return "\n".join(lines)


def _number(value: int | None) -> str:
    return "few (hidden)" if value is None else f"{value:,}"


def _stem(name: str) -> str:
    return name.rsplit("/", 1)[-1].rsplit(".", 1)[0]


def _rounded(value: Any) -> float | None:
    return None if value is None or value != value else round(float(value), 1)  # noqa: PLR0124 (NaN)
