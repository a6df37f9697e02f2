"""Make the embedded snapshot from a folder of official figures.

    python scripts/make_snapshot.py SOURCE_FOLDER

The folder holds the carried-over figures and their ``PROVENANCE.csv``; every file is checked
against its fingerprint there. Each source becomes one file of ``src/bolton_jsna/snapshot/`` in the
tidy schema of its table, checked by ``schemas.conform``, and one entry of ``manifest.json``. The
same folder gives the same bytes. The entries of the illustrative local records and of the record of
past projections, which other scripts write, are kept.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bolton_jsna.core.areas import area
from bolton_jsna.core.provenance import SEPARATOR, source_id
from bolton_jsna.tables import _markers, indicators, schemas
from bolton_jsna.tables.children_in_need.children_referred import with_persons

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "src" / "bolton_jsna" / "snapshot"
BOLTON = area("Bolton")
FIRST_LOOKED_AFTER = 2020
CARRIED = ("publisher", "title", "vintage", "licence", "attribution")


def main(folder: Path, target: Path = TARGET) -> None:
    """Write every file of the snapshot and its manifest."""
    described = tomllib.loads((HERE / "snapshot.toml").read_text(encoding="utf-8"))["source"]
    with (folder / "PROVENANCE.csv").open(encoding="utf-8", newline="") as stream:
        provenance = {row["file"]: row for row in csv.DictReader(stream)}
    entries = []
    for each in described:
        given = provenance[each["from"]]
        for name in (each["from"], *each.get("also", ())):
            content = (folder / name).read_bytes()
            if hashlib.sha256(content).hexdigest() != provenance[name]["sha256"]:
                sys.exit(f"{name} is not the file that PROVENANCE.csv describes.")
        source = source_id(each["dataset"], each["edition"])
        if each["table"] == "boundaries":
            rows = lay_boundaries(folder / each["from"], target / each["file"], source)
            constants: dict[str, Any] = {}
        else:
            tidy = READERS[each["dataset"]](folder, each["from"], each["edition"])
            tidy["source"] = source
            if each["dataset"] == "children_in_need":
                population = source_id("population_estimates", 2024)
                tidy["source"] = SEPARATOR.join([source, population])
            tidy = schemas.conform(tidy, each["table"])
            constants = take_constants(tidy, each["constants"])
            rows = len(tidy)
            write(
                tidy.drop(columns=list(constants)).dropna(axis="columns", how="all"),
                target / each["file"],
            )
        entries.append(
            {
                "dataset": each["dataset"],
                "edition": each["edition"],
                **{name: each.get(name, given[name]) for name in CARRIED},
                "address": each["address"],
                **fingerprint(target / each["file"], rows),
                "notes": each["notes"],
                "table": each["table"],
                "constants": constants,
                **({"serves": each["serves"]} if "serves" in each else {}),
            }
        )
    write_manifest(entries, target)


def fingerprint(path: Path, rows: int) -> dict[str, Any]:
    """Return name, sha256 and rows as the manifest has them."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return {"file": path.name, "sha256": digest, "rows": rows}


