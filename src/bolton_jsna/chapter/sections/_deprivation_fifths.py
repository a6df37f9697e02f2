"""Whether the rates of wards go with their deprivation: fifths, slope index and association."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.chapter import ward_deprivation
from bolton_jsna.chapter.cells import number as cell_of
from bolton_jsna.chapter.cells import table_of, words
from bolton_jsna.chapter.citations import row_ids
from bolton_jsna.chapter.document import Block, Column, Span, Table, paragraph
from bolton_jsna.chapter.materials import Materials
from bolton_jsna.chapter.sections import _deprivation_wards, _parts
from bolton_jsna.core.states import NUMERIC
from bolton_jsna.drawing.attribution import attributions
from bolton_jsna.measures.association_text import CAUTION
from bolton_jsna.sentences.describe import describe

if TYPE_CHECKING:
    import pandas as pd

_FIFTHS: Final = "deprivation_fifths"
_MEASURES: Final = "deprivation_association"
_TITLES: Final = {
    "pearson": "Correlation (Pearson)",
    "spearman": "Rank correlation (Spearman)",
    "rate_ratio": "Rate ratio for one tenth of the wards more deprived",
    "relative_index": "Relative index of inequality",
}
_NOT_MADE: Final = "Not worked out"
_LEFT_OUT: Final = (
    "Wards with a hidden figure are left out. Whether a figure is hidden depends on the count, so "
    "the wards that are left may show a weaker or a stronger link than all wards would."
)
_NO_SUM: Final = "A fifth with a hidden ward has no figure, because its sum would be incomplete."


def blocks(
    given: Materials, wards: pd.DataFrame, by_ward: pd.DataFrame, name: str
) -> tuple[Block, ...]:
    """Return the sentences, charts and tables of an event."""
    return tuple(_blocks(given, wards, by_ward, name))


def _blocks(
    given: Materials, wards: pd.DataFrame, by_ward: pd.DataFrame, name: str
) -> Iterator[Block]:
    title = ward_deprivation.TITLES[name]
    rates = ward_deprivation.ward_rates(wards, name)
    known = rates["status"].isin(NUMERIC) & rates[ward_deprivation.SCORE].notna()
    if not known.any():
        yield _parts.missing(
            f"The figures on {title.lower()} of all wards are hidden or not available, so they are "
            "not compared with deprivation"
        )
        return
    fifths = _parts.rows_of(given, _FIFTHS, event=name)
    measures = _parts.rows_of(given, _MEASURES, event=name)
    spans = [*_of_fifths(fifths, title), *_of_slope(measures)]
    if spans:
        yield paragraph(*_parts.made_up(given), *spans)
    if measures is not None:
        yield paragraph(*_parts.made_up(given), *_of_association(rates, measures, title))
    if (rates["status"] == "suppressed").any():
        yield paragraph(_LEFT_OUT, *([_NO_SUM] if _has_hidden(fifths) else []), role="caution")
    yield from _fifths(given, fifths, name)
    key, what = _deprivation_wards.key_of(name), f"scatter chart of {title.lower()}"
    yield _parts.figure(given, f"scatter_{name}", table=key, what=what)
    if name != "referrals":
        # The table of referrals by ward is below the map.
        yield _deprivation_wards.table(given, by_ward, name)
    if measures is not None:
        yield _table(given, measures, name)


def _has_hidden(fifths: pd.DataFrame | None) -> bool:
    return fifths is not None and bool((fifths["status"] == "suppressed").any())


def _of_fifths(fifths: pd.DataFrame | None, title: str) -> Iterator[Span]:
    """Return the rates of the most and of the least deprived fifth; a hidden one is named so."""
    if fifths is None:
        return
    ends = fifths.sort_values("fifth").to_dict(orient="records")
    for row, which in ((ends[0], "most"), (ends[-1], "least")):
        start = f"In the {which} deprived fifth of the wards"
        if row["status"] not in NUMERIC:
            state = "hidden" if row["status"] == "suppressed" else "not available"
            text = f"{start} the number of {title.lower()} is {state}."
        else:
            text = (
                f"{start} there {_counted(row['count'], title)}, {_rate(row['rate'])} per "
                f"10,000 children (95% interval {_rate(row['lower'])} to {_rate(row['upper'])})."
            )
        yield _parts.cited(text, _FIFTHS, row)


def _counted(count: float, title: str) -> str:
    """Return a number of events with its verb: none and one have words of their own."""
    if count == 1:
        return f"was one {ward_deprivation.ONE[title]}"
    number = "no" if count == 0 else f"{count:,.0f}"
    return f"were {number} {title.lower()}"


def _of_slope(measures: pd.DataFrame | None) -> Iterator[Span]:
    for row in _rows(measures, "slope_index"):
        if row["status"] not in NUMERIC:
            text = "There is no slope index of inequality, because not all fifths have a figure."
            yield _parts.cited(text, _MEASURES, row)
            continue
        text = (
            f"The slope index of inequality is {_rate(row['estimate'])} per 10,000 children (95% "
            f"interval {_rate(row['lower'])} to {_rate(row['upper'])}): the fitted rate at the "
            "most deprived end of the wards less that at the least deprived end."
        )
        if row["lower"] <= 0 <= row["upper"]:
            text += " The interval includes 0: the difference may be chance."
        yield _parts.cited(text, _MEASURES, row)


def _of_association(rates: pd.DataFrame, measures: pd.DataFrame, title: str) -> list[Span]:
    """Return what the association supports, in its own words, with ids of the chapter."""
    found = describe(ward_deprivation.association_of(rates, title))
    named = dict(zip(found.table["id"], found.table["measure"], strict=True))
    ids = dict(zip(measures["measure"], row_ids(_MEASURES, measures), strict=True))
    return [
        Span(each.text, rows=tuple(ids[named[row]] for row in each.rows))
        for each in found.sentences
        # The caution is in the section once, for all figures.
        if each.text != CAUTION
    ]


def _rows(measures: pd.DataFrame | None, measure: str) -> list[dict[str, Any]]:
    if measures is None:
        return []
    return list(measures[measures["measure"] == measure].to_dict(orient="records"))


def _rate(value: float) -> str:
    """Return a rate as in the other sentences: no decimal from 100 on."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.1f}"


