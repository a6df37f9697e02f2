"""The chapter as a document: what it says, apart from how Word, a page or a workbook shows it.

A document has sections; a section has blocks (paragraphs, lists, tables and figures) and may have
sections of its own. Everything that holds a figure names the rows of the tables in
``data/processed/`` that the figure is from (:mod:`bolton_jsna.chapter.citations`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from bolton_jsna.core.states import LABELS, MEANINGS, NUMERIC, SIGNS

Role = Literal["body", "note", "caution", "missing", "author"]
"""What a paragraph is: text, a note, a caution, what is missing, or text of the authors."""

MADE_UP: Final = "Illustrative local data: these figures are made up and describe no real child."
"""What stands at each figure and table with made-up figures."""
SOME_MADE_UP: Final = (
    "Illustrative local data: figures from local records are made up and describe no real child. "
    "Each figure and table with made-up figures is marked."
)
"""What stands at the beginning of a chapter with such figures."""

LEVELS: Final = 3
"""How deep headings go."""


@dataclass(frozen=True)
class Span:
    """A piece of text, such as a sentence, with the ids of the rows that hold its figures.

    ``address`` makes it a link, whose text says where it goes.
    """

    text: str
    rows: tuple[str, ...] = ()
    bold: bool = False
    italic: bool = False
    address: str = ""


@dataclass(frozen=True)
class Paragraph:
    """Spans that follow one another; a space between them is part of a span."""

    spans: tuple[Span, ...]
    role: Role = "body"

    @property
    def text(self) -> str:
        """The words alone."""
        return "".join(each.text for each in self.spans)


@dataclass(frozen=True)
class Bullets:
    """A list, with bullets or numbers."""

    items: tuple[Paragraph, ...]
    numbered: bool = False


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, what it holds, and how many decimals are printed."""

    name: str
    kind: Literal["text", "number"] = "text"
    decimals: int = 0


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes
    ----------
    text : str
        What is printed, never empty: a word, a rounded number with commas, or the sign of a state.
    value : float or None
        The number as it is printed, for a workbook; None if the cell is not a number.
    status : str
        The state of a number, or empty for a text.
    """

    text: str
    value: float | None = None
    status: str = ""


@dataclass(frozen=True)
class Table:
    """A table of the document: one row of headings, then rows with as many cells.

    Attributes
    ----------
    key : str
        Its name in lower case with underscores, such as ``neighbours_referrals``.
    title : str
        What it shows, with place and time; the caption without its number.
    ids : tuple of str
        The row of ``data/processed/`` behind each row; empty for a table of words.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    ids: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    illustrative: bool = False

    @property
    def signs(self) -> tuple[tuple[str, str], ...]:
        """The signs in its cells, each with its meaning, such as ``[c]``."""
        found = {cell.status for row in self.rows for cell in row} - NUMERIC - {""}
        return tuple(
            (SIGNS[each], f"{LABELS[each]}: {MEANINGS[each]}") for each in SIGNS if each in found
        )

    @property
    def description(self) -> str:
        """One sentence on what the table has, for readers who cannot see it."""
        heads = ", ".join(each.name for each in self.columns)
        return f"{self.title}. {len(self.rows)} rows. Columns: {heads}."


class Drawing(Protocol):
    """A chart or map of a figure."""

    def png(self) -> bytes:
        """Return it for print, at 300 dots an inch, with its title and sources."""

    def repeated(self) -> tuple[float, float]:
        """Return the parts of its height, at top and foot, that a caption and notes repeat."""

    def svg(self) -> str:
        """Return it for print, without dots."""

    def fragment(self, key: str) -> str:
        """Return it as a part of a page, whose ids begin with the key."""


@dataclass(frozen=True, eq=False)
class Figure:
    """A chart or map, with its words.

    Attributes
    ----------
    table : str
        The key of the table of the document that has its figures.
    """

    key: str
    title: str
    subtitle: str
    alt: str
    drawing: Drawing = field(repr=False)
    table: str
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    illustrative: bool = False


Block = Paragraph | Bullets | Table | Figure


@dataclass(frozen=True, eq=False)
class Section:
    """A heading with what stands below it."""

    key: str
    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, eq=False)
class Document:
    """The whole chapter.

    Attributes
    ----------
    dated : str
        The day to which the figures go, such as "31 March 2025": the same data give the same bytes.
    version : str
        The version of this library.
    mark : str
        What every page says first, such as "Draft", or empty.
    """

    title: str
    subtitle: str
    subject: str
    author: str
    dated: str
    version: str
    sections: tuple[Section, ...]
    mark: str = ""
    illustrative: bool = False

    def __post_init__(self) -> None:
        keys = [each.key for each in self.tables()] + [each.key for each in self.figures()]
        if len(set(keys)) < len(keys):
            raise ValueError(f"a document has the key {max(keys, key=keys.count)!r} twice")
        lost = {each.table for each in self.figures()} - {each.key for each in self.tables()}
        if lost:
            raise ValueError(f"figures name the tables {sorted(lost)}, which are not there")

    def headings(self) -> Iterator[tuple[int, Section]]:
        """Return each section with the level of its heading, in order."""
        yield from _headings(self.sections, 1)

    def blocks(self) -> Iterator[Block]:
        """Return every block in order."""
        for _, section in self.headings():
            yield from section.blocks

    def tables(self) -> list[Table]:
        """Return the tables in the order of their numbers."""
        return [each for each in self.blocks() if isinstance(each, Table)]

    def figures(self) -> list[Figure]:
        """Return the figures in the order of their numbers."""
        return [each for each in self.blocks() if isinstance(each, Figure)]

    @property
    def footer(self) -> str:
        """What stands at the foot of each page, before its number."""
        mark = "" if self.title.startswith(self.mark) else self.mark
        parts = [mark, self.title, f"figures to {self.dated}", f"bolton-jsna {self.version}"]
        return ", ".join(filter(None, parts))


def _headings(sections: Iterable[Section], level: int) -> Iterator[tuple[int, Section]]:
    for each in sections:
        yield level, each
        yield from _headings(each.sections, level + 1)


def paragraph(*texts: str | Span, role: Role = "body") -> Paragraph:
    """Return a paragraph of sentences, with a space between them."""
    spans: list[Span] = []
    for each in texts:
        if spans:
            spans.append(Span(" "))
        spans.append(Span(each) if isinstance(each, str) else each)
    return Paragraph(tuple(spans), role)
