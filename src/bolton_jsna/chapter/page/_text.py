"""Paragraphs, lists and lines of the page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Final

from bolton_jsna.chapter.document import Bullets, Paragraph, Role, Span

_SAFE: Final = re.compile(r"(https?://|mailto:)\S+", re.IGNORECASE)
_WORDS: Final[dict[Role, str]] = {"note": "Note", "caution": "Caution", "missing": "Missing"}
"""What a paragraph is, in a word as well as a colour."""


def paragraph(given: Paragraph, tag: str = "p") -> str:
    """Return a paragraph; text of the authors looks like any other."""
    word = _WORDS.get(given.role, "")
    kind = f' class="{given.role}"' if word else ""
    said = f"<strong>{word}:</strong> " if word else ""
    return f"<{tag}{kind}>{said}{''.join(map(_span, given.spans))}</{tag}>"


def bullets(given: Bullets) -> str:
    """Return a list."""
    tag = "ol" if given.numbered else "ul"
    return f"<{tag}>{''.join(paragraph(each, 'li') for each in given.items)}</{tag}>"


def lines(texts: Iterable[str], kind: str) -> str:
    """Return lines below a figure or table, each on its own."""
    return "".join(f'<p class="{kind}">{escape(each)}</p>\n' for each in texts if each)


def sources(texts: Iterable[str]) -> str:
    """Return where the figures are from, each source once, in one line."""
    bare = [re.sub(r"^Sources?: ", "", each).strip() for each in texts]
    every = [each for each in dict.fromkeys(bare) if each]
    ended = [each if each.endswith(".") else f"{each}." for each in every]
    word = "Sources" if len(every) > 1 else "Source"
    return lines([f"{word}: {' '.join(ended)}"] if ended else [], "source")


def css_text(text: str) -> str:
    """Return a text as a string of a style sheet, in which nothing else can begin."""
    return f'"{re.sub(r"[^A-Za-z0-9 .,:-]", lambda found: f"{chr(92)}{ord(found[0]):x} ", text)}"'


def _span(span: Span) -> str:
    text = escape(span.text)
    if span.italic:
        text = f"<em>{text}</em>"
    if span.bold:
        text = f"<strong>{text}</strong>"
    if not _SAFE.fullmatch(span.address):
        return text
    # On paper a link is followed by its address, unless its text has it.
    bare = re.sub(r"^(https?://|mailto:)|/$", "", span.address, flags=re.IGNORECASE)
    shown = "" if bare in span.text else ' class="on-paper"'
    return f'<a{shown} href="{escape(span.address)}">{text}</a>'
