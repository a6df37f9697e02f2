"""Renew the embedded snapshot from a refreshed workspace: Bolton and its comparators.

    python scripts/renew_snapshot.py WORKSPACE [--into FOLDER] [--dry-run]

``bolton-jsna refresh --workspace WORKSPACE`` comes before. Each source of the snapshot that the
workspace has anew is written in its tidy schema with its entry in ``manifest.json``; what was
fetched and when stands in the entry. Sources that no service has (postcodes, factors at assessment,
young people aged 16 and 17, the illustrative local records, the record of past projections) stay as
they are, and so does everything of which the workspace has nothing. The same workspace gives the
same bytes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from make_snapshot import BOLTON, TARGET, fingerprint, take_constants, write, write_manifest
from shapely import set_precision, transform
from shapely.geometry import mapping

from bolton_jsna import catalogue, loaders, snapshot
from bolton_jsna.building.published import INDICATORS as CHAPTER
from bolton_jsna.core.areas import ENGLAND, district_codes
from bolton_jsna.core.errors import MissingDataError
from bolton_jsna.core.provenance import SEPARATOR, source_id
from bolton_jsna.ingest import diff, raw_tables, store
from bolton_jsna.loaders import source_table
from bolton_jsna.tables import schemas

COORDINATES = 5  # decimals of a degree: 0.7 m
INDICATORS = [
    *CHAPTER,
    "cpp_second_or_subsequent",
    "re_referrals",
    "re_referred_children",
    "referred_children",
]


@dataclass(frozen=True)
class Part:
    """One source of the snapshot to be.

    Attributes
    ----------
    dataset, edition, table : str
        As in the manifest; ``table`` is ``boundaries`` for shapes.
    frame : DataFrame
        The rows.
    vintage, notes : str
        What it covers, and what a user must know.
    years : tuple of int
        Years whose areas have the same codes.
    """

    dataset: str
    edition: str
    table: str
    frame: pd.DataFrame
    vintage: str
    notes: str
    years: tuple[int, ...] = field(default=())

    @property
    def file(self) -> str:
        """The name of its file."""
        short = {"ward_boundaries": "wards", "lsoa_boundaries": "lsoas"}.get(self.dataset)
        if short:
            return f"{short}_{self.edition}.geojson"
        return f"{self.dataset}_{self.edition.replace('-', '_')}.csv"


def main(folder: Path, target: Path, *, dry_run: bool) -> None:
    """Write what the workspace has anew and say of each source what became of it."""
    store.workspace_folder(folder)
    parts = list(parts_of(folder))
    if not parts:
        sys.exit(f"{folder} has nothing for a snapshot. Run bolton-jsna refresh there first.")
    entries = [entry_of(part, folder, target, dry_run=dry_run) for part in parts]
    if not dry_run:
        superseded = {
            (each.dataset, each.edition): each.file
            for each in snapshot.manifest()
            if each.dataset in {part.dataset for part in parts} - {"idaci"}
        }
        kept = {(part.dataset, part.edition) for part in parts}
        for key, file in superseded.items():
            if key not in kept:
                (target / file).unlink(missing_ok=True)
                drop(target, key)
        write_manifest(entries, target)
    renewed = {part.dataset for part in parts}
    for each in snapshot.manifest():
        if each.dataset not in renewed:
            print(f"{each.id}: kept as it is")


def parts_of(folder: Path) -> Iterator[Part]:
    """Yield every source that the workspace has for Bolton and its comparators."""
    neighbours = raw_tables.table("statistical_neighbours", folder)
    if neighbours is not None:
        for model in sorted(neighbours["model"].unique()):
            ours = loaders.load_statistical_neighbours(BOLTON, model=model, workspace=folder)
            yield Part(
                "statistical_neighbours",
                model,
                "statistical_neighbours",
                ours,
                f"{model} model",
                f"{BOLTON.name}'s ten, closest first.",
            )
    yield from people(folder)
    found = raw_tables.table("idaci", folder)
    if found is not None:
        ours = found[found["area_code"].isin(district_codes(BOLTON))]
        for edition in sorted(ours["edition"].unique()):
            rows = ours[ours["edition"] == edition].sort_values("lsoa_code")
            year = int(rows["lsoa_year"].iloc[0])
            yield Part(
                "idaci",
                str(edition),
                "idaci",
                rows,
                f"IoD{edition}, {year} LSOAs",
                f"{BOLTON.name}'s {len(rows)} LSOAs of {year}; rank 1 is the most deprived of "
                "England. Scores of different editions measure different things and must not be "
                "subtracted; ranks, deciles and shares may be compared.",
            )
    yield from children(folder)
    yield from places(folder)


def people(folder: Path) -> Iterator[Part]:
    """Projections of Bolton, and estimates of Bolton and its comparators."""
    if raw_tables.table("population_projections", folder, areas=BOLTON.codes) is not None:
        ours = loaders.load_population_projections(BOLTON, ages=(0, 90), workspace=folder)
        base = int(ours["base_year"].iloc[0])
        yield Part(
            "population_projections",
            str(base),
            "population_projections",
            ours,
            f"{base}-based, mid-{base} to mid-{int(ours['year'].max())}",
            f"{BOLTON.name}, all persons; age 90 stands for 90 and over. The first year is the "
            "estimate on which the projection rests, and may have been revised since: name the "
            "base year and do not put the two series into one line.",
        )
    if raw_tables.table("population_estimates", folder) is not None:
        ours = loaders.load_population_estimates(comparators(folder), workspace=folder)
        ours = ours[ours["source"].str.startswith("population_estimates@")]
        added = ours.groupby(["area_code", "area_name", "area_level", "year"], as_index=False).agg(
            population=("population", "sum"), source=("source", "last")
        )
        last = int(added["year"].max())
        tidy = added.assign(sex="persons", ages="0-17", age=pd.NA, status="value")
        yield Part(
            "population_estimates",
            str(last),
            "population_estimates",
            tidy,
            f"mid-{int(added['year'].min())} to mid-{last}",
            f"Children aged 0-17 of {BOLTON.name}, its statistical neighbours, its region and "
            "England. The rate of the year ending 31 March Y rests on mid-year Y-1.",
        )


def children(folder: Path) -> Iterator[Part]:
    """Children in need of Bolton and its comparators, with the denominators of their rates."""
    if raw_tables.table("children_in_need", folder) is None:
        return
    there = set(loaders.load_children_in_need(workspace=folder)["area_code"])
    asked = [code for code in comparators(folder) if code in there]
    ours = loaders.load_children_in_need(asked, indicators=INDICATORS, workspace=folder)
    release = str(ours["release"].max())
    ours = ours[ours["release"] == release]
    years = ours["year"]
    yield Part(
        "children_in_need",
        release,
        "children_in_need",
        ours,
        f"Release {release}; years ending 31 March {years.min()} to {years.max()}",
        f"Referrals, plans started, plans and children in need at 31 March of {BOLTON.name}, its "
        "neighbours, its region and England as this release has them; earlier releases may differ. "
        "Counts of England and regions are rounded to 10 by DfE, those of authorities are exact. "
        "The population is the mid-year estimate of the year before.",
    )
    yield from looked_after(folder, asked)


def looked_after(folder: Path, asked: list[str]) -> Iterator[Part]:
    """Children looked after of the same areas; the file has its own denominators."""
    if raw_tables.table("children_looked_after", folder) is None:
        return
    names = ["cla_at_31_march", "cla_started"]
    ours = loaders.load_children_in_need(asked, indicators=names, workspace=folder)
    release = str(ours["release"].max())
    ours = ours[ours["release"] == release]
    years = ours["year"]
    yield Part(
        "children_looked_after",
        release,
        "children_in_need",
        ours,
        f"Release {release}; years ending 31 March {years.min()} to {years.max()}",
        f"Children looked after at 31 March and starting to be looked after, of {BOLTON.name}, its "
        "neighbours, its region and England as this release has them; earlier releases may differ. "
        "Counts of England and regions are rounded to 10 by DfE, those of authorities are exact.",
    )


def places(folder: Path) -> Iterator[Part]:
    """The newest wards with their lookup, and LSOAs."""
    wards = of_bolton(raw_tables.table("ward_boundaries", folder))
    lookup = raw_tables.table("lookup", folder)
    if wards is not None and lookup is not None:
        year = int(wards["year"].max())
        newest = wards[wards["year"] == year]
        codes = set(newest["area_code"])
        alike = tuple(
            int(each) for each, rows in wards.groupby("year") if set(rows["area_code"]) == codes
        )
        goal = f"ward{year % 100}"
        ours = lookup[lookup["to_code"].isin(codes) & (lookup["to_geography"] == goal)]
        ours = ours[ours["from_geography"] == "lsoa21"].sort_values("from_code")
        if len(ours):
            same = f"Its wards have the same codes in {', '.join(map(str, alike))}."
            yield Part(
                "ward_boundaries",
                str(year),
                snapshot.BOUNDARIES,
                newest,
                f"{BOLTON.name}'s wards of {year}",
                f"{BOLTON.name}'s {len(newest)} wards, generalised to 20 m. {same}",
                alike,
            )
            yield Part(
                "lookup",
                f"lsoa21-{goal}",
                "lookup",
                ours.assign(area_code=BOLTON.code),
                f"LSOAs of 2021 to wards of {year}",
                f"{BOLTON.name}'s {len(ours)} LSOAs, each given whole to one ward although it may "
                f"straddle several. {same}",
                alike,
            )
    lsoas = of_bolton(raw_tables.table("lsoa_boundaries", folder))
    if lsoas is not None:
        year = int(lsoas["year"].max())
        newest = lsoas[lsoas["year"] == year]
        alike = snapshot.serves(snapshot.newest("lsoa_boundaries"))
        yield Part(
            "lsoa_boundaries",
            str(year),
            snapshot.BOUNDARIES,
            newest,
            f"{BOLTON.name}'s LSOAs of {year}",
            f"{BOLTON.name}'s {len(newest)} LSOAs. Generalised to 20 m: good for a map and "
            "for asking which are neighbours; not for finding the LSOA of a single house.",
            alike if year in alike else (year,),
        )


def comparators(folder: Path) -> list[str]:
    """Return the codes of Bolton, its neighbours of every model, its region and England."""
    codes = {BOLTON.code, BOLTON.region_code, ENGLAND}
    for source in ("2021", "2025"):
        try:
            table = loaders.load_statistical_neighbours(BOLTON, model=source, workspace=folder)
        except MissingDataError:
            continue
        codes |= set(table["neighbour_code"])
    return sorted(codes)


def of_bolton(shapes: pd.DataFrame | None) -> pd.DataFrame | None:
    """Return the shapes that lie in Bolton, None when there are none."""
    if shapes is None:
        return None
    ours = shapes[shapes["authority_code"].isin(district_codes(BOLTON))]
    return ours.sort_values("area_code") if len(ours) else None


def entry_of(part: Part, folder: Path, target: Path, *, dry_run: bool) -> dict[str, Any]:
    """Write the file of a source and return its entry in the manifest; say what is new in it."""
    source = source_id(part.dataset, part.edition)
    facts = catalogue.dataset(part.dataset)
    origin = source_table([source], workspace=folder)
    origin = origin[origin["retrieved"] != ""]
    frame = part.frame.assign(source=stated(part, source))
    constants: dict[str, Any] = {}
    if part.table == snapshot.BOUNDARIES:
        content = geojson(frame, part, source)
        if not dry_run:
            (target / part.file).write_text(content, encoding="utf-8", newline="\n")
    else:
        frame = schemas.conform(frame, part.table)
        single = [name for name in frame.columns if len(frame[name].drop_duplicates()) == 1]
        constants = take_constants(frame, single)
        slim = frame.drop(columns=single)
        if not dry_run:
            write(slim, target / part.file)
    print(f"{source}: {difference(source, frame)}")
    if dry_run:
        return {}
    moments = sorted(part for each in origin["retrieved"] for part in each.split(SEPARATOR))
    when = moments[-1][:10] if moments else "unknown"
    # A file of another service than usual has its publisher, not that of the dataset.
    named = {
        name: SEPARATOR.join(dict.fromkeys(origin[name])) or getattr(facts, name)
        for name in ("publisher", "attribution")
    }
    return {
        "dataset": part.dataset,
        "edition": part.edition,
        "publisher": named["publisher"],
        "title": facts.title,
        "vintage": part.vintage,
        "licence": facts.licence,
        "attribution": named["attribution"],
        "address": facts.landing,
        **fingerprint(target / part.file, len(frame)),
        "retrieved": moments[-1] if moments else "",
        "notes": f"{part.notes} Fetched from its publisher on {when}.",
        "table": part.table,
        "constants": constants,
        **({"serves": list(part.years)} if part.years else {}),
    }


def stated(part: Part, source: str) -> Any:
    """Return the column ``source``: the id, and that of the denominators where they are used."""
    if part.table != "children_in_need":
        return source
    return part.frame["source"].map(
        lambda each: SEPARATOR.join(
            [source, *[x for x in each.split(SEPARATOR) if x.startswith("population_estimates@")]]
        )
    )


def geojson(frame: Any, part: Part, source: str) -> str:
    """Return shapes in longitude and latitude, one to a line, as the snapshot has them."""
    level, lines = {"ward_boundaries": "ward"}.get(part.dataset, "lsoa"), []
    for row in frame.to_crs("EPSG:4326").itertuples():
        shape = transform(row.geometry, lambda points: points.round(COORDINATES))
        if not shape.is_valid:
            shape = set_precision(row.geometry, 10.0**-COORDINATES)
        properties = {
            "area_code": row.area_code,
            "area_name": row.area_name,
            "level": level,
            "year": int(part.edition),
            "authority_code": BOLTON.code,
            "source": source,
        }
        feature = {"type": "Feature", "properties": properties, "geometry": mapping(shape)}
        lines.append(json.dumps(feature, separators=(",", ":"), ensure_ascii=False))
    name = Path(part.file).stem
    head = f'{{"type":"FeatureCollection","name":"{name}","features":[\n'
    return head + ",\n".join(lines) + "\n]}\n"


def difference(source: str, frame: pd.DataFrame) -> str:
    """Say in a few words how a source differs from that of the snapshot as it is."""
    if source not in {each.id for each in snapshot.manifest()}:
        return f"new, {len(frame):,} rows"
    held = snapshot.read(source)
    found = diff.compare(held, frame, key=raw_tables.key_of(source.partition("@")[0]), file=source)
    return (
        f"{found.rows:,} rows, {found.added:,} added, {found.removed:,} removed, "
        f"{found.revised:,} figures revised"
    )


def drop(target: Path, key: tuple[str, str]) -> None:
    """Take an entry out of the manifest."""
    path = target / "manifest.json"
    entries = json.loads(path.read_text(encoding="utf-8"))
    left = [each for each in entries if (each["dataset"], each["edition"]) != key]
    path.write_text(json.dumps(left, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    words.add_argument("workspace", type=Path)
    words.add_argument("--into", type=Path, default=TARGET, help="the folder of the snapshot")
    words.add_argument("--dry-run", action="store_true", help="say it and write nothing")
    given = words.parse_args()
    main(given.workspace, given.into, dry_run=given.dry_run)
