"""Ages and categories of the authority's own referrals and plans."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.chapter.cells import table_of
from bolton_jsna.chapter.document import Block, Column, Span, Table, paragraph
from bolton_jsna.chapter.materials import Materials
from bolton_jsna.chapter.sections import _parts
from bolton_jsna.core import wording
from bolton_jsna.core.states import NUMERIC

if TYPE_CHECKING:
    import pandas as pd

_TABLE: Final = "local_shares"
_NAMED: Final = 2
_ILLUSTRATIVE: Final = (
    "The ages and categories are illustrative: they are made up, and agree with the published "
    "totals of {place} only. Do not publish them as figures of {place}."
)


@dataclass(frozen=True)
class _Event:
    """What is counted: its name in charts, in sentences, and when."""

    name: str
    many: str
    when: str


_EVENTS: Final = {
    "referrals": _Event("referrals", "referrals", "in the year to 31 March {year}"),
    "cpp_at_31_march": _Event("plans", "plans", "at 31 March {year}"),
}
_GROUPS: Final = {
    "age band": ("age_band", "ages", "in the age band {name}"),
    "category": ("category", "categories", "in the category {name}"),
}


def blocks(given: Materials, event: str, cautions: _parts.Cautions) -> tuple[Block, ...]:
    """Return the sentences, charts and tables of the groups of an event."""
    return tuple(_blocks(given, event, cautions))


def _blocks(given: Materials, event: str, cautions: _parts.Cautions) -> Iterator[Block]:
    about = _EVENTS[event]
    if _parts.rows_of(given, _TABLE) is None:
        yield _parts.no_local(given, f"figure of ages or categories of {about.many}")
        return
    if given.illustrative:
        yield from cautions.new([Span(_ILLUSTRATIVE.format(place=given.place.name))])
    if (total := _total(given, event)) is not None:
        yield paragraph(total)
    notes: list[Span] = []
    for by, (_, plural, _) in _GROUPS.items():
        rows = _parts.rows_of(given, _TABLE, event=event, by=by)
        if rows is None:
            yield _parts.missing(
                f"The local records of {given.place.name} have no {plural} of {about.many}. To "
                f"show them, add the column to the extract and build again"
            )
            continue
        yield from _group(given, event, by, rows)
        notes += _notes(given, rows)
    yield from cautions.new(notes)


def _group(given: Materials, event: str, by: str, rows: pd.DataFrame) -> Iterator[Block]:
    about, (key, plural, _) = _EVENTS[event], _GROUPS[by]
    if not rows["status"].isin(NUMERIC).any():
        year = int(rows["year"].iloc[0])
        text = f"No figure by {by} is shown for {year}: all are hidden to protect children."
        why = [each for each in given.notes if each.startswith(f"{_indicator(event)} by {by}:")]
        yield _parts.missing(" ".join([text, *why]))
        return
    yield paragraph(*_sentences(rows, about, by))
    table = _table(given, event, by, rows)
    name = f"shares_{about.name}_{key}"
    yield _parts.figure(given, name, table=table.key, what=f"chart of {plural}")
    yield table


def _total(given: Materials, event: str) -> Span | None:
    """Return how many events there are in the last year, if that may be shown."""
    rows = _parts.rows_of(given, _TABLE, event=event)
    if rows is None or rows["total_status"].iloc[0] not in NUMERIC:
        return None
    about, first = _EVENTS[event], rows.iloc[0].to_dict()
    made_up = "illustrative " if given.illustrative else ""
    when = about.when.format(year=first["year"])
    text = f"The {made_up}local records have {first['total']:,} {about.many} {when}."
    return _parts.cited(text, _TABLE, first)


def _indicator(event: str) -> str:
    return wording.INDICATORS[event]


def _sentences(rows: pd.DataFrame, about: _Event, by: str) -> Iterator[Span]:
    """Return groups by name where all are known, and what is merged or hidden."""
    listed: list[dict[str, Any]] = rows.to_dict(orient="records")
    hidden = [each for each in listed if each["status"] not in NUMERIC]
    if not hidden and (rows["percent_status"] == "value").all():
        yield _named(listed, about, by)
    if hidden:
        text = f"The figures of {_quoted(hidden)} are hidden to protect children."
        yield _parts.cited(text, _TABLE, *hidden)
    merged = [each for each in listed if each["merged"]]
    if merged:
        put = "puts" if len(merged) == 1 else "each put"
        text = (
            f"{_quoted(merged)} {put} several groups together, so that no small number can be "
            "worked out."
        )
        yield _parts.cited(text, _TABLE, *merged)


def _quoted(rows: list[dict[str, Any]]) -> str:
    return wording.listed([f"\u201c{each['group_name']}\u201d" for each in rows])


def _named(listed: list[dict[str, Any]], about: _Event, by: str) -> Span:
    """Return the groups with most cases by name; none is called the largest."""
    form = _GROUPS[by][2]
    most = sorted(listed, key=lambda each: -each["count"])
    alone = [each for each in most if not each["merged"]] or most
    # Groups with as many as the last named one are named too.
    least = alone[:_NAMED][-1]["count"]
    first = [each for each in alone if each["count"] >= least]
    parts = []
    for each in first:
        name = form.format(name=_in_sentence(each["group_name"]))
        parts.append(f"{each['count']:,} ({each['percent']:.1f} per cent) are {name}")
    text = f"Of the {about.many}, {wording.listed(parts)}."
    return _parts.cited(text, _TABLE, *first)


def _in_sentence(name: str) -> str:
    return f"{name[:1].lower()}{name[1:]}"


def _table(given: Materials, event: str, by: str, rows: pd.DataFrame) -> Table:
    about, (key, _, _) = _EVENTS[event], _GROUPS[by]
    year, dated = int(rows["year"].iloc[0]), sorted(rows["as_of"].dropna().unique())
    when = about.when.format(year=year).removeprefix("in the ").removeprefix("at ")
    columns = {
        "group_name": Column("Age" if key == "age_band" else "Category"),
        "count": Column("Number", "number"),
        "percent": Column("Per cent of all", "number", 1),
    }
    notes = [f"These are the counts as they were on {each}." for each in dated]
    if (rows["percent_status"] != "value").any():
        notes.append("Shares are worked out only where every group is known.")
    return table_of(
        rows,
        columns,
        key=f"{about.name}_by_{key}",
        title=f"{about.many.capitalize()} by {by} in {given.place.name}, {when}",
        table=_TABLE,
        notes=notes,
        # No publisher: the records are the authority's own, or made up.
        sources=(f"Source: {_whose(given)}.",),
    )


def _whose(given: Materials) -> str:
    if given.illustrative:
        return "illustrative local records, made up for this example"
    return f"local records of {given.place.name}"


def _notes(given: Materials, rows: pd.DataFrame) -> Iterator[Span]:
    if (rows["status"] == "suppressed").any() and given.rule:
        yield Span(given.rule)
