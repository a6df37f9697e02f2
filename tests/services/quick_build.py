"""A build in a tenth of a second: it reads one table and is put into place as any other."""

import datetime as dt
from pathlib import Path

from bolton_jsna import store
from bolton_jsna import workspace as raw
from bolton_jsna.areas import area as area_of
from bolton_jsna.building import inputs, kept, locking, places, writing
from bolton_jsna.building.record import RunRecord

TABLE = "rates.csv"


def reading(folder: Path) -> None:
    """What happens while a build reads; tests put something else here."""


def quick_build(area="Bolton", *, workspace, local_records=None, **_):
    """Write the scores of the Indices as the build's two outputs, and its record."""
    place, folder = area_of(area), Path(workspace)
    with locking.alone(folder):
        own = {"local_records": None if local_records is None else str(local_records)}
        named = local_records is not None
        read = inputs.inputs_of(folder, own)
        reading(folder)
        table = raw.table("idaci", folder)
        with writing.staging(folder) as staged:
            goal = staged / places.PROCESSED
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
                outputs=writing.outputs_of(staged),
                options={},
                inputs=kept.public(read),
                own_file=named,
            )
            if named:
                kept.write(record, staged, options=own, inputs=read, accepted=None)
            (staged / places.RECORD).write_text(record.to_json(), encoding="utf-8")
            writing.put_in_place(staged, folder)
    return record


def at_rest(folder: Path) -> str:
    """The sha256 of the fetched file of the Indices."""
    return store.entries(folder)["idaci@2025"].sha256
