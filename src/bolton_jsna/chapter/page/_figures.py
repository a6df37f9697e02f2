"""Charts and maps of the page, each with its words and a link to its table."""

from __future__ import annotations

from html import escape
from typing import Final

from bolton_jsna.chapter.document import MADE_UP, Figure
from bolton_jsna.chapter.page._numbers import Numbers
from bolton_jsna.chapter.page._tables import download
from bolton_jsna.chapter.page._text import lines, sources

_MAP: Final = '<div class="jsna-map"'


def figure(given: Figure, numbers: Numbers) -> str:
    """Return a figure: title above, then the drawing, notes, sources, its table and its CSV."""
    key = f"figure-{escape(given.key)}"
    number = numbers.figures[given.key]
    made_up = f'<span class="made-up">{MADE_UP}</span>' if given.illustrative else ""
    twin = numbers.tables[given.table]
    subtitle = f'<span class="subtitle">{escape(given.subtitle)}</span>' if given.subtitle else ""
    return f"""<figure id="{key}" aria-labelledby="{key}-title">
<figcaption><span class="title" id="{key}-title">Figure {number}: {escape(given.title)}</span>
{subtitle} {made_up}</figcaption>
{given.drawing.fragment(key)}
{lines(given.notes, "remark")}{sources(given.sources)}\
<p class="actions"><a href="#table-{escape(twin.key)}">The figures are in Table \
{numbers.numbers[twin.key]}</a> \
{download(twin, numbers, f"the figures of Figure {number}")}</p>
</figure>"""


def has_maps(text: str) -> bool:
    """Return whether figures of a page are maps."""
    # A text of the document cannot be taken for it: its signs are escaped.
    return _MAP in text
