"""The table of contents: a field with the headings in it until Word works out the pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bolton_jsna.chapter.word._styles import Styles
from bolton_jsna.chapter.word._xml import field_ends, node, paragraph, run


def contents_of(headings: Sequence[tuple[int, str, str]], styles: Styles) -> Any:
    """Return the contents from the level, bookmark and words of each heading."""
    start, end = field_ends(r'TOC \o "1-3" \h \z \u')
    lines = []
    for level, mark, words in headings:
        link = node("hyperlink", run(words), anchor=mark, history=1)
        lines.append(paragraph(styles.of(f"toc {level}"), *start, link))
        start = []
    if start:
        lines.append(paragraph(styles.of("toc 1"), *start))
    lines[-1].append(end)
    gallery = node(
        "docPartObj", node("docPartGallery", val="Table of Contents"), node("docPartUnique")
    )
    # A template may number its headings; the contents are not a section, so they have no number.
    title = paragraph(styles.of("toc heading"), run("Contents"), keep=True, numbering=(0, 0))
    return node("sdt", node("sdtPr", gallery), node("sdtContent", title, *lines))
