"""Projections, associations and maps as sentences: their own words with the rows behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

import pandas as pd

from bolton_jsna.core.errors import SchemaError, UsageError, some
from bolton_jsna.measures import demand_text
from bolton_jsna.measures.association import DeprivationAssociation
from bolton_jsna.sentences._figures import row_id
from bolton_jsna.sentences.description import Description, described

PROJECTED = "projection"
"""Ends the id of a projected row, so that it is never taken for a counted one."""


@runtime_checkable
class DrawnMap(Protocol):
    """What a description reads of the specification of a map."""

    @property
    def places(self) -> tuple[Any, ...]: ...
    @property
    def layers(self) -> tuple[Any, ...]: ...
    @property
    def left_out(self) -> tuple[str, ...]: ...
    @property
    def notes(self) -> tuple[str, ...]: ...
    @property
    def illustrative(self) -> bool: ...


def of_projection(frame: pd.DataFrame) -> Description:
    """Describe a projection: its first and last year, and the record of the method."""
    needed = [f"lower_{demand_text.MAIN}", f"upper_{demand_text.MAIN}"]
    missing = [name for name in needed if name not in frame.columns]
    if missing and (frame["status"] == "modelled").any():
        raise UsageError(
            f"result has no columns {some(missing)}. A projection is described with its "
            f"{demand_text.MAIN} per cent interval: keep 0.8 among levels= of project_demand."
        )
    if frame["year"].isna().any():
        raise SchemaError("result has rows without a year. Give each row of a projection its year.")
    frame = frame.reset_index(drop=True)
    ids = [_projected_id(row) for row in frame.to_dict(orient="records")]
    texts, notes = [], []
    for _, rows in frame.groupby(["area_code", "indicator"], sort=False, observed=True):
        listed = rows.sort_values("year").to_dict(orient="records")
        every = tuple(_projected_id(row) for row in listed)
        if listed[0]["status"] != "modelled":
            first = listed[0]
            what = demand_text.title(first["indicator"])
            reason = f"{what}, {first['area_name']}: no projection. {first['reason']}"
            texts.append((reason, every))
            continue
        ends = listed if len(listed) == 1 else (listed[0], listed[-1])
        texts += [(demand_text.expected(row), (_projected_id(row),)) for row in ends]
        notes += [(each, every) for each in demand_text.record(listed)]
    table = pd.DataFrame(frame)
    table.insert(0, "id", ids)
    return described(texts, notes, table)


def _projected_id(row: Mapping[str, Any]) -> str:
    scenario = row.get("scenario")
    named = () if scenario is None or pd.isna(scenario) else (str(scenario),)
    return row_id(row, PROJECTED, *named)


def of_association(result: DeprivationAssociation) -> Description:
    """Describe an association of events with deprivation."""
    about = result.summary
    start = f"{about['events']}-{about['deprivation']}".replace(" ", "_")
    table = result.table.copy()
    table.insert(0, "id", [f"{start}/{each}" for each in table["measure"]])
    facts = ("used", "of", "step", "dispersion", "confidence")
    table = table.assign(**{name: about[name] for name in facts})
    ids = tuple(table["id"])
    of = {"Across": "rate_ratio", "The interval": "rate_ratio", "Rank": "spearman"}
    texts = [
        (
            text,
            next(
                (
                    tuple(each for each in ids if each.endswith(name))
                    for word, name in of.items()
                    if text.startswith(word)
                ),
                ids,
            ),
        )
        for text in about["sentences"]
    ]
    return described(texts, (), table)


def of_map(spec: DrawnMap) -> Description:
    """Describe a map in the words of its specification."""
    texts, notes, rows = [], [], []
    every: tuple[str, ...] = ()
    for layer in spec.layers:
        ids = tuple(f"map/{layer.title}/{place.code}" for place in spec.places)
        every += ids
        for row, place, label, values in zip(
            ids, spec.places, layer.labels, layer.area_values, strict=True
        ):
            figures = {each.label: each.text for each in values}
            rows.append(
                {
                    "id": row,
                    "area_code": place.code,
                    "area_name": place.name,
                    "layer": layer.title,
                    "class": label,
                    **figures,
                }
            )
        made_up = "These are illustrative local data. " if layer.illustrative else ""
        texts.append((f"{made_up}{layer.description}", ids))
        notes += [(each, ids) for each in layer.notes]
    notes = [(each, every) for each in spec.left_out] + notes
    notes += [(each, every) for each in spec.notes]
    return described(texts, notes, pd.DataFrame(rows))
