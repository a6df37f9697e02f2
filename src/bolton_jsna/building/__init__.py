"""Make every table and map of a chapter from what there is, and leave a record."""

from __future__ import annotations

import datetime as dt
import json
import logging
from pathlib import Path

from bolton_jsna.areas import DEFAULT_AREA, Area
from bolton_jsna.building.record import RunRecord
from bolton_jsna.store import workspace_folder

_log = logging.getLogger(__name__)


def build(
    area: str | int | Area = DEFAULT_AREA,
    *,
    workspace: str | Path = ".",
    local_records: str | Path | None = None,
    year: int | None = None,
    idaci_edition: int = 2025,
) -> RunRecord:
    """Make the tables and maps of an authority's chapter.

    Everything is read, checked, made and written to a staging folder first and moved into place
    at the end: when something is missing or wrong, the outputs of the last good build stay.

    Parameters
    ----------
    area : place, default "Bolton"
        An upper-tier authority by name, code or DfE number.
    workspace : str or Path, default "."
        The folder whose ``data/raw/`` is read and whose ``data/processed/`` and ``maps/`` are
        written.
    local_records : str or Path, optional
        The authority's own extract of referrals and plans. Without it Bolton's ward figures are
        illustrative, and another authority has none.
    year : int, optional
        Year ending 31 March of the local figures; the last that the records cover by default.
    idaci_edition : int, default 2025
        Year of the Indices of Deprivation.

    Returns
    -------
    RunRecord
        What was used, checked and made; also written as ``data/processed/run.json``.

    Raises
    ------
    UsageError
        When the area or the workspace cannot be meant.
    MissingDataError
        With everything that is missing and how to get it.
    BoltonJsnaError
        When a file cannot be read or a check fails.

    Examples
    --------
    >>> import tempfile
    >>> record = build("Bolton", workspace=tempfile.mkdtemp())
    >>> record.figures["rates"][0]["rate"], "maps/ward_idaci.html" in record.outputs
    (503.0, True)
    """
    from bolton_jsna.building import checks, gathering, pictures, summary, tables, writing
    from bolton_jsna.loaders import source_table

    folder = workspace_folder(workspace)
    made_from = gathering.gather(
        area, workspace=folder, local_records=local_records, idaci_edition=idaci_edition
    )
    local = tables.local_counts(made_from, year=year)
    compared = tables.comparisons(made_from)
    made = tables.make_tables(made_from, local, compared)
    passed = checks.run_checks(made_from, made, local)
    ids = {each for table in made.values() if "source" in table for each in table["source"]}
    ids |= set(made_from.wards["source"])
    origin = source_table(ids, own_records=local_records, workspace=folder)
    made["sources"] = origin
    notes = summary.notes(made_from, local, made)
    attributions = dict(zip(origin["source"], origin["attribution"], strict=True))
    frame, drawn = pictures.pictures(
        made_from,
        made["ward_profile"],
        local,
        attributions=attributions,
        notes=tuple(summary.map_notes(made_from, local)),
    )
    with writing.staging(folder) as staged:
        writing.write_tables(made, staged / writing.PROCESSED)
        pictures.draw(frame, made_from, drawn, staged / writing.MAPS)
        record = RunRecord(
            area=made_from.place.name,
            area_code=made_from.place.code,
            workspace=str(folder.resolve()),
            finished=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            illustrative=made_from.illustrative,
            figures=summary.figures(made_from, made, compared, local),
            sources=json.loads(origin.to_json(orient="records")),
            checks=passed,
            notes=notes,
            outputs=writing.outputs_of(staged),
            options={
                "local_records": _place(local_records, folder),
                "year": year,
                "idaci_edition": idaci_edition,
            },
        )
        (staged / writing.RECORD).write_text(record.to_json(), encoding="utf-8")
        writing.put_in_place(staged, folder)
    _log.info("built %s: %d files", record.area, len(record.outputs))
    return record


def rebuild(workspace: str | Path = ".") -> RunRecord | None:
    """Build again what the record of the last build says was built, or nothing without one.

    Raises
    ------
    BoltonJsnaError
        As :func:`build`.

    Examples
    --------
    >>> import tempfile
    >>> rebuild(tempfile.mkdtemp()) is None
    True
    """
    from bolton_jsna.building import writing

    folder = workspace_folder(workspace)
    try:
        record = json.loads((folder / writing.RECORD).read_text(encoding="utf-8"))
        code, options = str(record["area_code"]), dict(record.get("options", {}))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    local = options.get("local_records")
    return build(
        code,
        workspace=folder,
        local_records=folder / local if local else None,
        year=options.get("year"),
        idaci_edition=options.get("idaci_edition", 2025),
    )


def _place(local_records: str | Path | None, folder: Path) -> str | None:
    """Return where an extract lies, seen from the workspace if it lies in it."""
    if local_records is None:
        return None
    path = Path(local_records).resolve()
    within = path.is_relative_to(folder.resolve())
    return path.relative_to(folder.resolve()).as_posix() if within else str(path)
