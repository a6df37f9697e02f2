"""The chapter as a Word file keeps the rules of what is published, also in a council's template."""

import io
import zipfile

import pytest

import sample_chapter
import word_checks
from bolton_jsna.chapter.word.docx import template_remarks, to_docx
from bolton_jsna.core.errors import SourceError
from bolton_jsna.core.packed import packed, unpacked


@pytest.fixture(scope="module")
def made():
    return to_docx(sample_chapter.document(mark="Draft"))


@pytest.fixture(scope="module")
def council():
    """A template with a blue heading, text in the header and footer, and pages on their side."""
    import docx
    from docx.shared import RGBColor

    word = docx.Document()
    word.styles["Heading 1"].font.color.rgb = RGBColor(0x00, 0x30, 0x87)
    section = word.sections[0]
    section.page_width, section.page_height = section.page_height, section.page_width
    section.header.paragraphs[0].text = "Council of Somewhere"
    section.footer.paragraphs[0].text = "Town Hall"
    word.add_paragraph("To be replaced.")
    content = io.BytesIO()
    word.save(content)
    return content.getvalue()


def test_every_rule_is_kept(made):
    assert word_checks.faults(made, "Draft") == []


def test_the_same_chapter_gives_the_same_bytes(made, council):
    chapter = sample_chapter.document(mark="Draft")
    assert to_docx(chapter) == made
    assert to_docx(chapter, template=council) == to_docx(chapter, template=council)


def changed(content, part, old, new):
    parts = unpacked(content)
    assert old in parts[part]
    return packed(parts | {part: parts[part].replace(old, new)})


BODY = "word/document.xml"


@pytest.mark.parametrize(
    ("part", "old", "new", "fault"),
    [
        (BODY, b'w:val="Title"', b'w:val="Normal"', "0 titles"),
        (BODY, b'<w:pStyle w:val="Heading2"/>', b'<w:pStyle w:val="Heading3"/>', "of level 3"),
        (BODY, b'descr="Line', b'descr="" other="Line', "the text alternative ''"),
        (BODY, b"<w:tblHeader/>", b"", "no row of headings"),
        (BODY, b"[c]<", b"<", "empty cells"),
        (BODY, b'<w:jc w:val="right"/>', b"", "at the left"),
        (BODY, b"SEQ Table", b"PAGE", "no number of a field"),
        (BODY, b"means", b"is", "does not explain [c]"),
        (BODY, b"Source:", b"By:", "no source line"),
        (BODY, b"described by the council", b"here", "does not say where"),
        (BODY, b'_RefTable1"', b'_Other"', "which is not there"),
        (BODY, b"<w:cantSplit/>", b"", "rows that are divided"),
        ("word/styles.xml", b'w:val="404040"', b'w:val="BBBBBB"', "has BBBBBB on"),
        ("docProps/core.xml", b"en-GB", b"en-US", "not en-GB"),
        ("word/settings.xml", b'updateFields w:val="true"', b"autoHyphenation", "fill in"),
        ("word/footer1.xml", b"bolton-jsna", b"", "without the version"),
        ("word/header1.xml", b"Draft", b"", "without the mark"),
    ],
)
def test_a_rule_that_is_broken_is_found(made, part, old, new, fault):
    assert fault in "; ".join(word_checks.faults(changed(made, part, old, new), "Draft"))


def test_the_template_keeps_its_styles_page_header_and_footer(council):
    file = word_checks.Opened(to_docx(sample_chapter.document(), template=council))
    assert word_checks.heading_faults(file) == word_checks.xml_faults(file) == []
    assert "Council of Somewhere" in word_checks.words(file.xml["word/header1.xml"])
    foot = word_checks.words(file.xml["word/footer1.xml"])
    assert "Town Hall" in foot
    assert "bolton-jsna" in foot
    assert b"003087" in file.parts["word/styles.xml"]
    assert b"To be replaced." not in file.parts[BODY]
    assert file.each("w:pgSz")[0].get(f"{{{word_checks.W}}}w") == "15840"


def test_a_marked_template_keeps_its_body(council):
    there = changed(council, BODY, b"To be replaced.", b"[chapter]")
    kept = changed(there, BODY, b"<w:body>", b"<w:body><w:p><w:r><w:t>Foreword</w:t></w:r></w:p>")
    file = word_checks.Opened(to_docx(sample_chapter.document(), template=kept))
    text = word_checks.words(file.body)
    assert text.startswith("Foreword")
    assert "[chapter]" not in text
    assert "At a glance" in text


def test_a_mark_with_spaces_is_the_mark(council):
    file = word_checks.Opened(
        to_docx(
            sample_chapter.document(),
            template=changed(council, BODY, b"To be replaced.", b" [ Chapter ] "),
        )
    )
    assert "hapter ]" not in word_checks.words(file.body)


def test_a_mark_in_a_header_is_rejected(council):
    there = changed(council, "word/header1.xml", b"Council of Somewhere", b"[chapter]")
    with pytest.raises(SourceError, match=r"in a paragraph of its own in the body"):
        template_remarks(there, "council.docx")


