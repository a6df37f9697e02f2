"""The files of a chapter: where they go, which are kept, what a rebuild repeats."""

import json
import logging

import pandas as pd
import pytest

import bolton_jsna as jsna
import sample_chapter
from bolton_jsna import building
from bolton_jsna.building import (
    _chapter,
    _chapter_files,
    _chapter_inputs,
    _outputs,
    lock,
    paths,
    rebuild,
)
from bolton_jsna.building._chapter import formats_of
from bolton_jsna.building._options import BuildOptions
from bolton_jsna.building._run_record import RunRecord
from bolton_jsna.building.chapter_text import chapter_lines


class Written:
    """In place of the writers of the formats: a text of a few bytes."""

    version = 1

    def content(self, document, kind, own):
        words = " ".join(each.text for part in own.text.sections.values() for each in part)
        return f"{kind} {self.version} {document.mark} {words} {len(own.template or b'')}".encode()


def quick_build(area="Bolton", **options):
    """A build that only writes a chapter, put into place as any other."""
    asked = BuildOptions(**options)
    folder = asked.folder
    own = _chapter.own_parts(asked)
    mark = "Draft" if asked.draft else ""
    with lock.alone(folder), _outputs.staging(folder) as staged:
        (staged / paths.PROCESSED).mkdir(parents=True)
        if asked.chapter:
            _chapter.write_document(sample_chapter.document(mark=mark), own, staged, asked)
        record = RunRecord(
            area="Bolton",
            area_code="E08000001",
            workspace=str(folder),
            finished="2026-01-01T00:00:00+00:00",
            illustrative=True,
            figures={},
            sources=[],
            checks=[],
            notes=[],
            outputs=_outputs.outputs_of(staged),
            options=asked.recorded(),
            kept=_chapter_files.kept_open(folder),
        )
        (staged / paths.RECORD).write_text(record.to_json(), encoding="utf-8")
        _outputs.put_in_place(staged, folder)
    return record


@pytest.fixture
def writers(monkeypatch):
    """Quick builds and files; what is in them has tests of its own."""
    written = Written()
    monkeypatch.setattr(_chapter, "_content", written.content)
    monkeypatch.setattr(_chapter, "_write_figures", lambda *_: None)
    monkeypatch.setattr(building, "build", quick_build)
    return written


def text(path):
    return path.read_text(encoding="utf-8")


def test_the_formats_asked_for_are_outputs_that_the_next_build_takes_away(tmp_path, writers):
    made = jsna.write_chapter("Bolton", workspace=tmp_path, formats=("xlsx", "docx"))
    assert [each.name for each in made.files] == ["chapter.docx", "chapter.xlsx"]
    assert set(made.record.outputs) <= paths.OUTPUTS
    assert json.loads(text(tmp_path / paths.RECORD))["options"]["chapter"] == ["docx", "xlsx"]
    record = quick_build("Bolton", workspace=tmp_path)
    assert not any(each.startswith("chapter/") for each in record.outputs)
    assert not list((tmp_path / "chapter").glob("chapter*"))


def test_a_file_changed_by_hand_is_kept_and_the_new_one_is_next_to_it(tmp_path, writers, caplog):
    jsna.write_chapter(workspace=tmp_path, formats="docx,html")
    mine = tmp_path / "chapter" / "chapter.docx"
    mine.write_text("my words", encoding="utf-8")
    writers.version = 2
    with caplog.at_level(logging.WARNING):
        made = jsna.write_chapter(workspace=tmp_path, formats="docx,html")
    assert text(mine) == "my words"
    assert [each.name for each in made.files] == ["chapter_2.docx", "chapter.html"]
    assert "chapter/chapter.docx is kept: it was changed since it was written" in caplog.text
    assert "The new one is chapter/chapter_2.docx" in caplog.text
    writers.version = 3
    made = jsna.write_chapter(workspace=tmp_path, formats="docx")
    # The second one is still as it was written, so it is replaced.
    assert [each.name for each in made.files] == ["chapter_2.docx"]
    assert text(tmp_path / "chapter/chapter_2.docx").startswith("docx 3")
    assert text(mine) == "my words"
    assert not (tmp_path / "chapter/chapter_3.docx").exists()
    mine.unlink()
    made = jsna.write_chapter(workspace=tmp_path, formats="docx")
    assert [each.name for each in made.files] == ["chapter.docx"]
    assert not (tmp_path / "chapter/chapter_2.docx").exists()


