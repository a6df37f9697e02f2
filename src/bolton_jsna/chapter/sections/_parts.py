"""What the sections have in common: rows of tables, sentences with their ids, what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.chapter.citations import row_id
from bolton_jsna.chapter.document import Block, Paragraph, Span, paragraph
from bolton_jsna.chapter.materials import Materials
from bolton_jsna.core.commands import joined, refresh_command

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.sentences.description import Description, Kind, Sentence

NO_LOCAL: Final = (
    "There are no local records of {place}, so there is no {what}. Give the authority's own "
    "extract: bolton-jsna build --area {area} --local-records FILE, then bolton-jsna chapter."
)
"""What is written where the authority's own records are missing."""


def made_up(given: Materials) -> list[Span]:
    """Return what stands before sentences on local figures where the records are illustrative."""
    return [Span("Illustrative figures:", bold=True)] if given.illustrative else []


def hides(given: Materials) -> bool:
    """Return whether a local figure is hidden."""
    for name in ("ward_profile", "local_counts"):
        table = given.tables.get(name)
        columns = [] if table is None else [each for each in table if each.endswith("status")]
        if table is not None and (table[columns] == "suppressed").any(axis=None):
            return True
    return False


def rows_of(given: Materials, table: str, **equal: Any) -> pd.DataFrame | None:
    """Return the rows of a table that have some values, None without any."""
    frame = given.tables.get(table)
    if frame is None:
        return None
    for name, value in equal.items():
        frame = frame[frame[name] == value]
    return None if frame.empty else frame.reset_index(drop=True)


def lsoas_in(row: Mapping[str, Any], place: str) -> str:
    """Return how many LSOAs of a place are in a share of England, up to the verb."""
    inside, every = row["lsoas_in_share"], row["lsoas"]
    if every == 1:
        return f"The only LSOA of {place} {'is' if inside else 'is not'}"
    if not inside:
        return f"None of the {every:,} LSOAs of {place} is"
    share = f"({row['percent_lsoas']:.1f} per cent)"
    return f"{inside:,} of the {every:,} LSOAs of {place} {share} {'is' if inside == 1 else 'are'}"


def cited(text: str, table: str, *rows: Mapping[str, Any]) -> Span:
    """Return a sentence with the ids of its rows in one table."""
    return Span(text, rows=tuple(dict.fromkeys(row_id(table, each) for each in rows)))


def said(sentence: Sentence, table: str, *more: str, model: str = "") -> Span:
    """Return a sentence of a description with ids of the chapter: of one table, and more.

    ``model`` is the last part of the ids of a table of neighbours.
    """
    ending = f"/{model}" if table == "neighbour_comparison" else ""
    ids = [f"{table}:{each}{ending}" for each in sentence.rows]
    return Span(sentence.text, rows=(*ids, *more))


def of_kind(description: Description, *kinds: Kind) -> list[Sentence]:
    """Return the sentences of a description that are about something."""
    return [each for each in description.sentences if each.kind in kinds]


def missing(text: str) -> Paragraph:
    """Return a paragraph on what is missing and how to get it."""
    return paragraph(text if text.endswith(".") else f"{text}.", role="missing")


def no_rows(given: Materials, table: str, what: str, *, datasets: Sequence[str]) -> Paragraph:
    """Return that a table has no figures: why, if that is known, and the command to fetch them."""
    start = f"For {given.place.name} there are no figures of {what}."
    why = given.missing.get(table, "")
    command = refresh_command(datasets, [given.place.name])
    return missing(f"{start} {why or f'To fetch them: {command}'}")


def no_local(given: Materials, what: str) -> Paragraph:
    """Return that there are no local records, and how to give them."""
    name = given.place.name
    return missing(NO_LOCAL.format(place=name, what=what, area=joined([name])))


def figure(given: Materials, name: str, *, table: str, what: str, needs: str = "") -> Block:
    """Return a chart or map whose figures are in a table, or why it is not there.

    ``needs`` is what else it is made from, such as ``"maps"``: that may be why it is missing.
    """
    drawn = given.drawings.get(name)
    if drawn is not None:
        return drawn.figure(name, table=table)
    why = given.missing.get(name, "") or given.missing.get(needs, "")
    about = f"The {what} is not drawn"
    return missing(f"{about}. {why}" if why else f"{about}, because the build has no figures of it")


@dataclass
class Cautions:
    """Cautions of a section, of which each is written once, where it first applies."""

    written: set[str] = field(default_factory=set)

    def new(self, spans: Iterable[Span], counted: Iterable[Span] = ()) -> list[Paragraph]:
        """Return a paragraph of the cautions that were not written yet, or none.

        ``counted`` are sentences on what a figure counts, for a paragraph of their own.
        """
        found, about = self._fresh(spans), self._fresh(counted)
        cautions = [paragraph(*found, role="caution")] if found else []
        notes = [paragraph("What is counted:", *about, role="note")] if about else []
        return [*notes, *cautions]

    def _fresh(self, spans: Iterable[Span]) -> list[Span]:
        fresh: dict[str, tuple[str, ...]] = {}
        for each in spans:
            if each.text not in self.written:
                fresh[each.text] = (*fresh.get(each.text, ()), *each.rows)
        self.written |= set(fresh)
        return [Span(text, rows=tuple(dict.fromkeys(ids))) for text, ids in fresh.items()]
