"""A chapter with two maps, every kind of chart, a wide and a long table, and hostile text."""

from __future__ import annotations

import functools

import geopandas as gpd
import shapely

import sample_chapter
from bolton_jsna.chapter.document import Cell, Column, Paragraph, Section, Span, Table, paragraph
from bolton_jsna.chapter.drawings import drawn_chart, drawn_map
from charts_made import CHARTS

HOSTILE = "</script><script>alert(1)</script> {{7*7}} \"'><img src=x onerror=alert(2)> & \\ */ }"
NAMES = ("Ash Green", "Brook & Mill", "Church Town", "Dale", HOSTILE, "Fold")


@functools.cache
def wards():
    """Return six square wards, one without a figure and one with a hostile name."""
    squares = [
        shapely.box(
            370_000 + 1500 * (at % 3),
            408_000 + 1500 * (at // 3),
            371_500 + 1500 * (at % 3),
            409_500 + 1500 * (at // 3),
        )
        for at in range(6)
    ]
    return gpd.GeoDataFrame(
        {
            "area_code": [f"E0509900{at}" for at in range(6)],
            "area_name": NAMES,
            "idaci": [0.11, 0.15, 0.22, 0.31, 0.35, 0.42],
            "rate": [210.0, None, 330.0, 305.0, 410.0, 520.0],
            "rate_status": ["value", "suppressed", *["value"] * 4],
        },
        geometry=squares,
        crs="EPSG:27700",
    )


@functools.cache
def maps():
    """Return a map of one measure and one of two, as figures."""
    from bolton_jsna.maps import bivariate_map, choropleth_map, static_bivariate, static_choropleth

    frame = wards()
    named = {
        "boundaries": frame[["area_code", "area_name", "geometry"]],
        "illustrative": True,
        "notes": ["A note on the wards."],
        "sources": ["Contains OS data © Crown copyright and database right 2023."],
    }
    figures = frame.drop(columns="geometry")
    one = {"title": f"Referrals by ward {HOSTILE}", "label": "Referrals", **named}
    two = {"title": "Deprivation and referrals by ward", "x_label": "IDACI", **named}
    return (
        drawn_map(
            choropleth_map(figures, "rate", **one), static_choropleth(figures, "rate", **one)
        ).figure("ward_rate", table="wards"),
        drawn_map(
            bivariate_map(figures, "idaci", "rate", **two),
            static_bivariate(figures, "idaci", "rate", **two),
        ).figure("ward_both", table="wards"),
    )


def wide(lines=6):
    """Return a table with as many columns as the widest one of a chapter."""
    heads = ("Children aged 0 to 17", "IDACI score", "Referrals", "Rate per 10,000 children")
    heads += ("Lower limit", "Upper limit", "Plans", "Plans per 10,000")
    rows = tuple(
        (
            Cell(NAMES[at % 6] if at < 6 else f"Ward {at:03}"),
            *(
                Cell("[c]", status="suppressed")
                if (at + place) % 7 == 0
                else Cell(f"{1234.5 + at * place:,.1f}", 1234.5 + at * place, "value")
                for place in range(len(heads))
            ),
            Cell("similar to England"),
        )
        for at in range(lines)
    )
    return Table(
        "wards",
        f"Wards: deprivation, referrals and plans {HOSTILE}",
        (
            Column("Ward"),
            *(Column(each, "number", 1) for each in heads),
            Column("Compared with England"),
        ),
        rows,
        ids=tuple(f"ward_profile:{at}" for at in range(lines)),
        notes=(f"A note on wards. {HOSTILE}",),
        sources=("Bolton Council.",),
        illustrative=True,
    )


@functools.cache
def document(lines=60, **changed):
    """Return the chapter; its long table is more than a sheet of paper."""
    base = sample_chapter.document()
    charts = [
        drawn_chart(CHARTS[kind].hidden()).figure(f"chart_{kind.replace(' ', '_')}", table="wards")
        for kind in CHARTS
    ]
    own = Paragraph(
        (
            Span(HOSTILE),
            Span("bad", address="javascript:alert(3)"),
            Span(" and "),
            Span("mail us", address="mailto:jsna@example.org", bold=True),
            Span(
                ' or see https://example.org/a?b=c&d="e', address='https://example.org/a?b=c&d="e'
            ),
        ),
        "author",
    )
    more = (
        Section("own_1", HOSTILE, (own,)),
        Section(
            "deprivation",
            "Deprivation and referrals",
            (paragraph("Words. " * 50), *maps(), wide(lines)),
        ),
        Section("charts", "Every kind of chart", tuple(charts)),
    )
    given = {"mark": "Draft", "sections": (*base.sections, *more), **changed}
    return sample_chapter.document(**given)