def _fifths(given: Materials, fifths: pd.DataFrame | None, name: str) -> Iterator[Block]:
    """Return the chart of the fifths and its table."""
    title = ward_deprivation.TITLES[name]
    key = f"fifths_{name}"
    if fifths is None:
        why = given.missing.get(f"deprivation_{name}", "")
        yield _parts.missing(f"There are no figures by fifth of deprivation. {why}".strip())
        return
    what = "chart of the fifths"
    yield _parts.figure(given, f"deprivation_{name}", table=key, what=what)
    columns = {
        "fifth_text": Column("Fifth of the wards"),
        "wards": Column("Wards", "number"),
        "count": Column(title, "number"),
        "children": Column("Children aged 0-17", "number"),
        "rate": Column("Rate per 10,000 children", "number", 1),
        "lower": Column("Lower 95% limit", "number", 1),
        "upper": Column("Upper 95% limit", "number", 1),
    }
    known = fifths.assign(known="value")
    ends = {1: " (most deprived)", ward_deprivation.FIFTHS: " (least deprived)"}
    period = ward_deprivation.PERIODS[name].format(year=fifths["year"].iloc[0])
    yield table_of(
        known.assign(fifth_text=[f"{each}{ends.get(each, '')}" for each in known["fifth"]]),
        columns,
        key=key,
        title=f"{title} by fifth of deprivation of the wards of {given.place.name}, {period}",
        table=_FIFTHS,
        statuses=dict.fromkeys(("wards", "children"), "known"),
        notes=("Fifths are of the wards, so they need not have equal numbers of children.",),
    )


def _method(row: dict[str, Any]) -> str:
    """Return how a measure was made, as a table has it."""
    text = str(row["method"] or _NOT_MADE)
    return f"{text[:1].upper()}{text[1:]}"


def _table(given: Materials, measures: pd.DataFrame, name: str) -> Table:
    """Return the measures of association; a measure without a figure has its state."""
    # The slope index is in the sentences: a rate, it has fewer decimals than these.
    measures = measures[measures["measure"].isin(list(_TITLES))]
    rows = []
    for row in measures.to_dict(orient="records"):
        numbers = [
            cell_of(row[each], 2, row["status"] if row["status"] not in NUMERIC else None)
            for each in ("estimate", "lower", "upper")
        ]
        used = cell_of(row["wards_used"])
        rows.append((words(_TITLES[row["measure"]]), *numbers, used, words(_method(row))))
    title = ward_deprivation.TITLES[name]
    return Table(
        key=f"association_{name}",
        title=f"{title} and deprivation across the wards of {given.place.name}: measures",
        columns=(
            Column("Measure"),
            Column("Estimate", "number", 2),
            Column("Lower 95% limit", "number", 2),
            Column("Upper 95% limit", "number", 2),
            Column("Wards used", "number"),
            Column("Method"),
        ),
        rows=tuple(rows),
        ids=tuple(row_ids(_MEASURES, measures)),
        notes=("A rate ratio or relative index of 1, or a correlation of 0, would mean no link.",),
        sources=tuple(dict.fromkeys(attributions(measures))),
        illustrative=bool(measures["illustrative"].any()),
    )
