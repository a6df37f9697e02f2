"""Workbooks of three chapters in both formats, made once."""

import functools

import pytest

import odd_chapter
import sample_chapter
from bolton_jsna.chapter.document import Section
from bolton_jsna.chapter.workbook import to_ods, to_xlsx

WRITERS = {"xlsx": to_xlsx, "ods": to_ods}
CHAPTERS = {
    "sample": sample_chapter.document,
    "odd": odd_chapter.document,
    "no_tables": lambda: sample_chapter.document(sections=()),
    "no_notes": lambda: sample_chapter.document(
        sections=(Section("one", "One", (sample_chapter.table(notes=()),)),)
    ),
}


@functools.cache
def _made(chapter, kind):
    return WRITERS[kind](CHAPTERS[chapter]())


@pytest.fixture(scope="session")
def made():
    """Return the workbook of a chapter in a format."""
    return _made
