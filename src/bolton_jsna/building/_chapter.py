"""The chapter of a build: what it is made from, and its files."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.building import (
    _chapter_deprivation,
    _chapter_files,
    _chapter_inputs,
    _chapter_tables,
    _own_text_doubts,
    paths,
)
from bolton_jsna.building._protected_counts import ProtectedCounts
from bolton_jsna.building._sign_off import rule_in_words
from bolton_jsna.building._to_year import not_held
from bolton_jsna.building.inputs import Ingredients
from bolton_jsna.chapter.materials import Drawn, Materials, OwnText
from bolton_jsna.core.areas import Area
from bolton_jsna.core.errors import choice
from bolton_jsna.core.export import NOT_FOR_PUBLICATION
from bolton_jsna.core.version import __version__

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.building._options import BuildOptions
    from bolton_jsna.chapter.document import Document
    from bolton_jsna.charts._chart import Chart

_log = logging.getLogger(__name__)

DRAFT: Final = "Draft"


@dataclass(frozen=True)
class OwnParts:
    """What the authors give: paragraphs, and a Word template with its name."""

    text: OwnText
    template: bytes | None = None
    template_name: str = ""
    remarks: tuple[str, ...] = ()


def formats_of(given: str | Iterable[str], name: str = "chapter") -> tuple[str, ...]:
    """Return the formats of a chapter, each once and in one order."""
    asked = given.split(",") if isinstance(given, str) else list(given)
    wanted = [each.strip().lower() if isinstance(each, str) else each for each in asked]
    wanted = [each for each in wanted if each != ""]
    for each in wanted:
        choice(name, each, paths.CHAPTER_FORMATS)
    return tuple(each for each in paths.CHAPTER_FORMATS if each in wanted)


def own_parts(options: BuildOptions) -> OwnParts:
    """Return the text and the template of the authors; a fault in them stops a build early."""
    if not options.chapter:
        return OwnParts(OwnText())
    template = _chapter_inputs.template(options.goal) if "docx" in options.chapter else None
    name = paths.TEMPLATE.as_posix()
    # A fault in the template stops the build before anything is made.
    remarks = () if template is None else _chapter_inputs.template_remarks(template, name)
    return OwnParts(_chapter_inputs.own_text(options.goal), template, name, remarks)


def more_tables(
    made_from: Ingredients,
    made: Mapping[str, pd.DataFrame],
    local: ProtectedCounts,
    options: BuildOptions,
) -> dict[str, pd.DataFrame]:
    """Return the tables that only a chapter needs."""
    if not options.chapter:
        return {}
    found = _chapter_tables.need_tables(made_from, made)
    return found | _chapter_deprivation.deprivation_tables(made["ward_profile"], local.repeats)


def materials(
    made_from: Ingredients,
    made: Mapping[str, pd.DataFrame],
    local: ProtectedCounts,
    options: BuildOptions,
    *,
    charts: Mapping[str, Chart | str],
    maps: Mapping[str, tuple[Any, Any]],
    notes: Iterable[str],
) -> Materials:
    """Return what the sections are made from: the tables as they are published, and drawings."""
    from bolton_jsna.chapter.drawings import drawn_chart, drawn_map

    drawings: dict[str, Drawn] = {}
    missing = {**not_held(made_from, made["profile"]["indicator"].tolist()), **made_from.absent}
    for name, chart in charts.items():
        if isinstance(chart, str):
            missing[name] = chart
        else:
            drawings[name] = drawn_chart(chart)
    for name, (page, printed) in maps.items():
        drawings[name] = drawn_map(page, printed)
    if made_from.no_shapes:
        missing["maps"] = made_from.no_shapes
    if made_from.no_other_edition:
        missing["deprivation_by_edition"] = made_from.no_other_edition
    wards = made["ward_profile"]
    hides = any(
        bool((wards[name] == "suppressed").any())
        for name in wards.columns
        if name.endswith("_status")
    )
    mark = NOT_FOR_PUBLICATION if options.unprotected else DRAFT if options.draft else ""
    return Materials(
        place=made_from.place,
        tables=dict(made),
        drawings=drawings,
        missing=missing,
        notes=tuple(notes),
        rule=rule_in_words(local.rule, hides=hides) if local.events else "",
        year=local.year if local.events else None,
        illustrative=made_from.illustrative,
        dated=_dated(made["rates"], made_from.place),
        version=__version__,
        mark=mark,
        ids_shown=options.draft,
    )


def _dated(rates: pd.DataFrame, place: Area) -> str:
    """Return the day to which the area's figures go; no clock, so the bytes stay the same."""
    return f"31 March {int(rates.loc[rates['area_code'] == place.code, 'year'].max())}"


def write(given: Materials, own: OwnParts, staged: Path, options: BuildOptions) -> None:
    """Write the chapter in the formats asked for, its figures, and where each number is from."""
    from bolton_jsna.chapter.contents import document_of

    for each in _own_text_doubts.doubts(own.text, given.tables):
        _log.warning("%s", each)
    write_document(document_of(replace(given, own_text=own.text)), own, staged, options)


def write_document(document: Document, own: OwnParts, staged: Path, options: BuildOptions) -> None:
    """Write a document in the formats asked for, its figures and the rows that it cites."""
    for each in (*own.text.remarks, *own.remarks):
        _log.warning("%s", each)
    goal = options.goal / paths.PRIVATE if options.unprotected else options.goal
    folder = staged / paths.CHAPTER
    folder.mkdir(parents=True, exist_ok=True)
    for kind in options.chapter:
        content = _content(document, kind, own)
        (staged / _chapter_files.free_file(kind, goal)).write_bytes(content)
    _write_figures(document, staged / paths.FIGURES)
    _write_citations(document, staged / paths.PROCESSED)


def _content(document: Document, kind: str, own: OwnParts) -> bytes:
    """Return the chapter in one format."""
    from bolton_jsna.chapter.writers import written

    return written(document, kind, own.template, own.template_name)


def _write_figures(document: Document, folder: Path) -> None:
    """Write each figure for print, and all captions and notes in one file."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = [f"# Figures of {document.title}\n"]
    for number, each in enumerate(document.figures(), start=1):
        (folder / f"{each.key}.png").write_bytes(each.drawing.png())
        (folder / f"{each.key}.svg").write_text(each.drawing.svg(), encoding="utf-8", newline="\n")
        lines = [f"## Figure {number}: {each.title} ({each.key})", each.subtitle]
        lines += ["Illustrative figures."] if each.illustrative else []
        lines += [f"Text alternative: {each.alt}", *each.notes, *each.sources]
        parts.append("\n\n".join(filter(None, lines)) + "\n")
    text = "\n".join(parts)
    (folder / "captions.md").write_text(text, encoding="utf-8", newline="\n")


def _write_citations(document: Document, folder: Path) -> None:
    """Write which row of which table is behind each sentence and row of the chapter."""
    import pandas as pd

    from bolton_jsna.building._outputs import write_tables
    from bolton_jsna.chapter.citations import cited

    rows = pd.DataFrame(list(cited(document)), columns=["part", "text", "id"], dtype=str)
    rows["file"] = [each.partition(":")[0] for each in rows["id"]]
    write_tables({"chapter_figures": rows}, folder)
