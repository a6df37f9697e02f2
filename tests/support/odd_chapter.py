"""A chapter with tables that spreadsheet programs find hard, for tests of the workbook."""

from __future__ import annotations

import sample_chapter
from bolton_jsna.chapter.document import Cell, Column, Section, paragraph

RUNS = ("=1+1", "+44 1204", "-5 to 5", "@SUM(A1)", '=HYPERLINK("http://x","y")', "'quoted")
READ_BY_OTHERS = (
    "[c](https://www.bolton.gov.uk)",
    "$$note$$ and $$",
    "[a](b) [c](d)",
    "\N{EN DASH}",
    "…",
    "Ŵ",
    "_x0041_",
    "https://www.bolton.gov.uk",
    "<b>&amp;</b>",
    "two  spaces\nand a line\x07",
)
STATES = {"suppressed": "[c]", "not_available": "[x]", "not_applicable": "[z]", "low": "[u]"}


def text_table(key="odd_texts"):
    """Return a table of texts that a program may take for something else."""
    return sample_chapter.table(
        key=key,
        title="Texts that are = + - @ signs, with $$ and [a](b)",
        columns=(Column("=Text"), Column("Text (b)[c] $$d$$")),
        rows=tuple((Cell(each), Cell(each)) for each in RUNS + READ_BY_OTHERS),
        ids=(),
        notes=(
            "A note with [a](b), $$c$$ and = signs.",
            "A child referred twice is counted twice.",
        ),
        sources=("=1+1", "[a](b)"),
    )


def number_table(key="odd_numbers", **changed):
    """Return a table of numbers with several decimals, states and years."""
    values = (0.0, -3.25, 1234567.891, 0.0049)
    rows = [
        (
            Cell(str(2021 + at)),
            *(
                Cell(f"{round(each, d) + 0.0:,.{d}f}", round(each, d) + 0.0, "value")
                for d in (*range(4), 8)
            ),
            Cell("[c]", status="suppressed"),
        )
        for at, each in enumerate(values)
    ]
    rows += [
        (Cell("[x]", status="not_available"), *(Cell(sign, status=state) for _ in range(6)))
        for state, sign in STATES.items()
    ]
    given = {
        "key": key,
        "title": "Numbers",
        "columns": (
            Column("Year"),
            *(Column(f"With {each} decimals", "number", each) for each in (*range(4), 8)),
            Column("Hidden", "number", 1),
        ),
        "rows": tuple(rows),
        "ids": (),
        "illustrative": True,
    }
    return sample_chapter.table(**{**given, **changed})


def document():
    """Return a chapter with all of them."""
    clash = "a_key_that_is_longer_than_the_name_of_a_sheet"
    tables = (
        text_table(),
        number_table(),
        sample_chapter.table(key=f"{clash}_one", title="The same title"),
        sample_chapter.table(key=f"{clash}_two", title="The same title"),
        sample_chapter.table(key="cpp2025", title="A key like a cell", notes=()),
        sample_chapter.table(key="a_b", title="One key " * 60),
        sample_chapter.table(key="A-B", title="The same key to a program"),
        sample_chapter.table(key="2025_rates", title="A key that begins with a digit"),
        sample_chapter.table(key="many", title="Many rows", lines=400),
        sample_chapter.table(key="none", title="No rows", lines=0),
        sample_chapter.table(
            key="wide",
            title="Many columns",
            columns=tuple(Column(f"Column {each}", "number") for each in range(40)),
            rows=(tuple(Cell("1", 1.0, "value") for _ in range(40)),),
            ids=(),
        ),
    )
    return sample_chapter.document(
        title="Draft: Safeguarding & children <in> Bolton",
        mark="Draft",
        sections=(
            Section("odd", "Odd & strange", (*tables, paragraph("A & caution.", role="caution"))),
            Section("gone", "Gone", (paragraph("No figures: run =it.", role="missing"),)),
        ),
    )
