"""Write the chapter of an authority: for Word, the web and spreadsheets."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.building import paths
from bolton_jsna.core.areas import Area
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.notebook import table_of_text
from bolton_jsna.ingest.store import workspace_folder

if TYPE_CHECKING:
    from bolton_jsna.building._run_record import RunRecord

_log = logging.getLogger(__name__)

FORMATS: Final = paths.CHAPTER_FORMATS


@dataclass(frozen=True)
class Chapter:
    """The files of a chapter.

    Attributes
    ----------
    area : str
        The authority.
    files : tuple of Path
        The chapter in each format asked for, in the order docx, html, xlsx, ods.
    figures : tuple of Path
        The charts and maps of the chapter, and their captions.
    record : RunRecord
        The build that it was made with.
    """

    area: str
    files: tuple[Path, ...]
    figures: tuple[Path, ...] = field(repr=False)
    record: RunRecord = field(repr=False)

    def __str__(self) -> str:
        from bolton_jsna.building.chapter_text import chapter_lines

        return chapter_lines(self)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return table_of_text(str(self)).to_html()


@checked
def write_chapter(
    area: str | int | Area | None = None,
    *,
    workspace: str | Path = ".",
    formats: str | Iterable[str] = FORMATS,
    template: str | Path | None = None,
    draft: bool = False,
) -> Chapter:
    """Write the safeguarding chapter of an authority, with the tables that its figures are from.

    The last build of the workspace is repeated with the options that it had, such as an own
    extract; if there was none for the area, one is made with the default options. Tables, maps and
    chapter come from one run and are moved into place together, so they agree. If something is
    missing or wrong, the last good files stay.

    Parameters
    ----------
    area : place, optional
        An upper-tier authority by name, code or DfE number. By default that of the last build of
        the workspace, else Bolton.
    workspace : str or Path, default "."
        The folder whose ``data/raw/`` is read, and into whose ``chapter/`` the chapter is written.
        Own paragraphs are in ``chapter/text/*.md``, below a heading that a section of the chapter
        has; a template for Word can be in ``chapter/template.docx``.
    formats : str or iterable of str, default ("docx", "html", "xlsx", "ods")
        Word file, page, Excel workbook and OpenDocument spreadsheet.
    template : str or Path, optional
        A Word template (.docx or .dotx) whose styles, headers and footers are used. It is copied to
        ``chapter/template.docx``, where later chapters find it.
    draft : bool, default False
        Mark the chapter as a draft, and show the row of ``data/processed/`` behind each sentence.

    Returns
    -------
    Chapter
        Its files. ``data/processed/chapter_figures.csv`` has the row behind each figure.

    Raises
    ------
    UsageError
        If the area, a format or the template is not valid.
    MissingDataError
        If data are missing; the message lists all of it and how to get it.
    BoltonJsnaError
        If own text cannot be read, a check fails, or hidden counts could be worked out.

    Notes
    -----
    A Word file that is open, or that somebody changed since it was written, is not replaced: the
    new one is ``chapter/chapter_2.docx``, and a warning names both. The same data, text and
    versions give the same bytes.

    Examples
    --------
    >>> import tempfile
    >>> import bolton_jsna as jsna
    >>> chapter = jsna.write_chapter("Bolton", workspace=tempfile.mkdtemp(), formats="xlsx")
    >>> [each.name for each in chapter.files]
    ['chapter.xlsx']
    """
    from bolton_jsna.building import (
        _chapter,
        _chapter_inputs,
        _last_build,
        build,
        lock,
    )
    from bolton_jsna.building._options import BuildOptions
    from bolton_jsna.core.areas import DEFAULT_AREA
    from bolton_jsna.core.areas import area as area_of
    from bolton_jsna.core.errors import UsageError

    folder = workspace_folder(workspace)
    asked = _chapter.formats_of(formats, "formats")
    if not asked:
        raise UsageError(f"formats is empty. Expected one or more of {', '.join(FORMATS)}.")
    if template is not None:
        _chapter_inputs.keep_template(Path(template), folder)
    with lock.alone(folder):  # this first completes a build that was killed
        last = _last_build.last_build(folder)
        code = area_of(area).code if area is not None else last.area_code if last else DEFAULT_AREA
        options = BuildOptions(workspace=folder)
        if last is not None and last.area_code == area_of(code).code:
            _last_build.check_files(last)
            options = _last_build.accepted_again(last, folder)
        options = dataclasses.replace(options, chapter=asked, draft=draft)
        record = build(code, **options.asked())
        _chapter_inputs.put_guide(folder)
    written = [folder / name for name in record.outputs if name.startswith(f"{paths.CHAPTER}/")]
    figures = tuple(each for each in written if each.parent.name == paths.FIGURES.name)
    order = {f".{kind}": at for at, kind in enumerate(FORMATS)}
    files = sorted(set(written) - set(figures), key=lambda each: order[each.suffix])
    return Chapter(record.area, tuple(files), figures, record)
