"""A build in a tenth of a second: it reads one table and is put into place as any other."""

import datetime as dt
from pathlib import Path

from bolton_jsna.building import _outputs, _rebuild_settings, fingerprints, lock, paths
from bolton_jsna.building._run_record import RunRecord
from bolton_jsna.core.areas import area as area_of
from bolton_jsna.ingest import raw_tables as raw
from bolton_jsna.ingest import store

TABLE = "rates.csv"


def reading(folder: Path) -> None:
    """What happens while a build reads; tests put something else here."""


def quick_build(area="Bolton", *, workspace, local_records=None, **_):
    """Write the scores of the Indices as the build's two outputs, and its record."""
    place, folder = area_of(area), Path(workspace)
    with lock.alone(folder):
        own = {"local_records": None if local_records is None else str(local_records)}
        named = local_records is not None
        read = fingerprints.inputs_of(folder, own)
        reading(folder)
        table = raw.table("idaci", folder)
        with _outputs.staging(folder) as staged:
            goal = staged / paths.PROCESSED
            goal.mkdir(parents=True)
            for name in ("idaci_lsoa.csv", TABLE):
                (goal / name).write_text(table.to_csv(index=False), encoding="utf-8")
            record = RunRecord(
                area=place.name,
                area_code=place.code,
                workspace=str(folder),
                finished=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
                illustrative=True,
                figures={},
                sources=[{"source": "idaci@2025", "sha256": at_rest(folder)}],
                checks=[],
                notes=[],
                outputs=_outputs.outputs_of(staged),
                options={},
                inputs=_rebuild_settings.public(read),
                own_file=named,
            )
            if named:
                _rebuild_settings.write(record, staged, options=own, inputs=read, accepted=None)
            (staged / paths.RECORD).write_text(record.to_json(), encoding="utf-8")
            _outputs.put_in_place(staged, folder)
    return record


def at_rest(folder: Path) -> str:
    """The sha256 of the fetched file of the Indices."""
    return store.entries(folder)["idaci@2025"].sha256
