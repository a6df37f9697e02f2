"""Results of measures as short tables: the figures a reader asks for first, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from bolton_jsna.core import wording
from bolton_jsna.core.notebook import ShortTable
from bolton_jsna.core.states import LABELS

_MEASURES: Final = {
    "pearson": "Correlation (Pearson)",
    "spearman": "Rank correlation (Spearman)",
    "rate_ratio": "Rate ratio",
}


def p_text(p: float) -> str:
    """Return a p-value as text."""
    if math.isnan(p):
        return "not available"
    return "under 0.001" if p < 0.001 else f"{p:.3f}"


def comparison_table(table: pd.DataFrame, summary: Mapping[str, Any], per: float) -> ShortTable:
    """Return a comparison with neighbours: mean, median, pooled, range, rank and verdicts."""
    here, level = summary["area"], f"{summary['confidence'] * 100:g}%"
    what = wording.INDICATORS.get(summary["indicator"], summary["indicator"].replace("_", " "))
    rows = [(here, _own_rate(table.iloc[0], level))]
    for _, region in table[table["role"] == "region"].iterrows():
        rows.append((region["area_name"], wording.figure(region["rate"])))
    england = wording.against_england(summary["england"], summary["against_england"])
    england = england.removeprefix("England ")
    if not math.isnan(summary["england_p"]):
        england += f", p {p_text(summary['england_p'])}"
    rows += [("Compared with England", england)] if here != "England" else []
    used = f"{summary['used']} of {summary['of']} with a rate ({summary['model']} model)"
    rows.append(("Statistical neighbours", used))
    if summary["used"]:
        rows += _neighbours(table, summary, level)
    place, of, first, last = (summary[f"rank{end}"] for end in ("", "_of", "_first", "_last"))
    rank = wording.rank(place, of, first, last, level)
    rows += [("Rank", rank)] if rank else []
    caption = f"{what} per {per:,.0f} children, year ending 31 March {summary['year']}"
    return ShortTable(caption, rows, notes=_notes(summary), further=_rates(table, level))


def _notes(summary: Mapping[str, Any]) -> list[str]:
    """Return what the words of a comparison do not mean (docs/methods/claims.md)."""
    apart = ("lower", "higher")
    notes = [summary["note"]]
    if summary["against_england"] in apart or summary["against_pooled"] in apart:
        notes.append(wording.NOT_UNUSUAL)
    notes.append(outside_by_chance(summary))
    return [each for each in notes if each]


def outside_by_chance(summary: Mapping[str, Any]) -> str:
    """Return what it means to lie outside of the usual range; empty for an area that does not."""
    if summary["against_neighbours"] not in ("lower", "higher"):
        return ""
    return wording.outside_by_chance(summary["confidence"])


def _own_rate(own: pd.Series, level: str) -> str:
    if pd.isna(own["rate"]):
        return f"no rate ({LABELS[own['status']].lower()})"
    return f"{own['rate']:,.1f} ({_between(own, level)}{wording.repeats(own['method'])})"


def _between(row: pd.Series, level: str) -> str:
    return f"{level} interval {row['lower']:,.1f} to {row['upper']:,.1f}"


def _neighbours(
    table: pd.DataFrame, summary: Mapping[str, Any], level: str
) -> list[tuple[str, str]]:
    """Return the rows about the neighbours that have a rate."""
    here = summary["area"]
    near = table[(table["role"] == "neighbour") & table["rate"].notna()].sort_values("rate")
    lowest, highest = near.iloc[0], near.iloc[-1]
    pooled = wording.figure(summary["pooled"])
    if summary["against_pooled"] != "not_compared":
        verdict = wording.CHANCE[summary["against_pooled"]]
        pooled += f"; {here} is {verdict}, p {p_text(summary['ratio_p'])}"
    usual = wording.usual_range(
        summary["against_neighbours"],
        *(summary[f"usual_{end}"] for end in ("lower", "centre", "upper")),
        rate=summary["rate"],
        reason=summary["against_neighbours_reason"],
    )
    rows = [
        ("Mean of their rates", wording.figure(summary["mean"])),
        ("Median of their rates", wording.figure(summary["median"])),
        ("Rate of all of them together", pooled),
        (
            "Range of their rates",
            f"{lowest['rate']:,.1f} ({lowest['area_name']}) to "
            f"{highest['rate']:,.1f} ({highest['area_name']})",
        ),
        (f"Usual range of areas like {here} ({level})", usual),
    ]
    apart = [f"{summary[f'{word}_beyond_chance']} {word}" for word in ("lower", "higher")]
    if not math.isnan(summary["rate"]):
        text = f"{' and '.join(apart)} than {here} by more than chance in the counts"
        rows.append(("Neighbours that differ", text))
    return rows


def _rates(table: pd.DataFrame, level: str) -> ShortTable:
    """Return the rate of each area."""
    rows = [
        (
            row["area_name"],
            wording.figure(row["rate"]) if pd.notna(row["rate"]) else LABELS[row["status"]].lower(),
            f"{row['lower']:,.1f} to {row['upper']:,.1f}" if pd.notna(row["rate"]) else "",
            "" if pd.isna(row["rank"]) else str(row["rank"]),
            wording.MAP_VERDICTS[row["verdict"]].lower(),
        )
        for _, row in table.iterrows()
    ]
    columns = ["Area", "Rate", f"{level} interval", "Rank", "Compared with England"]
    return ShortTable("The rate of each area", rows, columns)


def association_table(table: pd.DataFrame, summary: Mapping[str, Any]) -> ShortTable:
    """Return an association: each measure with its interval and p, and the sentence."""
    rows = [
        (
            _MEASURES[row["measure"]],
            f"{row['estimate']:.2f}",
            f"{row['lower']:.2f} to {row['upper']:.2f}",
            p_text(row["p"]),
        )
        if row["status"] == "value"
        else (_MEASURES[row["measure"]], LABELS[row["status"]].lower(), "", "")
        for _, row in table.iloc[::-1].iterrows()
    ]
    columns = ["Measure", "Estimate", f"{summary['confidence'] * 100:g}% interval", "p"]
    of = f"{summary['used']:,} of {summary['of']:,} {summary['areas']}"
    caption = f"{summary['events']} and {summary['deprivation']}: {of}"
    missing = table.loc[table["status"] != "value", ["measure", "reason"]]
    reasons = [f"{_MEASURES[name]}: {why}." for name, why in missing.itertuples(index=False)]
    return ShortTable(caption, rows, columns, notes=[*reasons, summary["sentence"]])


def autocorrelation_table(summary: Mapping[str, Any]) -> ShortTable:
    """Return spatial autocorrelation: Moran's I, its p, the areas that stand out, the sentence."""
    bivariate = summary["other"] is not None
    what = " and ".join(each for each in (summary["value"], summary["other"]) if each)
    known = summary["status"] == "value"
    i = f"{summary['i']:.3f}" if known else LABELS[summary["status"]].lower()
    rows = [("Bivariate Moran's I" if bivariate else "Moran's I", i)]
    if known:
        rows += [] if bivariate else [("Expected without a pattern", f"{summary['expected']:.3f}")]
        how = f"{summary['alternative']}, {summary['permutations']:,} permutations"
        rows.append(("p", f"{p_text(summary['p'])} ({how})"))
        counts = ", ".join(f"{number} {name}" for name, number in summary["patterns"].items())
        rows += [("Areas, then their neighbours", counts)] if counts else []
    notes = [f"{summary['sentence'].rstrip('.')}.", summary["note"]]
    caption = f"Spatial autocorrelation of {what}: {summary['used']:,} of {summary['of']:,} areas"
    return ShortTable(caption, rows, notes=[each for each in notes if each])
