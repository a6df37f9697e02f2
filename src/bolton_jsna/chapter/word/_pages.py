"""Headers and footers: the mark above, the title, date, version and page number below."""

from __future__ import annotations

from typing import Any

from bolton_jsna.chapter.document import Document
from bolton_jsna.chapter.word._styles import Styles
from bolton_jsna.chapter.word._xml import attribute, field, name_of, paragraph, run, words_of


def write_pages(document: Any, chapter: Document, styles: Styles) -> None:
    """Write the mark into every header and the footer of the chapter into every footer."""
    done: set[str] = set()
    even = document.settings.odd_and_even_pages_header_footer
    for number, section in enumerate(document.sections):
        kinds = [("header", "footer")]
        if section.different_first_page_header_footer:
            kinds.append(("first_page_header", "first_page_footer"))
        if even:
            kinds.append(("even_page_header", "even_page_footer"))
        for head, foot in kinds:
            if chapter.mark:
                _once(getattr(section, head), number, done, lambda at: _mark(at, chapter, styles))
            _once(getattr(section, foot), number, done, lambda at: _foot(at, chapter, styles))


def _once(shown: Any, number: int, done: set[str], write: Any) -> None:
    """Write into a header or footer that a section has itself, and into none twice."""
    if shown.is_linked_to_previous:
        if number > 0 and _before(shown):
            return
        shown.is_linked_to_previous = False
    part = str(shown.part.partname)
    if part not in done:
        done.add(part)
        write(shown._element)


def _before(shown: Any) -> bool:
    """Return whether an earlier section has a header or footer of this kind."""
    return shown._prior_headerfooter is not None and (
        not shown._prior_headerfooter.is_linked_to_previous or _before(shown._prior_headerfooter)
    )


def _mark(at: Any, chapter: Document, styles: Styles) -> None:
    line = paragraph(styles.of("header"), run(chapter.mark, bold=True))
    _first_free(at)
    at.append(line)


def _foot(at: Any, chapter: Document, styles: Styles) -> None:
    codes = [each.text or "" for each in at.iter(name_of("instrText"))]
    codes += [attribute(each, "instr") for each in at.iter(name_of("fldSimple"))]
    numbered = any(each.split()[:1] == ["PAGE"] for each in codes)
    style = styles.of("footer")
    _first_free(at)
    at.append(paragraph(style, run(chapter.footer)))
    if not numbered:
        at.append(
            paragraph(
                style,
                run("Page "),
                *field("PAGE", [run("1")]),
                run(" of "),
                *field("NUMPAGES", [run("1")]),
            )
        )


def _first_free(at: Any) -> None:
    """Take away the empty paragraph at the end of a header or footer."""
    last = at[-1] if len(at) else None
    if last is None or last.tag != name_of("p"):
        return
    pictures = last.xpath(".//w:drawing | .//w:pict | .//w:object | .//w:fldSimple | .//w:fldChar")
    if not words_of(last).strip() and not len(pictures):
        at.remove(last)
