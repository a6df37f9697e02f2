"""The section "Sources and licences"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from bolton_jsna.chapter.cells import table_of
from bolton_jsna.chapter.document import Block, Bullets, Column, Section, Span, paragraph
from bolton_jsna.chapter.materials import Materials
from bolton_jsna.chapter.sections import _parts
from bolton_jsna.core.commands import joined

if TYPE_CHECKING:
    import pandas as pd

TITLES: Final = {
    "sources": "Sources and licences",
    "sources_licences": "Licences",
    "sources_again": "How to make this chapter again",
}
_OGL: Final = "Open Government Licence"
_ADDRESS: Final = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
_NO_DATE: Final = "No date"
_WITHOUT_DATE: Final = (
    "A source without a date of retrieval comes with the library, or was put into the folder of "
    "the chapter by hand."
)


def section(given: Materials) -> Section:
    """Return the section."""
    key = "sources"
    rows = _parts.rows_of(given, "sources")
    if rows is None:
        again = Section("sources_again", TITLES["sources_again"], tuple(_again(given)))
        lost = _parts.missing(
            "The build has no list of sources. To make it: bolton-jsna build, then "
            "bolton-jsna chapter"
        )
        return Section(key, TITLES[key], (lost,), (again,))
    parts = {
        "sources_licences": tuple(_licences(rows)),
        "sources_again": tuple(_again(given)),
    }
    below = tuple(Section(each, TITLES[each], blocks) for each, blocks in parts.items())
    return Section(key, TITLES[key], (_table(rows),), below)


def _table(rows: pd.DataFrame) -> Block:
    retrieved = rows["retrieved"].astype("string").str.slice(0, 10).fillna("")
    columns = {
        "title": Column("Source"),
        "publisher": Column("Publisher"),
        "vintage": Column("Edition and years"),
        "fetched": Column("Retrieved"),
        "licence": Column("Licence"),
    }
    if (retrieved == "").all():
        del columns["fetched"]
    return table_of(
        rows.assign(fetched=[each or _NO_DATE for each in retrieved]),
        columns,
        key="list_of_sources",
        title="Sources of the figures, boundaries and lookups",
        table="sources",
        notes=(_WITHOUT_DATE,) if "fetched" in columns and (retrieved == "").any() else (),
        sources=(),
    )


def _licences(rows: pd.DataFrame) -> Iterator[Block]:
    """Return the lines that the publishers ask for, each once, and where the licence is."""
    lines = rows["attribution"].dropna().astype(str)
    named = [each for each in dict.fromkeys(line.strip() for line in lines) if each]
    if named:
        yield Bullets(tuple(paragraph(each) for each in named))
    if rows["licence"].astype("string").str.contains(_OGL, na=False).any():
        yield paragraph(
            "The licence of the public sector information is the",
            Span("Open Government Licence v3.0", address=_ADDRESS),
            "of The National Archives.",
        )


def _again(given: Materials) -> Iterator[Block]:
    """Return how the same chapter is made again."""
    command = joined(["bolton-jsna", "chapter", "--area", given.place.name])
    yield paragraph(
        f"This chapter was made with bolton_jsna {given.version}. To make it again from the same "
        f"files, use the options that run.json names: {command}",
    )
    yield paragraph(
        "The same inputs give the same chapter. The tables with all figures are in the folder "
        "data/processed/ of the workspace. There, run.json has the options of the build, the "
        "fingerprint of each file that was read or written, the versions of the libraries and the "
        "checks. chapter_figures.csv has the row behind each sentence and table row."
    )
