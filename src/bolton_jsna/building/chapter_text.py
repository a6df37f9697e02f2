"""What the command ``chapter`` prints: the files, what to know, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bolton_jsna.building import paths
from bolton_jsna.core.errors import clean
from bolton_jsna.core.export import NOT_FOR_PUBLICATION

if TYPE_CHECKING:
    from bolton_jsna.building.chapter import Chapter

_FOR: Final = {
    ".docx": "for Word",
    ".html": "for a browser: one file, opens without a network",
    ".xlsx": "all tables, for Excel",
    ".ods": "all tables, as an OpenDocument spreadsheet",
}


def chapter_lines(chapter: Chapter) -> str:
    """Return the files of a chapter and what its reader must know, as text."""
    record = chapter.record
    lines = [f"{chapter.area}: the safeguarding chapter", ""]
    if record.unprotected:
        lines = [f"{NOT_FOR_PUBLICATION}: small numbers are not hidden.", "", *lines]
    lines += [f"  {each}  ({_FOR[each.suffix]})" for each in chapter.files]
    if chapter.figures:
        folder, number = chapter.figures[0].parent, len(chapter.figures)
        lines.append(f"  {folder}  ({number} files: charts and maps, captions.md)")
    if record.illustrative:
        lines += [
            "",
            "Ward-level figures are illustrative: they are made up. To use your own records, run",
            "bolton-jsna build --local-records FILE once, and then this command again.",
        ]
    lines += [
        "",
        f"Your own text goes to {paths.OWN_TEXT.as_posix()}/*.md, below a heading of the chapter:",
        f"{paths.GUIDE.as_posix()} has the headings and an example.",
        f"The row behind each figure is in {paths.PROCESSED.as_posix()}/chapter_figures.csv.",
    ]
    return clean("\n".join(lines))
