"""The national tables of a run: put together from the figures of the authorities."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.building import _outputs, paths
from bolton_jsna.building.many import _national_maps
from bolton_jsna.building.many._task import Task
from bolton_jsna.catalogue import default_year
from bolton_jsna.core import atomic, untrusted
from bolton_jsna.core.areas import ENGLAND, Area
from bolton_jsna.core.commands import without_workspace
from bolton_jsna.core.errors import MissingDataError, SchemaError
from bolton_jsna.core.provenance import source_ids
from bolton_jsna.core.untrusted import plain
from bolton_jsna.ingest.store import fingerprint
from bolton_jsna.loaders._provenance import source_table
from bolton_jsna.tables.idaci import POPULATION_YEARS

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.building.many import ManyRecord

FOLDER: Final = paths.PROCESSED / "national"
"""The folder of the national tables in the workspace."""
_PUT_TOGETHER: Final = ("profile", "neighbour_comparison", "neighbour_summary", "projected_demand")


def national_tables(
    tasks: Sequence[Task], every: pd.DataFrame, places: Sequence[Area]
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Return the national tables, and why one of them is missing or is not whole."""
    import pandas as pd

    made = [each for each in tasks if each.parts.is_dir()]
    tables = {}
    for name in _PUT_TOGETHER if made else ():
        parts = [pd.read_parquet(each.parts / f"{name}.parquet") for each in made]
        tables[name] = pd.concat([each for each in parts if len(each)], ignore_index=True)
    wanted = {each.code for each in places} | {each.region_code for each in places} | {ENGLAND}
    tables["indicators"] = every[every["area_code"].isin(wanted)].reset_index(drop=True)
    workspace = Path(tasks[0].workspace)
    deprivation, reasons = _deprivation(places, workspace)
    if deprivation is not None:
        # A table is passed on: it has commands, and not where they were run.
        why = deprivation["reason"].map(lambda text: without_workspace(text, workspace))
        tables["deprivation"] = deprivation.assign(reason=why.astype(deprivation["reason"].dtype))
    tables["sources"] = source_table(source_ids(tables.values()), workspace=workspace)
    return tables, reasons


def _deprivation(places: Sequence[Area], workspace: Path) -> tuple[pd.DataFrame | None, list[str]]:
    """Return the child deprivation of authorities in each edition of the Indices, and gaps."""
    import pandas as pd

    from bolton_jsna.questions.deprivation import idaci_profile

    found, reasons = [], []
    for edition in sorted(POPULATION_YEARS):
        try:
            found.append(
                idaci_profile(list(places), edition=edition, workspace=workspace, download=False)
            )
        except (MissingDataError, SchemaError) as error:
            text = error.message if isinstance(error, MissingDataError) else str(error)
            if edition != default_year("idaci"):
                continue  # an older edition is welcome and not needed
            reasons.append(f"No child deprivation of {edition} by authority: {text}")
    return (pd.concat(found, ignore_index=True) if found else None), reasons


def write(
    tables: Mapping[str, pd.DataFrame],
    record: ManyRecord,
    workspace: Path,
    *,
    places: Sequence[Area] = (),
) -> ManyRecord:
    """Write the national tables and the maps of places, and the record last.

    Files of an earlier run are replaced.
    """
    goal = workspace / FOLDER
    with _outputs.staging(workspace) as staged:
        written = _outputs.write_tables(tables, staged / FOLDER)
        record = replace(record, outputs={each.name: fingerprint(each) for each in written})
        if places:
            drawn = staged / _national_maps.FOLDER
            reasons = _national_maps.national_maps(tables, places, workspace, drawn)
            found = sorted(drawn.glob("*"))
            record = replace(
                record,
                maps={each.name: fingerprint(each) for each in found},
                notes=[*record.notes, *reasons],
            )
        before = _earlier(goal / "run.json")
        for folder, key in ((FOLDER, "outputs"), (_national_maps.FOLDER, "maps")):
            names = getattr(record, key)
            _replace(staged / folder, workspace / folder, names, workspace)
            _forget(before.get(key, {}), names, workspace / folder)
    kept = [
        replace(each, message=without_workspace(each.message, workspace)) for each in record.areas
    ]
    noted = [without_workspace(each, workspace) for each in record.notes]
    facts = asdict(replace(record, areas=kept, notes=noted))
    text = json.dumps(facts, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    atomic.write(goal / "run.json", text, within=workspace)
    return record


def _replace(made: Path, goal: Path, names: Mapping[str, str], workspace: Path) -> None:
    """Move files into a folder."""
    if names:
        atomic.no_links(workspace, goal)
        goal.mkdir(parents=True, exist_ok=True)
    for name in names:
        atomic.free(goal / name)
        (made / name).replace(goal / name)


def _forget(before: Mapping[str, object], names: Mapping[str, str], goal: Path) -> None:
    """Delete the files of an earlier run that were not made again, unless they were changed."""
    for name, mark in before.items():
        old = goal / plain(name)
        if name in names or old.parent != goal or old.is_symlink() or not old.is_file():
            continue
        if fingerprint(old) == mark:
            old.unlink()


def _earlier(record: Path) -> Mapping[str, Mapping[str, object]]:
    """Return the files of an earlier run by its record: tables and maps."""
    try:
        found = untrusted.read_table(record)
    except (OSError, untrusted.UntrustedError):
        return {}
    return {key: each for key in ("outputs", "maps") if isinstance(each := found.get(key), Mapping)}
