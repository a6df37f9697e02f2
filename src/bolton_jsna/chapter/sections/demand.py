"""The section "Projected use of services"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from bolton_jsna.chapter.document import Block, Section, paragraph
from bolton_jsna.chapter.materials import Materials
from bolton_jsna.chapter.sections import _demand_indicators, _demand_record, _parts
from bolton_jsna.core.commands import refresh_command
from bolton_jsna.core.wording import listed

if TYPE_CHECKING:
    import pandas as pd

TITLES: Final = {
    "demand": "Projected use of services",
    "demand_numbers": "Expected numbers",
    "demand_indicators": "Each service to the end of the projection",
    "demand_record": "How far such projections have been out",
}
_TABLE: Final = "projected_demand"
_COMMAND: Final = "bolton-jsna refresh"
_DATASETS: Final = ("children_in_need", "children_looked_after", "population_projections")
"""What projections are made from."""


def section(given: Materials) -> Section:
    """Return the section."""
    key = "demand"
    rows = _parts.rows_of(given, _TABLE, area_code=given.place.code)
    if rows is None:
        what = "the projected use of services"
        datasets = ["population_projections"]
        return Section(key, TITLES[key], (_parts.no_rows(given, _TABLE, what, datasets=datasets),))
    there = rows[rows["status"] == "modelled"].reset_index(drop=True)
    absent = tuple(_absent(given, rows[rows["status"] != "modelled"]))
    if there.empty:
        return Section(key, TITLES[key], absent)
    parts = {
        "demand_numbers": (*_demand_indicators.overview(given, there), *absent),
        "demand_indicators": _demand_indicators.blocks(given, there),
        "demand_record": _demand_record.blocks(there),
    }
    below = tuple(Section(each, TITLES[each], blocks) for each, blocks in parts.items())
    return Section(key, TITLES[key], tuple(_lead(there)), below)


def _lead(there: pd.DataFrame) -> Iterator[Block]:
    """Return what a projection is and is not."""
    label = str(there["label"].iloc[0])
    yield paragraph(
        "This section shows how many children would use a service if the last rate stayed as it is "
        f"and only the number of children changed. It is a {label}. It does not allow for new "
        "laws, new services or changes in the lives of families."
    )
    yield paragraph(
        "Each number has an 80 per cent interval, made from how far past projections by the same "
        "method were out. Do not quote a number without its interval.",
        role="caution",
    )


def _absent(given: Materials, rows: pd.DataFrame) -> Iterator[Block]:
    """Return why some indicators have no projection, those with one reason together."""
    by_reason: dict[str, list[str]] = {}
    for row in rows.to_dict(orient="records"):
        name = _demand_indicators.in_sentence(row["indicator"])
        # A reader does not know the short names of indicators.
        reason = str(row["reason"]).replace(str(row["indicator"]), name)
        by_reason.setdefault(reason, []).append(name)
    for reason, names in by_reason.items():
        why = (given.missing.get("projections", "") or reason).removesuffix(".")
        text = f"There is no projection of {listed(names)}. {why[:1].upper()}{why[1:]}."
        if _COMMAND not in why:
            text += f" To look for more figures: {refresh_command(_DATASETS, [given.place.name])}"
        yield _parts.missing(text)
