"""The chapter as one page of HTML that loads nothing, for every width and for paper.

Every text passes :func:`html.escape`; links lead to http, https or mail addresses only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from importlib import resources
from typing import Final

from bolton_jsna.chapter.document import (
    SOME_MADE_UP,
    Block,
    Bullets,
    Document,
    Paragraph,
    Section,
    Table,
)
from bolton_jsna.chapter.page._figures import figure, has_maps
from bolton_jsna.chapter.page._numbers import Numbers
from bolton_jsna.chapter.page._tables import table
from bolton_jsna.chapter.page._text import bullets, css_text, paragraph

_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; "
    "frame-src about:; base-uri 'none'; form-action 'none'"
)


def to_html(document: Document) -> str:
    """Return the chapter as a page; the same document gives the same text."""
    numbers = Numbers.of(document)
    sections = "\n".join(_section(each, 1, numbers) for each in document.sections)
    return f"""<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="description" content="{escape(document.subject)}">
<meta name="author" content="{escape(document.author)}">
<title>{escape(_marked(document))}</title>
<style>{_style(sections)}{_each_printed_page(document)}</style>
</head>
<body>
<a class="skip-link" href="#chapter">Skip to the chapter</a>
{_header(document)}
<div class="columns">
{_contents(document)}
<main id="chapter" tabindex="-1">
{sections}
</main>
</div>
<footer><p>{escape(_foot(document))}</p></footer>
{_scripts(sections)}
</body>
</html>
"""


def _marked(document: Document) -> str:
    """Return the title, with the mark of the document first."""
    if not document.mark or document.title.startswith(document.mark):
        return document.title
    return f"{document.mark}: {document.title}"


def _foot(document: Document) -> str:
    """Return the mark, title, date and version, with the mark once."""
    twice = document.mark and document.title.startswith(document.mark)
    return document.footer.removeprefix(f"{document.mark}, ") if twice else document.footer


def _header(document: Document) -> str:
    mark = f'<p class="mark">{escape(document.mark)}</p>\n' if document.mark else ""
    made_up = f'\n<p class="made-up">{SOME_MADE_UP}</p>' if document.illustrative else ""
    return f"""<header>
{mark}<h1>{escape(document.title)}</h1>
<p class="subtitle">{escape(document.subtitle)}. {escape(document.author)}. \
Figures to {escape(document.dated)}.</p>{made_up}
</header>"""


def _contents(document: Document) -> str:
    """Return the list of sections, each with a link."""
    return (
        '<nav aria-labelledby="contents"><h2 id="contents">Contents</h2>\n'
        f"{_links(document.sections)}\n</nav>"
    )


def _links(sections: Iterable[Section]) -> str:
    items = "\n".join(
        f'<li><a href="#section-{escape(each.key)}">{escape(each.title)}</a>'
        f"{_links(each.sections)}</li>"
        for each in sections
    )
    return f"<ul>{items}</ul>" if items else ""


def _section(section: Section, level: int, numbers: Numbers) -> str:
    # The title of the page is the only h1, so that sections begin at h2.
    tag = f"h{level + 1}"
    parts = [f'<{tag} id="section-{escape(section.key)}">{escape(section.title)}</{tag}>']
    parts += _blocks(section.blocks, numbers)
    parts += [_section(each, level + 1, numbers) for each in section.sections]
    return "<section>\n" + "\n".join(parts) + "\n</section>"


def _blocks(blocks: Iterable[Block], numbers: Numbers) -> Iterator[str]:
    for each in blocks:
        if isinstance(each, Paragraph):
            yield paragraph(each)
        elif isinstance(each, Bullets):
            yield bullets(each)
        elif isinstance(each, Table):
            yield table(each, numbers)
        else:
            yield figure(each, numbers)


def _style(sections: str) -> str:
    from bolton_jsna.charts import _web
    from bolton_jsna.maps.html import parts

    maps = parts.part_style() if has_maps(sections) else ""
    return f"{_web.part_style()}{maps}{_asset('page.css')}"


def _each_printed_page(document: Document) -> str:
    """Return the style that puts mark, title, date, version and number on each printed page."""
    top = f"@top-left {{ content: {css_text(document.mark)}; }} " if document.mark else ""
    return (
        f"@page {{ {top}@bottom-left {{ content: {css_text(_foot(document))}; }} "
        '@bottom-right { content: "Page " counter(page) " of " counter(pages); } }\n'
    )


def _scripts(sections: str) -> str:
    from bolton_jsna.charts import _web
    from bolton_jsna.maps.html import parts

    maps = f"{parts.part_script()}\n" if has_maps(sections) else ""
    own = f'(function () {{\n"use strict";\n{_asset("page.js")}}}());'
    return f"{maps}<script>{_web.part_script()}</script>\n<script>{own}</script>"


def _asset(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
