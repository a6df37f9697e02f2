"""A small chapter with every kind of block, for tests of the writers."""

from __future__ import annotations

import functools

import pandas as pd

from bolton_jsna.chapter.document import (
    Bullets,
    Cell,
    Column,
    Document,
    Paragraph,
    Section,
    Span,
    Table,
    paragraph,
)
from bolton_jsna.chapter.drawings import drawn_chart

LICENCE = "Contains public sector information licensed under the Open Government Licence v3.0."


@functools.cache
def chart():
    """Return a chart of one area with a hidden year."""
    from bolton_jsna import chart_trend, crude_rates

    rows = pd.DataFrame(
        {
            "area_code": "E08000001",
            "area_name": "Bolton",
            "year": [2021, 2022, 2023, 2024, 2025],
            "indicator": "referrals",
            "count": [3900.0, 3855.0, None, 3811.0, 3803.0],
            "population": 75_000.0,
            "status": ["value", "value", "suppressed", "value", "value"],
        }
    )
    return drawn_chart(chart_trend(crude_rates(rows)))


def table(key="trend", lines=5, **changed):
    """Return a table with hidden figures and a long name."""
    names = ["Bolton", "Stoke-on-Trent and a neighbour with a very long name, once a county"]
    cells = tuple(
        (
            Cell(names[each % 2] + f" {each}"),
            Cell(f"{1234 + each:,}", 1234.0 + each, "value"),
            Cell("[c]", status="suppressed") if each % 3 == 2 else Cell("503.1", 503.1, "value"),
        )
        for each in range(lines)
    )
    given = {
        "key": key,
        "title": "Referrals in Bolton, years ending 31 March 2021 to 2025",
        "columns": (
            Column("Area"),
            Column("Referrals", "number"),
            Column("Rate per 10,000 children", "number", 1),
        ),
        "rows": cells,
        "ids": tuple(f"rates:referrals/E08000001/{2021 + each}" for each in range(lines)),
        "notes": ("A child referred twice is counted twice.",),
        "sources": (f"Source: Department for Education, Children in need. {LICENCE}",),
    }
    return Table(**{**given, **changed})


def figure(key="trend_figure", table="trend"):
    """Return a figure of the chart."""
    return chart().figure(key, table=table)


def document(**changed):
    """Return a chapter of three sections with two levels."""
    sentence = Span(
        "In the year to 31 March 2025 there were 3,803 referrals in Bolton, 503 per 10,000 "
        "children (95% interval 486 to 521), similar to England (519).",
        rows=("profile:referrals/E08000001/2025",),
    )
    own = Paragraph(
        (
            Span("Our "),
            Span("early help", bold=True),
            Span(" offer is "),
            Span("described by the council", address="https://www.bolton.gov.uk/"),
            Span(", and it has <b>changed</b> & grown, "),
            Span("since 2023", italic=True),
            Span("."),
        ),
        "author",
    )
    services = Section(
        "services",
        "Current services in relation to need",
        (paragraph(sentence, "A second sentence."), own),
        (
            Section(
                "services_referrals",
                "Referrals",
                (
                    figure(),
                    table(),
                    paragraph("A caution about chance in the counts.", role="caution"),
                ),
            ),
            Section(
                "services_plans",
                "Plans",
                (
                    paragraph("There are no figures: bolton-jsna refresh.", role="missing"),
                    Bullets((paragraph("First."), paragraph("Second, longer.")), numbered=True),
                ),
            ),
        ),
    )
    words = table(
        key="glossary",
        title="Glossary",
        columns=(Column("Term"), Column("Meaning")),
        rows=(
            (Cell("LSOA"), Cell("Lower layer super output area: about 1,500 people.")),
            (Cell("Rate"), Cell("Events for every 10,000 children.")),
        ),
        ids=(),
        notes=(),
        sources=(),
    )
    given = {
        "title": "Safeguarding children in Bolton",
        "subtitle": "Joint Strategic Needs Assessment chapter",
        "subject": "Needs of children for safeguarding, services and projected use",
        "author": "Bolton JSNA",
        "dated": "31 March 2025",
        "version": "0.1.0",
        "illustrative": True,
        "sections": (
            Section("summary", "At a glance", (Bullets((paragraph(sentence),)),)),
            services,
            Section("method", "Method and glossary", (words, paragraph("A note.", role="note"))),
        ),
    }
    return Document(**{**given, **changed})
