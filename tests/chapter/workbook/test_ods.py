"""The OpenDocument spreadsheet has what odfdo does not write by itself."""

import pytest
from lxml import etree

import workbook_checks
from bolton_jsna.core.packed import packed, unpacked
from workbook_read import read_workbook


@pytest.fixture
def changed(made):
    """Return the sample with a text of one of its parts replaced."""

    def change(part, old, new):
        parts = unpacked(made("sample", "ods"))
        assert old in parts[part]
        return packed({**parts, part: parts[part].replace(old, new)})

    return change


@pytest.mark.parametrize(
    ("check", "part", "old", "new"),
    [
        ("open_document", "content.xml", b"table:table-header-rows>", b"table:table-rows>"),
        ("open_document", "settings.xml", b'"boolean">true<', b'"boolean">false<'),
        ("open_document", "styles.xml", b'office:version="1.3"', b'office:version="1.4"'),
        ("open_document", "styles.xml", b'fo:country="GB"/>', b'fo:country="FR"/>'),
        ("open_document", "styles.xml", b"zero-values", b"charts"),
        ("marked_up", "content.xml", b'table:name="glossary"', b'table:name="trend"'),
        ("nothing_more", "content.xml", b'display-filter-buttons="false"', b"x=''"),
        ("properties", "meta.xml", b"en-GB", b"fr-FR"),
        ("properties", "settings.xml", b'"string">Cover<', b'"string">Notes<'),
        ("properties", "settings.xml", b'"int">0<', b'"int">3<'),
        ("numbers", "styles.xml", b' number:grouping="true"', b""),
        ("links", "content.xml", b"#'1_trend'.A1", b"#'9_lost'.A1"),
        ("letters", "styles.xml", b'fo:font-size="12pt"', b'fo:font-size="9pt"'),
    ],
)
def test_each_check_finds_what_breaks_its_rule(changed, check, part, old, new):
    found = {each.__name__: each for each in workbook_checks.CHECKS}[check]
    assert found(changed(part, old, new)) != []


def test_parts_are_well_formed_and_all_are_listed(made):
    parts = unpacked(made("odd", "ods"))
    assert next(iter(parts)) == "mimetype"
    listed = parts["META-INF/manifest.xml"].decode()
    for name, part in parts.items():
        if name != "mimetype":
            assert etree.fromstring(part) is not None, name
        if name.endswith(".xml") and "/" not in name:
            assert f'full-path="{name}"' in listed


def test_every_style_that_a_cell_names_is_there(made):
    parts = unpacked(made("odd", "ods"))
    space = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
    roots = [etree.fromstring(parts[f"{each}.xml"]) for each in ("content", "styles")]
    known = {each.get(f"{space % 'style'}name") for root in roots for each in root.iter()}
    named = {each.get(f"{space % 'table'}style-name") for each in roots[0].iter()} - {None}
    assert named
    assert named <= known


def test_nothing_of_the_template_of_odfdo_is_left(made):
    parts = unpacked(made("sample", "ods"))
    for name, part in parts.items():
        assert b"LibreOffice/" not in part, name
        assert b"fr-FR" not in part, name
        assert b"Feuille1" not in part, name


def test_a_column_past_the_letter_z_is_in_its_table(made):
    sheet = read_workbook(made("odd", "ods")).sheets[-1]
    assert sheet.name == "11_wide"
    assert sheet.tables[0][1][3] == 39
