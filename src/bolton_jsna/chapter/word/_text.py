"""Paragraphs and lists of the chapter."""

from __future__ import annotations

import re
from typing import Any, Final

from bolton_jsna.chapter.document import Bullets, Paragraph, Span
from bolton_jsna.chapter.word._styles import Styles
from bolton_jsna.chapter.word._xml import name_of, node, paragraph, run

_STYLES: Final = {
    "body": "normal",
    "author": "normal",
    "note": "chapter note",
    "caution": "chapter caution",
    "missing": "chapter missing",
}
_CAUTION: Final = "Caution:"
_ADDRESS: Final = re.compile(r"(?:https?://|mailto:)[^\s<>\"]+", re.IGNORECASE)


def runs_of(spans: tuple[Span, ...], styles: Styles, part: Any) -> list[Any]:
    """Return the runs of spans; only addresses of the web and of e-mail become links."""
    made = []
    for each in spans:
        if _ADDRESS.fullmatch(each.address):
            style = styles.of("hyperlink", "character")
            words = run(each.text, bold=each.bold, italic=each.italic, style=style)
            made.append(_link(words, each.address, part))
        else:
            made.append(run(each.text, bold=each.bold, italic=each.italic))
    return made


def paragraph_of(given: Paragraph, styles: Styles, part: Any) -> Any:
    """Return a paragraph; a caution begins with the word, so that colour is not all it has."""
    runs = runs_of(given.spans, styles, part)
    if given.role == "caution" and not given.text.lstrip().lower().startswith("caution"):
        runs = [run(f"{_CAUTION} ", bold=True), *runs]
    return paragraph(styles.of(_STYLES[given.role]), *runs)


def list_of(given: Bullets, styles: Styles, part: Any) -> list[Any]:
    """Return the paragraphs of a list; each list with numbers begins at 1."""
    style = styles.of("list number" if given.numbered else "list bullet")
    numbering = styles.new_numbers() if given.numbered else styles.bullets()
    return [
        paragraph(style, *runs_of(each.spans, styles, part), numbering=numbering)
        for each in given.items
    ]


def _link(words: Any, address: str, part: Any) -> Any:
    from docx.opc.constants import RELATIONSHIP_TYPE

    made = node("hyperlink", words, history=1)
    identity = part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    made.set(name_of("r:id"), identity)
    return made
