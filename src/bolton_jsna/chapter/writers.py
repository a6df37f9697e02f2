"""The formats of the chapter, each made from the one document."""

from __future__ import annotations

from bolton_jsna.chapter.document import Document


def written(document: Document, kind: str, template: bytes | None, template_name: str) -> bytes:
    """Return the chapter in one format."""
    import importlib

    if kind == "docx":
        word = importlib.import_module("bolton_jsna.chapter.word.docx")
        return bytes(word.to_docx(document, template=template, template_name=template_name))
    if kind == "html":
        page = importlib.import_module("bolton_jsna.chapter.page.html")
        return str(page.to_html(document)).encode("utf-8")
    book = importlib.import_module("bolton_jsna.chapter.workbook")
    return bytes(getattr(book, f"to_{kind}")(document))