@pytest.mark.parametrize("locked", ["~$hapter.docx", "~$chapter.docx", ".~lock.chapter.docx#"])
def test_a_file_that_is_open_is_kept(tmp_path, writers, caplog, locked):
    jsna.write_chapter(workspace=tmp_path, formats="docx")
    before = (tmp_path / "chapter/chapter.docx").read_bytes()
    (tmp_path / "chapter" / locked).write_bytes(b"")
    writers.version = 2
    with caplog.at_level(logging.WARNING):
        made = jsna.write_chapter(workspace=tmp_path, formats="docx")
    assert [each.name for each in made.files] == ["chapter_2.docx"]
    assert (tmp_path / "chapter/chapter.docx").read_bytes() == before
    assert "it is open in another program" in caplog.text
    quick_build("Bolton", workspace=tmp_path)
    assert (tmp_path / "chapter/chapter.docx").read_bytes() == before
    assert not (tmp_path / "chapter/chapter_2.docx").exists()
    # Closed again and unchanged, it is replaced.
    (tmp_path / "chapter" / locked).unlink()
    made = jsna.write_chapter(workspace=tmp_path, formats="docx")
    assert [each.name for each in made.files] == ["chapter.docx"]
    assert text(tmp_path / "chapter/chapter.docx").startswith("docx 2")


def test_a_tenth_file_is_not_written(tmp_path, writers):
    folder = tmp_path / "chapter"
    folder.mkdir()
    for copy in range(1, paths.COPIES + 1):
        (tmp_path / paths.chapter_file("docx", copy)).write_text("mine")
    with pytest.raises(jsna.BoltonJsnaError, match="Move away the ones that you keep"):
        jsna.write_chapter(workspace=tmp_path, formats="docx")
    assert {text(each) for each in folder.iterdir()} == {"mine"}
    assert not (tmp_path / paths.RECORD).exists()


def test_own_text_is_read_each_time_and_never_written(tmp_path, writers):
    words = tmp_path / "chapter/text/words.md"
    words.parent.mkdir(parents=True)
    words.write_text("# Services\n\nOur offer.\n", encoding="utf-8")
    jsna.write_chapter(workspace=tmp_path, formats="html")
    assert "Our offer." in text(tmp_path / "chapter/chapter.html")
    words.write_text("# Services\n\nOur new offer.\n", encoding="utf-8")
    jsna.write_chapter(workspace=tmp_path, formats="html")
    assert "Our new offer." in text(tmp_path / "chapter/chapter.html")
    assert text(words) == "# Services\n\nOur new offer.\n"


def test_a_guide_to_own_text_is_put_there_once_and_is_not_own_text(tmp_path, writers, caplog):
    jsna.write_chapter(workspace=tmp_path, formats="html")
    guide = tmp_path / "chapter/text/README.txt"
    assert "# Current services in relation to need" in text(guide)
    assert [each.name for each in guide.parent.iterdir()] == ["README.txt"]
    before = (tmp_path / "chapter/chapter.html").read_bytes()
    guide.write_text("# Services\n\nMine.\n", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        jsna.write_chapter(workspace=tmp_path, formats="html")
    assert text(guide) == "# Services\n\nMine.\n"
    assert (tmp_path / "chapter/chapter.html").read_bytes() == before
    assert "README" not in caplog.text


def test_no_guide_is_written_through_a_link(tmp_path, writers):
    other = tmp_path / "other"
    other.mkdir()
    folder = tmp_path / "work"
    (folder / "chapter").mkdir(parents=True)
    (folder / "chapter/text").symlink_to(other, target_is_directory=True)
    made = jsna.write_chapter(workspace=folder, formats="html")
    assert [each.name for each in made.files] == ["chapter.html"]
    assert not list(other.iterdir())


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("services.txt", "Rename it to services.md."),
        ("services.md.txt", "Rename it to services.md."),
        ("services", "Rename it to services.md."),
        ("services.docx", "Copy its text into Notepad"),
        ("older/", "it is a folder"),
        ("~$services.docx", ""),
        (".hidden.txt", ""),
        ("Thumbs.db", ""),
    ],
)
def test_a_file_next_to_own_text_that_is_not_read_is_named(tmp_path, name, advice):
    place = tmp_path / "chapter/text"
    place.mkdir(parents=True)
    if name.endswith("/"):
        (place / name).mkdir()
    else:
        (place / name).write_bytes(b"Words.")
    own = _chapter_inputs.own_text(tmp_path)
    assert own.sections == {}
    assert own.others == ()
    if advice:
        (remark,) = own.remarks
        assert remark.startswith(f"chapter/text/{name.rstrip('/')} is not read: ")
        assert advice in remark
    else:
        assert own.remarks == ()


