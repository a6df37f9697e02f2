"""The cover of a workbook: what it is, how to read it, and whose data it has."""

from __future__ import annotations

from typing import Final

from bolton_jsna.chapter.document import SOME_MADE_UP, Document, Paragraph
from bolton_jsna.chapter.workbook._book import CONTENTS, NOTES, Cover
from bolton_jsna.chapter.workbook._text import lines, plain, source_lines
from bolton_jsna.core.states import LABELS, MEANINGS, SIGNS

_ROUNDED: Final = (
    "Numbers are rounded for reading. The tables in the folder data/processed have them in full."
)
_SIGNS: Final = "A cell without a number has a sign in square brackets:"


def cover_of(document: Document, *, notes: bool) -> Cover:
    """Return the cover; ``notes`` is whether there is a sheet of notes."""
    tables = document.tables()
    introduction = [
        document.mark,
        document.subtitle,
        document.subject,
        SOME_MADE_UP if document.illustrative else "",
        f"Figures to {document.dated}" if document.dated else "",
        f"Author: {document.author}" if document.author else "",
        f"Made with bolton-jsna {document.version}",
    ]
    if tables:
        introduction.append(f"Each table has its own sheet. The sheet {CONTENTS} lists them.")
    else:
        introduction.append("There are no tables.")
    if notes:
        introduction.append(f"[note 1] and other notes are on the sheet {NOTES}.")
    signs = [f"{SIGNS[each]} {LABELS[each]}: {MEANINGS[each]}" for each in SIGNS]
    missing = [
        f"{section.title}: {block.text}"
        for _, section in document.headings()
        for block in section.blocks
        if isinstance(block, Paragraph) and block.role == "missing"
    ]
    sources = [line for each in tables for line in each.sources]
    return Cover(
        title=plain(document.title),
        introduction=lines(introduction),
        about=lines([_ROUNDED, _SIGNS, *signs, *missing, *source_lines(sources)]),
    )
