"""Results as notebooks and consoles show them: one short table, in HTML and as text.

The HTML has a caption and the scope of each heading, escapes every text, and has no scripts. It
sets no colours, so that it can be read in light and dark themes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from bolton_jsna.core.errors import clean

_LONGEST_HEADING: Final = 60
_LEFT: Final = "text-align:left;vertical-align:top"
_RIGHT: Final = "text-align:right;vertical-align:top"


@dataclass(frozen=True)
class ShortTable:
    """A table of a few rows.

    Attributes
    ----------
    caption : str
        What it is about.
    rows : sequence of sequences of str
        The first text of a row is its heading. If there are no ``columns``, the others are lines
        of one cell; a row whose heading is empty is a sentence across the table.
    columns : sequence of str
        The headings of the columns.
    notes : sequence of str
        Sentences below the table.
    further : ShortTable, optional
        A longer table, which HTML shows folded up and text leaves out.
    """

    caption: str
    rows: Sequence[Sequence[str]]
    columns: Sequence[str] = ()
    notes: Sequence[str] = ()
    further: ShortTable | None = None

    def to_text(self) -> str:
        """Return the table as text."""
        if self.columns:
            lines = _aligned([self.columns, *self.rows])
        else:
            lines = [line for row in self.rows for line in _lines(row)]
        return clean("\n".join([self.caption, *lines, *self.notes]))

    def to_html(self) -> str:
        """Return the table as HTML."""
        head = "".join(
            f'<th scope="col" style="{_RIGHT if at else _LEFT}">{_html(each)}</th>'
            for at, each in enumerate(self.columns)
        )
        head = f"<thead><tr>{head}</tr></thead>" if head else ""
        body = "".join(self._html_row(row) for row in self.rows)
        caption = f'<caption style="text-align:left"><b>{_html(self.caption)}</b></caption>'
        notes = "".join(f"<p>{_html(each)}</p>" for each in self.notes)
        folded = ""
        if self.further is not None:
            name = f"<summary>{_html(self.further.caption)}</summary>"
            folded = f"<details>{name}{self.further.to_html()}</details>"
        return f"<table>{caption}{head}<tbody>{body}</tbody></table>{notes}{folded}"

    def _html_row(self, row: Sequence[str]) -> str:
        heading, *cells = row
        first = f'<th scope="row" style="{_LEFT}">{_html(heading)}</th>'
        if self.columns:
            others = "".join(f'<td style="{_RIGHT}">{_html(each)}</td>' for each in cells)
            return f"<tr>{first}{others}</tr>"
        text = _html(cells[0])
        if len(cells) > 1:
            items = "".join(f"<li>{_html(each)}</li>" for each in cells)
            text = f'<ul style="margin:0;padding-left:1.2em">{items}</ul>'
        if not heading:
            return f'<tr><td colspan="2" style="{_LEFT}">{text}</td></tr>'
        return f'<tr>{first}<td style="{_LEFT}">{text}</td></tr>'


def table_of_text(text: str) -> ShortTable:
    r"""Return text as the command line prints it as a table with the same words.

    The first line is the caption. Indented lines belong to the line above them that is not.

    Examples
    --------
    >>> table_of_text("Bolton\n\nNotes\n  - one\n  - two\nChildren: 75,599").rows
    (('Notes', 'one', 'two'), ('Children', '75,599'))
    """
    caption, *lines = [line for line in text.splitlines() if line.strip()]
    groups: list[list[str]] = []
    for line in lines:
        if line[0].isspace() and groups:
            groups[-1].append(line.strip().removeprefix("- "))
        else:
            groups.append([line.strip()])
    return ShortTable(caption, tuple(_row(first, rest) for first, *rest in groups))


def _row(first: str, rest: list[str]) -> tuple[str, ...]:
    """Return a line and the lines below it as a row: what is before a colon is its heading."""
    heading, colon, value = first.partition(": ")
    if colon and len(heading) <= _LONGEST_HEADING and ". " not in heading:
        return (heading, value, *rest)
    return (first.removesuffix(":"), *rest) if rest else ("", first)


def _html(text: str) -> str:
    return escape(clean(text))


def _lines(row: Sequence[str]) -> list[str]:
    """Return a row without columns as lines of text."""
    heading, *cells = row
    if len(cells) == 1:
        return [f"  {heading}: {cells[0]}" if heading else f"  {cells[0]}"]
    return [f"  {heading}", *(f"    - {each}" for each in cells)]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines: the first column begins at the left, the others end at the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  "
        + "  ".join(
            each.rjust(width) if at else each.ljust(width)
            for at, (each, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
