"""The embedded official extract for Bolton and its comparators, and its manifest.

Each file holds one edition of one dataset in the tidy schema of its table. The manifest has the
publisher, the licence and notes of each, and the columns that hold one value throughout, which are
added on reading.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import io
import json
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core.areas import Area, area
from bolton_jsna.core.errors import MissingDataError, SourceError, did_you_mean, some
from bolton_jsna.core.provenance import Source, source_id
from bolton_jsna.tables import schemas

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

BOUNDARIES: Final = "boundaries"
"""The table of a boundary file in the manifest."""


def manifest() -> tuple[Source, ...]:
    """Return every source of the snapshot, sorted by id."""
    fields = [field.name for field in dataclasses.fields(Source)]
    return tuple(
        Source(**{name: each[name] for name in fields if name in each})
        for each in _entries().values()
    )


def own_area() -> Area:
    """Return the authority that the snapshot was made for: its small areas are in it."""
    facts = [each["constants"] for each in _entries().values()]
    (code,) = {each["area_code"] for each in facts if "area_code" in each}
    return area(code)


def covers(place: str | Area) -> bool:
    """Return whether the snapshot was made for an authority."""
    return area(place) == own_area()


def coverage() -> str:
    """Return the areas of the snapshot in words."""
    return f"{own_area().name} and its comparators"


def entry(source: str) -> Source:
    """Return one source of the snapshot by its id."""
    _entry(source)
    return next(each for each in manifest() if each.id == source)


def every(dataset: str) -> tuple[str, ...]:
    """Return the ids of the editions of a dataset that the snapshot has, the newest last."""
    return tuple(each.id for each in manifest() if each.dataset == dataset)


def with_table(name: str) -> tuple[str, ...]:
    """Return the ids of the sources of the snapshot that have a table of some schema."""
    return tuple(id_ for id_, each in _entries().items() if each["table"] == name)


def newest(dataset: str) -> str:
    """Return the id of the newest edition of a dataset that the snapshot has."""
    found = every(dataset)
    return found[-1] if found else entry(source_id(dataset, "")).id


def serves(source: str) -> tuple[int, ...]:
    """Return the years whose areas have the codes and extents of a source's areas."""
    return tuple(_entry(source).get("serves", ()))


def table(source: str) -> str:
    """Return the schema of a source's table, or ``boundaries``."""
    return str(_entry(source)["table"])


def read(source: str) -> pd.DataFrame | gpd.GeoDataFrame:
    """Return the table of a source of the snapshot, in its tidy schema."""
    return _parsed(source).copy()


@functools.cache
def _parsed(source: str) -> pd.DataFrame | gpd.GeoDataFrame:
    """Return a table of the snapshot, read from its file once."""
    # The values are not checked: they were checked when the snapshot was made, and :func:`verify`
    # compares the files with the manifest.
    import pandas as pd

    found = _entry(source)
    content = resources.files(__name__).joinpath(found["file"]).read_bytes()
    if found["table"] == BOUNDARIES:
        return _boundaries(content)
    columns = schemas.SCHEMAS[found["table"]].columns
    frame = (
        pd.read_parquet(io.BytesIO(content))
        if found["file"].endswith(".parquet")
        else _csv(content, columns)
    )
    return schemas.typed(frame.assign(**found["constants"]), columns)


def verify() -> tuple[Source, ...]:
    """Compare every file of the snapshot with the manifest and its schema."""
    for source in manifest():
        file = resources.files(__name__).joinpath(source.file)
        digest = hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "no file"
        if digest != source.sha256:
            raise SourceError(
                f"The snapshot's {source.file!r} has the sha256 {digest}; its manifest has "
                f"{source.sha256}. Install the package again."
            )
        frame = _parsed.__wrapped__(source.id)
        if len(frame) != source.rows:
            raise SourceError(
                f"The snapshot's {source.file!r} has {len(frame)} rows; its manifest has "
                f"{source.rows}. Install the package again."
            )
        if table(source.id) != BOUNDARIES:
            schemas.check(frame, table(source.id))
    return manifest()


@functools.cache
def _entries() -> dict[str, dict[str, Any]]:
    text = resources.files(__name__).joinpath("manifest.json").read_text(encoding="utf-8")
    return {source_id(each["dataset"], each["edition"]): each for each in json.loads(text)}


def _entry(source: str) -> dict[str, Any]:
    entries = _entries()
    if source not in entries:
        raise MissingDataError(
            f"The embedded snapshot has no {source!r}. It has "
            f"{some(entries, most=20, like=source)}."
            f"{did_you_mean(source, entries)}"
        )
    return entries[source]


def _csv(content: bytes, columns: tuple[schemas.Column, ...]) -> pd.DataFrame:
    import pandas as pd

    types = {"text": object, "whole": "Int64", "number": float, "flag": bool, "date": object}
    # Only an empty cell is missing: a name such as "None" is a name.
    return pd.read_csv(
        io.BytesIO(content),
        dtype={column.name: types[column.kind] for column in columns},
        keep_default_na=False,
        na_values=[""],
    )


def _boundaries(content: bytes) -> gpd.GeoDataFrame:
    import geopandas as gpd

    features = json.loads(content)["features"]
    frame = gpd.GeoDataFrame.from_features(features, crs="EPSG:4326").to_crs("EPSG:27700")
    tidy = schemas.typed(frame.drop(columns="geometry"), schemas.BOUNDARY_COLUMNS)
    return gpd.GeoDataFrame(tidy, geometry=frame.geometry.reset_index(drop=True), crs=frame.crs)
