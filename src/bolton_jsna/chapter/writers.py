"""The formats of the chapter, each made from the one document."""

from __future__ import annotations

from bolton_jsna.chapter.document import Document


def written(document: Document, kind: str, template: bytes | None, template_name: str) -> bytes:
    """Return the chapter in one format."""
    if kind == "docx":
        from bolton_jsna.chapter.word.docx import to_docx

        return to_docx(document, template=template, template_name=template_name)
    if kind == "html":
        from bolton_jsna.chapter.page.html import to_html

        return to_html(document).encode("utf-8")
    from bolton_jsna.chapter.workbook import to_ods, to_xlsx

    return to_xlsx(document) if kind == "xlsx" else to_ods(document)