def test_a_chapter_below_a_title_of_the_template_has_its_caution_first(council):
    own = (
        b'</w:t></w:r></w:p><w:p><w:pPr><w:pStyle w:val="Title"/></w:pPr><w:r><w:t>Our JSNA</w:t>'
        b"</w:r></w:p><w:p><w:r><w:t>[chapter]"
    )
    chapter = sample_chapter.document()
    file = word_checks.Opened(
        to_docx(chapter, template=changed(council, BODY, b"To be replaced.", own))
    )
    text = word_checks.words(file.body)
    assert chapter.title not in text
    assert text.index("Our JSNA") < text.index("illustrative") < text.index("At a glance")


@pytest.mark.parametrize(
    ("added", "named"),
    [
        (b'<w:ins w:id="1" w:author="A"><w:r><w:t>new</w:t></w:r></w:ins>', "has tracked changes"),
        (b'<w:r><w:commentReference w:id="1"/></w:r>', "has comments"),
        (b"<w:r><w:t>new</w:t></w:r>", ""),
    ],
)
def test_changes_and_comments_that_a_chapter_keeps_are_named(council, added, named):
    kept = changed(council, BODY, b"To be replaced.", b"[chapter]")
    kept = changed(kept, BODY, b"<w:body>", b"<w:body><w:p>" + added + b"</w:p>")
    assert [
        each for each in template_remarks(kept, "c.docx") if named and named in each
    ] or not named
    gone = changed(kept, BODY, b"[chapter]", b"Words")
    assert not any("with the names" in each for each in template_remarks(gone, "c.docx"))


def test_tables_and_pictures_have_no_indent_of_the_templates_paragraphs():
    import docx
    from docx.shared import Cm

    word = docx.Document()
    plain = word.styles["Normal"].paragraph_format
    plain.left_indent, plain.first_line_indent = Cm(2), Cm(1.5)
    content = io.BytesIO()
    word.save(content)
    file = word_checks.Opened(to_docx(sample_chapter.document(), template=content.getvalue()))
    styles = file.xml["word/styles.xml"]
    for name in ("ChapterTableText", "ChapterFigure"):
        (style,) = styles.xpath(f"w:style[@w:styleId='{name}']", namespaces={"w": word_checks.W})
        (indent,) = style.iter(f"{{{word_checks.W}}}ind")
        assert {key.partition("}")[2]: value for key, value in indent.items()} == {
            "left": "0",
            "right": "0",
            "firstLine": "0",
        }


def test_the_contents_have_no_number_and_the_picture_of_the_template_is_gone(council):
    assert any("thumbnail" in each for each in unpacked(council))
    file = word_checks.Opened(to_docx(sample_chapter.document(), template=council))
    assert not any("thumbnail" in each for each in file.parts)
    (title,) = [each for each in file.each("w:p") if word_checks.words(each) == "Contents"]
    (number,) = title.iter(f"{{{word_checks.W}}}numId")
    assert number.get(f"{{{word_checks.W}}}val") == "0"


def test_a_template_without_a_style_is_rejected_with_what_to_do(council):
    lost = changed(council, "word/styles.xml", b'w:val="caption"', b'w:val="Other"')
    with pytest.raises(
        SourceError, match=r"council\.dotx.* has no style Caption\. .*Ctrl"
    ) as caught:
        to_docx(sample_chapter.document(), template=lost, template_name="council.dotx")
    words = str(caught.value)
    assert words.startswith("The template ")
    steps = ["write a paragraph", "save", "delete", "save the template again", "run this command"]
    assert [words.index(each) for each in steps] == sorted(words.index(each) for each in steps)


def test_a_style_that_is_added_is_named(council):
    lost = changed(council, "word/styles.xml", b'w:val="List Number"', b'w:val="Other"')
    assert "no style List Number" in " ".join(template_remarks(lost, "council.docx"))


def bomb():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as whole:
        for each in range(4):
            whole.writestr(f"word/{each}.xml", bytes(90 * 2**20))
    return content.getvalue()


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda _: b"", "is empty"),
        (lambda _: b"{\\rtf1", "is not a Word file"),
        (lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Word file"),
        (
            lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "password",
        ),
        (lambda good: good[: len(good) // 2], "is damaged"),
        (lambda _: packed({"xl/workbook.xml": b"<a/>"}), "an Excel workbook"),
        (lambda _: bomb(), "unpacks to more than"),
        (lambda good: changed(good, BODY, b"</w:body>", b""), "is damaged"),
        (lambda good: packed(unpacked(good) | {"word/vbaProject.bin": b"x"}), "macros"),
        (
            lambda good: changed(good, BODY, b"<w:document", b"<!DOCTYPE a []><w:document"),
            "document type",
        ),
    ],
)
def test_a_damaged_template_is_rejected(council, damage, words):
    with pytest.raises(SourceError, match=words) as caught:
        template_remarks(damage(council), "council.docx")
    assert str(caught.value).startswith("The template 'council.docx'")


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (b"[chapter]</w:t></w:r></w:p><w:p><w:r><w:t>[chapter]", "has 2 paragraphs"),
        (
            b"</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>[chapter]</w:t></w:r></w:p></w:tc>"
            b"</w:tr></w:tbl><w:p><w:r><w:t>",
            "inside a table",
        ),
        (b"Put [chapter] here", "in a paragraph of its own in the body"),
    ],
)
def test_a_mark_that_is_not_one_paragraph_is_rejected(council, new, words):
    with pytest.raises(SourceError, match=words) as caught:
        template_remarks(changed(council, BODY, b"To be replaced.", new), "council.docx")
    assert str(caught.value).startswith("The template 'council.docx'")