def write_manifest(entries: list[dict[str, Any]], target: Path) -> None:
    """Put entries into the manifest in place of those of the same id, sorted by id."""
    path = target / "manifest.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    merged = {(each["dataset"], each["edition"]): each for each in [*known, *entries]}
    text = json.dumps([merged[key] for key in sorted(merged)], indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def take_constants(tidy: pd.DataFrame, names: list[str]) -> dict[str, Any]:
    """Return the one value of each named column, None where all are missing."""
    constants: dict[str, Any] = {}
    for name in names:
        (value,) = tidy[name].drop_duplicates()
        constants[name] = None if pd.isna(value) else value
        if hasattr(value, "item"):
            constants[name] = value.item()
    return constants


def write(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV that a person can review, or as Parquet without a writer's marks."""
    if path.suffix == ".csv":
        table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8", float_format="%.10g")
    else:
        write_parquet(table, path)


def write_parquet(table: pd.DataFrame, path: Path, metadata: dict[str, str] | None = None) -> None:
    """Write Parquet that depends on the rows and pyarrow only, not on pandas."""
    plain = pa.Table.from_pandas(table, preserve_index=False)
    # pandas 3 hands over large strings, pandas 2 strings.
    fields = [
        pa.field(each.name, pa.string() if pa.types.is_large_string(each.type) else each.type)
        for each in plain.schema
    ]
    plain = plain.cast(pa.schema(fields)).replace_schema_metadata(metadata)
    pq.write_table(plain, path, compression="zstd", compression_level=19, version="2.6")


def lay_boundaries(origin: Path, path: Path, source: str) -> int:
    """Rewrite the properties of a GeoJSON; coordinates stay as they are, with 5 decimals."""
    dataset, _, year = source.partition("@")
    level = {"ward_boundaries": "ward", "lsoa_boundaries": "lsoa"}[dataset]
    code, name = {"ward": ("WD23CD", "WD23NM"), "lsoa": ("LSOA21CD", "LSOA11NM")}[level]
    features = json.loads(origin.read_text(encoding="utf-8"))["features"]
    lines = []
    for feature in sorted(features, key=lambda each: each["properties"][code]):
        properties = {
            "area_code": feature["properties"][code],
            "area_name": feature["properties"][name],
            "level": level,
            "year": int(year),
            "authority_code": BOLTON.code,
            "source": source,
        }
        rewritten = {
            "type": "Feature",
            "properties": properties,
            "geometry": feature["geometry"],
        }
        lines.append(json.dumps(rewritten, separators=(",", ":"), ensure_ascii=False))
    text = (
        f'{{"type":"FeatureCollection","name":"{path.stem}","features":[\n'
        + ",\n".join(lines)
        + "\n]}\n"
    )
    path.write_text(text, encoding="utf-8", newline="\n")
    return len(lines)


def projections(folder: Path, file: str, edition: str) -> pd.DataFrame:
    """Bolton's projection: 90 for the text 90+."""
    raw = pd.read_csv(folder / file, dtype={"age": str})
    return pd.DataFrame(
        {
            "area_code": raw["area_code"],
            "area_name": BOLTON.name,
            "base_year": int(edition),
            "variant": "migration category",
            "year": raw["year"],
            "sex": raw["sex"],
            "age": raw["age"].str.removesuffix("+").astype(int),
            "population": raw["population"],
        }
    )


def estimates(folder: Path, file: str, _edition: str) -> pd.DataFrame:
    """Children aged 0-17 by mid-year."""
    raw = pd.read_csv(folder / file)
    return with_area(
        raw,
        year=raw["mid_year"],
        sex="persons",
        ages="0-17",
        population=raw["children_0_17"],
        status="value",
    )


def idaci(folder: Path, file: str, edition: str) -> pd.DataFrame:
    """One edition of IDACI for Bolton's LSOAs."""
    raw = pd.read_csv(folder / file)
    census = {"2019": "11", "2025": "21"}[edition]
    raw = raw.rename(columns={f"LSOA{census}CD": "lsoa_code", f"LSOA{census}NM": "lsoa_name"}).drop(
        columns="total_population", errors="ignore"
    )
    return raw.assign(area_code=BOLTON.code, edition=int(edition), lsoa_year=int(f"20{census}"))


MORE = {
    "rereferrals": "re_referrals",
    "children_referred": "referred_children",
    "children_rereferred": "re_referred_children",
    "cpp_repeat": "cpp_second_or_subsequent",
}
"""The indicators of the second file, as the library calls them."""


def children_in_need(folder: Path, file: str, edition: str) -> pd.DataFrame:
    """Counts with the children behind them, the population of the mid-year before, and states."""
    raw = pd.read_csv(folder / file, dtype={"count": str})
    more = pd.read_csv(folder / "children_in_need_more.csv", dtype=str, keep_default_na=False)
    more = more.assign(
        count=more["value"].where(more["marker"] == "", more["marker"]),
        indicator=more["indicator"].map(MORE),
        year=more["year"].astype(int),
    )
    if more["indicator"].isna().any():
        sys.exit("children_in_need_more.csv has an indicator that this script does not know.")
    shared = ["area_code", "year", "indicator", "count"]
    raw = pd.concat([raw[shared], more[shared]], ignore_index=True)
    count, status = _markers.numbers(raw["count"], column="count", name=file)
    population = pd.read_csv(folder / "population_0_17.csv").set_index(["area_code", "mid_year"])
    key = pd.MultiIndex.from_arrays([raw["area_code"], raw["year"] - 1])
    tidy = with_area(
        raw,
        year=raw["year"],
        indicator=raw["indicator"],
        count=count,
        population=population["children_0_17"].reindex(key).to_numpy(),
        published_rate_status="not_available",
        status=status,
        release=edition,
    )
    return with_persons(tidy)


def children_looked_after(folder: Path, file: str, edition: str) -> pd.DataFrame:
    """Counts and rates; the year before the release's first comes from the release before."""
    raw = pd.read_csv(folder / file)
    earlier = str(int(edition) - 1)
    return with_area(
        raw,
        year=raw["year"],
        indicator=raw["indicator"],
        count=raw["count"],
        population=raw["population"],
        persons_status="not_applicable",
        published_rate=raw["published_rate"],
        published_rate_status="value",
        status="value",
        release=pd.Series(edition, raw.index).where(raw["year"] > FIRST_LOOKED_AFTER, earlier),
    )


def neet(folder: Path, file: str, _edition: str) -> pd.DataFrame:
    """NEET and not known: each year's file has the headings of the carried-over columns."""
    raw = pd.read_csv(folder / file, dtype=str, keep_default_na=False)
    figures = [each for each in raw.columns if each.endswith("_percent") or each == "Cohort_DJFavg"]
    marked = {each: raw[each].where(raw[each] != "", raw["marker"]) for each in figures}
    wide = raw.assign(**marked, Age="16-17")[["area_code", "year", "Age", *figures]]
    return by_dictionary(wide, "Calendar year")


def factors(folder: Path, file: str, _edition: str) -> pd.DataFrame:
    """Factors at the end of assessment, a column each as published."""
    raw = pd.read_csv(folder / file, dtype=str, keep_default_na=False)
    raw = raw.assign(count=raw["count"].where(raw["marker"] == "", raw["marker"]))
    wide = raw.set_index(["area_code", "year", "factor"])["count"].unstack()  # noqa: PD010 (text)
    return by_dictionary(wide.reset_index(), "Reporting year")


def by_dictionary(figures: pd.DataFrame, identifier: str) -> pd.DataFrame:
    """Return the indicators of carried-over columns, read as the published file would be."""
    places = [area(code) for code in figures["area_code"]]
    levels = {"country": "National", "region": "Regional", "authority": "Local authority"}
    code = {level: [p.code if p.level == level else "" for p in places] for level in levels}
    file = figures.drop(columns=["area_code", "year"]).assign(
        time_period=figures["year"],
        time_identifier=identifier,
        geographic_level=[levels[each.level] for each in places],
        region_code=code["region"],
        new_la_code=code["authority"],
    )
    with TemporaryDirectory() as kept:
        path = Path(kept) / "figures.csv"
        file.to_csv(path, index=False)
        return indicators.read(path)


def neighbours(folder: Path, file: str, edition: str) -> pd.DataFrame:
    """Bolton's ten of one model under the register's codes and names."""
    raw = pd.read_csv(folder / file)
    raw = raw[raw["model"].str[:4] == edition]
    found = [area(code) for code in raw["neighbour_code"]]
    return pd.DataFrame(
        {
            "area_code": BOLTON.code,
            "area_name": BOLTON.name,
            "rank": raw["rank"].to_numpy(),
            "neighbour_code": [each.code for each in found],
            "neighbour_name": [each.name for each in found],
            "closeness": raw["closeness"].to_numpy(),
            "model": edition,
        }
    )


def lookup(folder: Path, file: str, edition: str) -> pd.DataFrame:
    """LSOA to ward, best fit."""
    raw = pd.read_csv(folder / file)
    smaller, _, larger = edition.partition("-")
    columns = {
        "LSOA21CD": "from_code",
        "LSOA21NM": "from_name",
        "WD24CD": "to_code",
        "WD24NM": "to_name",
    }
    return raw.rename(columns=columns).assign(
        from_geography=smaller, to_geography=larger, method="best_fit", area_code=BOLTON.code
    )


def postcodes(folder: Path, file: str, _edition: str) -> pd.DataFrame:
    """Postcodes; the LSOA only where the postcode was live in the lookup."""
    raw = pd.read_csv(folder / file, dtype=str)
    live = raw["lsoa_status"].str.startswith("live")
    return pd.DataFrame(
        {
            "postcode": raw["postcode"],
            "lsoa_code": raw["LSOA11CD"].where(live),
            "ward_code": raw["WDCD"],
        }
    )


def with_area(raw: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    """Return columns beside the register's code, name and level of each row's area."""
    found = [area(code) for code in raw["area_code"]]
    return pd.DataFrame(
        {
            "area_code": [each.code for each in found],
            "area_name": [each.name for each in found],
            "area_level": [each.level for each in found],
            **columns,
        }
    )


READERS: dict[str, Callable[[Path, str, str], pd.DataFrame]] = {
    "population_projections": projections,
    "population_estimates": estimates,
    "idaci": idaci,
    "children_in_need": children_in_need,
    "children_looked_after": children_looked_after,
    "participation_and_neet": neet,
    "assessment_factors": factors,
    "statistical_neighbours": neighbours,
    "lookup": lookup,
    "postcodes": postcodes,
}

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