def test_a_file_in_place_of_the_folder_of_own_text_is_an_error(tmp_path):
    (tmp_path / "chapter").mkdir()
    (tmp_path / "chapter/text").write_text("# Services\n\nMine.\n", encoding="utf-8")
    with pytest.raises(jsna.SourceError, match="Expected a folder"):
        _chapter_inputs.own_text(tmp_path)


@pytest.mark.parametrize("how", ["link", "bytes", "picture"])
def test_own_text_that_cannot_be_used_stops_before_anything_is_written(tmp_path, writers, how):
    jsna.write_chapter(workspace=tmp_path, formats="html")
    before = (tmp_path / "chapter/chapter.html").read_bytes()
    words = tmp_path / "chapter/text/words.md"
    if how == "link":
        secret = tmp_path / "secret"
        secret.write_text("a secret", encoding="utf-8")
        words.symlink_to(secret)
    else:
        words.write_bytes(b"# Services\n\nT\xe9l\n" if how == "bytes" else b"![a](b.png)\n")
    with pytest.raises(jsna.SourceError, match=r"chapter/text/words\.md") as caught:
        jsna.write_chapter(workspace=tmp_path, formats="html")
    assert "secret" not in str(caught.value)
    assert (tmp_path / "chapter/chapter.html").read_bytes() == before


def test_a_rebuild_repeats_the_chapter_with_its_formats(tmp_path, writers):
    jsna.write_chapter(workspace=tmp_path, formats="ods", draft=True)
    writers.version = 2
    record = rebuild(tmp_path)
    assert "chapter/chapter.ods" in record.outputs
    assert text(tmp_path / "chapter/chapter.ods").startswith("ods 2 Draft")


def test_the_chapter_is_of_the_last_builds_area_and_options(tmp_path, writers):
    quick_build("Bolton", workspace=tmp_path, idaci_edition=2019, wards_only=True)
    made = jsna.write_chapter(workspace=tmp_path, formats="html")
    assert made.area == "Bolton"
    assert made.record.options["wards_only"] is True
    assert made.record.options["idaci_edition"] == 2019


@pytest.mark.parametrize("given", ["", (), "pdf", "docx,pdf", ("docx", 3)])
def test_a_format_that_is_not_known_is_rejected(tmp_path, given):
    with pytest.raises(jsna.UsageError, match="docx"):
        jsna.write_chapter(workspace=tmp_path, formats=given)
    assert not list(tmp_path.iterdir())


def test_formats_are_taken_as_people_write_them():
    assert formats_of(" HTML, docx ,html") == ("docx", "html")


def test_every_cited_row_is_listed(tmp_path, writers):
    jsna.write_chapter(workspace=tmp_path, formats="html")
    rows = pd.read_csv(tmp_path / "data/processed/chapter_figures.csv")
    assert {"part", "text", "id", "file"} == set(rows.columns)
    assert (rows["file"] == rows["id"].str.partition(":")[0]).all()
    assert "profile:referrals/E08000001/2025" in set(rows["id"])


def test_what_the_command_prints_names_the_files(tmp_path, writers):
    made = jsna.write_chapter(workspace=tmp_path, formats="docx")
    lines = chapter_lines(made)
    assert str(tmp_path / "chapter/chapter.docx") in lines
    assert "illustrative" in lines
    assert "chapter_figures.csv" in lines
