"""The whole chapter of Bolton, and one with hidden figures: every rule of what is published."""

import dataclasses
import io
import re
import shutil
import subprocess
import zipfile

import pandas as pd
import pytest
from PIL import Image

import bolton_jsna as jsna
import chapter_made
import chapter_reader
import open_page_checks
import page_checks
import sketches
import word_checks
import workbook_checks
from bolton_jsna.chapter.citations import KEYS
from bolton_jsna.chapter.contents import document_of
from bolton_jsna.chapter.writers import written

LATER_ROWS = """() => document.querySelectorAll('tbody tr:nth-child(n+9)').forEach(
    each => each.remove())"""


@pytest.fixture(scope="module")
def bolton(tmp_path_factory):
    """The chapter as authors get it, with its document and what it was made from."""
    with chapter_made.kept() as found:
        made = jsna.write_chapter("Bolton", workspace=tmp_path_factory.mktemp("bolton"))
    chapter_made.of_bolton(found[0])
    return made, found[0], document_of(found[0])


def content(bolton, kind):
    (path,) = [each for each in bolton[0].files if each.suffix == f".{kind}"]
    return path.read_bytes()


def test_the_word_file_has_no_fault(bolton):
    assert word_checks.faults(content(bolton, "docx")) == []


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_the_workbooks_have_no_fault(bolton, kind):
    assert workbook_checks.faults(content(bolton, kind)) == []


def test_the_page_has_no_fault_and_is_not_large(bolton):
    page = content(bolton, "html").decode("utf-8")
    assert page_checks.text_faults(page, bolton[2]) == []
    assert len(page) < 3_000_000


def test_every_number_is_in_the_row_that_its_sentence_cites(bolton):
    _, given, document = bolton
    rows = chapter_reader.facts(given)
    found = [fault for each in document.sections for fault in chapter_reader.faults(each, rows)]
    assert found == []


def test_every_row_cited_is_in_the_tables_that_are_published(bolton):
    folder = bolton[0].files[0].parent.parent / "data/processed"
    cited = pd.read_csv(folder / "chapter_figures.csv", dtype=str, keep_default_na=False)
    assert len(cited) > 500
    for name, rows in cited.groupby("file"):
        table = pd.read_parquet(folder / f"{name}.parquet")
        keys = table[list(KEYS[name])].astype(str)
        there = {f"{name}:{'/'.join(each)}" for each in keys.itertuples(index=False)}
        assert set(rows["id"]) <= there, name


def test_figures_are_written_with_captions(bolton):
    names = {each.name for each in bolton[0].figures}
    for each in bolton[2].figures():
        assert {f"{each.key}.png", f"{each.key}.svg"} <= names
    captions = (bolton[0].figures[0].parent / "captions.md").read_text(encoding="utf-8")
    assert captions.count("Text alternative: ") == len(bolton[2].figures())


def with_small_pictures(word_file, path):
    """Write a Word file with dots in place of its pictures, which keep their size on the page."""
    pictures = 0
    with zipfile.ZipFile(io.BytesIO(word_file)) as given, zipfile.ZipFile(path, "w") as goal:
        for name in given.namelist():
            part = given.read(name)
            if name.endswith(".png"):
                Image.open(io.BytesIO(part)).verify()
                part, pictures = sketches.dot(), pictures + 1
            goal.writestr(name, part)
    assert pictures > 20


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice (soffice) is not installed")
@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not installed")
def test_the_word_file_opens_as_pages_and_none_is_empty(bolton, tmp_path):
    with_small_pictures(content(bolton, "docx"), tmp_path / "chapter.docx")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    done = subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "pdf", "chapter.docx"],
        cwd=tmp_path,
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert (tmp_path / "chapter.pdf").is_file(), done.stderr
    subprocess.run(["pdftotext", "-layout", "chapter.pdf"], cwd=tmp_path, check=True, timeout=60)
    *pages, _ = (tmp_path / "chapter.txt").read_text(encoding="utf-8").split("\f")
    assert 20 < len(pages) < 90
    # A page of a picture has its caption as text; the footer stands on each.
    assert [at for at, page in enumerate(pages) if len(page.split()) < 25] == []
    words = "".join("".join(pages).split())
    for each in (*bolton[2].tables(), *bolton[2].figures()):
        assert "".join(each.title.split()) in words, each.title
    headings = {re.sub(r"\W+", "", section.title) for _, section in bolton[2].headings()}
    for page in pages[2:]:
        *_, last, _, _ = ["", "", "", *(line for line in page.splitlines() if line.strip())]
        assert re.sub(r"\W+", "", last) not in headings


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_page_in_a_browser_has_no_fault(bolton, visit, width):
    (path,) = [each for each in bolton[0].files if each.suffix == ".html"]
    seen = visit(path, width=width)
    assert open_page_checks.reflow(seen.page, width, 256 if width == 320 else 900) == []
    if width == 1280:
        # The rows of a table are alike; all rows of a small chapter are looked at as well.
        seen.page.evaluate(LATER_ROWS)
        assert open_page_checks.axe(seen.page) == []
    seen.quiet()


@pytest.fixture(scope="module")
def hidden():
    """A chapter in which many local figures are hidden."""
    given = chapter_made.materials("Bolton", rule=dataclasses.replace(jsna.LOCAL, threshold=90))
    return given, document_of(given)


def test_a_chapter_with_hidden_figures_has_no_fault(hidden, monkeypatch):
    given, document = hidden
    sketches.dots(monkeypatch)
    signs = [sign for each in document.tables() for sign, _ in each.signs]
    assert "[c]" in signs
    rows = chapter_reader.facts(given)
    assert [x for each in document.sections for x in chapter_reader.faults(each, rows)] == []
    for kind, faults in (("docx", word_checks.faults), ("xlsx", workbook_checks.faults)):
        assert faults(written(document, kind, None, "")) == []
    page = written(document, "html", None, "").decode("utf-8")
    assert page_checks.text_faults(page, document) == []
