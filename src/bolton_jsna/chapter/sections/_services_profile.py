"""Repeat referrals and plans, children looked after, and the profile of all indicators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from bolton_jsna.chapter.cells import table_of
from bolton_jsna.chapter.document import Block, Bullets, Column, paragraph
from bolton_jsna.chapter.materials import Materials
from bolton_jsna.chapter.sections import _parts
from bolton_jsna.chapter.sections._services_indicators import (
    PROFILE,
    profile_cautions,
    profile_row,
    profile_sentences,
    what_is_counted,
)
from bolton_jsna.core import wording
from bolton_jsna.core.states import NUMERIC
from bolton_jsna.sentences import profile_words

if TYPE_CHECKING:
    import pandas as pd

PARTS: Final[Mapping[str, Mapping[str, str]]] = {
    "services_repeats": {
        "re_referrals_within_12_months": "re-referrals within 12 months",
        "children_re_referred_within_12_months": "children re-referred within 12 months",
        "second_or_subsequent_plans": "second or subsequent child protection plans",
    },
    "services_looked_after": {
        "cla_at_31_march": "children looked after at 31 March",
        "cla_started": "children who started to be looked after",
    },
}
"""The indicators of each part that has sentences only: its words where it has no figures."""

_USED: Final = 3
"""The words of the table: those next to England, among the neighbours, and of trends."""
_LOOKED_AFTER: Final = "children_looked_after"
_FIGURES: Final = "children_in_need"


def described(
    given: Materials, indicators: Mapping[str, str], cautions: _parts.Cautions
) -> tuple[Block, ...]:
    """Return a paragraph for each indicator, each with the cautions that are new."""
    found: list[Block] = []
    for indicator, what in indicators.items():
        about = profile_row(given, indicator)
        if about is None:
            dataset = _LOOKED_AFTER if indicator.startswith("cla_") else _FIGURES
            found.append(_parts.no_rows(given, indicator, what, datasets=[dataset]))
            continue
        found.append(paragraph(*profile_sentences(about)))
        found += cautions.new(profile_cautions(about), what_is_counted(about))
    return tuple(found)


def profile(given: Materials) -> tuple[Block, ...]:
    """Return the spine chart with the table of all indicators, and what its words mean."""
    return tuple(_profile(given))


def _profile(given: Materials) -> Iterator[Block]:
    rows = _parts.rows_of(given, PROFILE, area_code=given.place.code)
    if rows is None:
        yield _parts.no_rows(given, PROFILE, "the indicators of the profile", datasets=[_FIGURES])
        return
    name = given.place.name
    yield paragraph(
        f"The table has every indicator of {name} that the build has figures of, each of its "
        "latest year, with what a test finds when it is compared."
    )
    what = "chart of all indicators"
    yield _parts.figure(given, "spine", table="indicators", what=what)
    if "spine_factors" in given.drawings:
        yield _parts.figure(given, "spine_factors", table="indicators", what=what)
    yield _table(rows, given)
    yield Bullets(tuple(paragraph(each) for each in profile_words.MEANINGS[:_USED]))


def _table(rows: pd.DataFrame, given: Materials) -> Block:
    neighbours = bool((rows["neighbours_of"] > 0).any())
    england = bool(rows["england_status"].isin(NUMERIC).any())
    columns = {
        "named": Column("Indicator"),
        "year_text": Column("Year"),
        "value": Column(given.place.name, "number", 1),
        "lower": Column("Lower 95% limit", "number", 1),
        "upper": Column("Upper 95% limit", "number", 1),
    }
    if england:
        columns["england"] = Column("England", "number", 1)
        columns["against_england"] = Column("Compared with England")
    if neighbours:
        columns["against_neighbours"] = Column("Among neighbours")
    columns["trend"] = Column("Trend over five years")
    verdicts = wording.PANEL_VERDICTS
    return table_of(
        rows.assign(
            named=[f"{each.title} ({each.unit})" for each in rows.itertuples()],
            year_text=rows["year"].astype(str),
            against_england=rows["against_england"].map(verdicts),
            against_neighbours=rows["against_neighbours"].map(verdicts),
            trend=rows["trend"].map(wording.TRENDS),
        ),
        columns,
        key="indicators",
        title=f"Indicators of children and young people in {given.place.name}",
        table=PROFILE,
        notes=(
            "Limits are missing where a figure is published without its counts. Where a verdict is "
            "missing, the column why of data/processed/profile.csv has the reason.",
        ),
    )
