"""What a workbook has, the same for every format of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from bolton_jsna.chapter.workbook._names import column_letters

COVER: Final = "Cover"
CONTENTS: Final = "Contents"
NOTES: Final = "Notes"

INTRODUCTION: Final = "Introductory information"
ABOUT: Final = "About these data"
"""The headings of a cover, as gptables writes them."""

COVER_WIDTH: Final = 85
"""How wide the text of the cover is, in characters."""


@dataclass(frozen=True)
class Line:
    """A line above a table; ``sheet`` makes it a link to that sheet."""

    text: str
    sheet: str = ""


@dataclass(frozen=True)
class Entry:
    """A cell below the headings: a text, a link to a sheet, or a number with its text."""

    text: str
    number: float | None = None
    sheet: str = ""


@dataclass(frozen=True)
class Heading:
    """The heading of a column, with what stands below it.

    Attributes
    ----------
    kind : str
        What is below it: "label" is a number that names something, such as a year or a note.
    decimals : int
        The decimals of the numbers.
    width : int
        How wide the column is, in characters of 12 points.
    """

    name: str
    kind: Literal["text", "number", "label"]
    decimals: int
    width: int


@dataclass(frozen=True)
class Sheet:
    """A sheet with one table.

    Attributes
    ----------
    warnings : tuple of str
        What a reader must see first, such as that the figures are made up.
    instructions : str
        How many tables there are and where the notes are.
    lines : tuple of Line
        What stands between the instructions and the table.
    """

    name: str
    table: str
    title: str
    warnings: tuple[str, ...]
    instructions: str
    lines: tuple[Line, ...]
    headings: tuple[Heading, ...]
    rows: tuple[tuple[Entry, ...], ...]

    @property
    def top(self) -> int:
        """The row of the headings, from 0."""
        return 2 + len(self.warnings) + len(self.lines)

    @property
    def first(self) -> str:
        """The first cell of the table, such as "A8"."""
        return f"A{self.top + 1}"

    @property
    def last(self) -> str:
        """The last cell of the table, such as "C13"."""
        return f"{column_letters(len(self.headings))}{self.top + 1 + len(self.rows)}"


@dataclass(frozen=True)
class Cover:
    """The first sheet: a title and lines of text below two headings."""

    title: str
    introduction: tuple[str, ...]
    about: tuple[str, ...]


@dataclass(frozen=True)
class Book:
    """A workbook: a cover, then the sheets in order."""

    title: str
    subject: str
    author: str
    footer: str
    version: str
    cover: Cover
    sheets: tuple[Sheet, ...]
