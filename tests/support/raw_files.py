"""A small workspace of raw files as publishers write them, for an authority the snapshot lacks.

The figures are invented; the codes of wards and LSOAs belong to no place.
"""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

import bolton_jsna as jsna
import sketches
from bolton_jsna.building._run_record import RunRecord

# Those of Rochdale in the model of 2025.
NEIGHBOURS = (335, 357, 861, 350, 394, 371, 372, 831, 353, 355)
NAMES = {
    350: ("E08000001", "Bolton"),
    353: ("E08000004", "Oldham"),
    354: ("E08000005", "Rochdale"),
    357: ("E08000008", "Tameside"),
    831: ("E06000015", "Derby"),
    335: ("E08000030", "Walsall"),
    355: ("E08000006", "Salford"),
    371: ("E08000017", "Doncaster"),
    372: ("E08000018", "Rotherham"),
    394: ("E08000024", "Sunderland"),
    861: ("E06000021", "Stoke-on-Trent"),
}
WARDS = {f"E0599900{n}": f"Ward {n}" for n in range(1, 5)}
LSOAS = [
    (f"E0199{ward}{part:03d}", f"Rochdale {ward:03d}{'ABC'[part - 1]}", f"E0599900{ward}")
    for ward in range(1, 5)
    for part in range(1, 4)
]


def _csv(path: Path, rows: list[list[object]], *, encoding: str = "utf-8") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file).writerows(rows)


def _square(left: float, bottom: float) -> dict[str, object]:
    right, top = round(left + 0.02, 5), round(bottom + 0.02, 5)
    ring = [[left, bottom], [right, bottom], [right, top], [left, top], [left, bottom]]
    return {"type": "Polygon", "coordinates": [ring]}


def _eees(indicator: str, counts: dict[int, object]) -> list[list[object]]:
    head = "time_period time_identifier geographic_level country_code country_name region_code"
    head += " region_name old_la_code new_la_code la_name category"
    rows: list[list[object]] = [[*head.split(), indicator]]
    england = ["E92000001", "England"]
    rows.append([2025, "Reporting year", "National", *england, *[""] * 5, "x", 632830])
    region = ["E12000002", "North West"]
    rows.append([2025, "Reporting year", "Regional", *england, *region, "", "", "", "x", 86120])
    for number, count in counts.items():
        code, name = NAMES[number]
        place = [*england, *region, number, code, name]
        rows.append([2025, "Reporting year", "Local authority", *place, "x", count])
    return rows


def lay_raw(workspace: Path) -> Path:
    """Lay the raw files of Rochdale in a workspace, everything a build needs but records."""
    raw = workspace / "data" / "raw"
    counts: dict[int, object] = dict.fromkeys((354, *NEIGHBOURS), 2000)
    counts[354] = 2768
    counts[355] = "c"
    referrals = _eees("referral_count", counts)
    referrals[0].extend(["referral_child_count"])
    for row in referrals[1:]:
        row.append("x")
    cin = raw / "children_in_need"
    _csv(cin / "c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv", referrals)
    _csv(cin / "d5_cpps_at31march_by_duration_2013_to_2025.csv", _eees("CPP_At31", counts))
    _csv(cin / "d3_cpps_subsequent_plan_2013_to_2025.csv", _eees("CPP_start", counts))
    people = _eees("population_estimate", dict.fromkeys((354, *NEIGHBOURS), 58087))
    people[0][10] = "age_group"
    for row in people[1:]:
        row[0], row[10] = 2024, "Children aged 0 to 17 years"
    _csv(raw / "population_estimates" / "ons_mid-year_population_estimates.csv", people)
    ages = [*range(90), "90 and over"]
    wide: list[list[object]] = [
        ["AREA_CODE", "AREA_NAME", "COMPONENT", "SEX", "AGE_GROUP", *range(2022, 2048)]
    ]
    wide += [
        ["E08000005", "Rochdale", "Population", "persons", age, *[700 + step for step in range(26)]]
        for age in ages
    ]
    totals = [91 * (700 + step) for step in range(26)]
    wide.append(["E08000005", "Rochdale", "Population", "persons", "All ages", *totals])
    _csv(raw / "population_projections" / "2022snpppopulationsyoamigcat23.csv", wide)
    idaci = "Income Deprivation Affecting Children Index (IDACI)"
    head = [
        "LSOA code (2021)",
        "LSOA name (2021)",
        "Local Authority District code (2024)",
        "Local Authority District name (2024)",
        f"{idaci} Score (rate)",
        f"{idaci} Rank (where 1 is most deprived)",
        f"{idaci} Decile (where 1 is most deprived 10% of LSOAs)",
        "Total population: mid 2022",
        "Dependent Children aged 0-15: mid 2022",
    ]
    rows = [head]
    for place, (code, name, _) in enumerate(LSOAS):
        rank = 1000 + 2700 * place
        decile = -(-rank * 10 // 33755)
        figures = [round(0.7 - 0.05 * place, 3), rank, decile, 1600, 300 + 10 * place]
        rows.append([code, name, "E08000005", "Rochdale", *figures])
    _csv(raw / "idaci" / "File_7_IoD2025.csv", rows, encoding="utf-8-sig")
    _csv(
        raw / "lookup" / "LSOA21_WD24_LAD24_EW_LU.csv",
        [["LSOA21CD", "LSOA21NM", "WD24CD", "WD24NM", "LAD24CD", "LAD24NM"]]
        + [[code, name, ward, WARDS[ward], "E08000005", "Rochdale"] for code, name, ward in LSOAS],
    )
    head_sn = ["old_la_code", "la_name", "region_ind", "region_name"]
    head_sn += [f"SN_{n}{end}" for n in range(1, 11) for end in ("", "P")]
    line: list[object] = [354, "Rochdale", 2, "North West"]
    for number in NEIGHBOURS:
        line += [number, "Close "]
    _csv(raw / "statistical_neighbours" / "sn_model_2025_wide.csv", [head_sn, line])
    features = [
        {
            "type": "Feature",
            "properties": {
                "WD24CD": code,
                "WD24NM": name,
                "LAD24CD": "E08000005",
                "LAD24NM": "Rochdale",
            },
            "geometry": _square(round(-2.2 + 0.02 * (place % 2), 5), 53.6 + 0.02 * (place // 2)),
        }
        for place, (code, name) in enumerate(WARDS.items())
    ]
    folder = raw / "ward_boundaries"
    folder.mkdir(parents=True)
    (folder / "WD_MAY_2024_UK_BGC.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8"
    )
    return workspace


@pytest.fixture(scope="session")
def lay_rochdale() -> Callable[[Path], Path]:
    """What puts the raw files of Rochdale into a workspace."""
    return lay_raw


@pytest.fixture
def rochdale(tmp_path: Path) -> Path:
    """A workspace whose raw files suffice for Rochdale."""
    return lay_raw(tmp_path)


@pytest.fixture
def build_of(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., RunRecord]:
    """What builds from the authority's own file; no map is drawn, as its figures are looked at."""
    sketches.put_in_place(monkeypatch)
    monkeypatch.setattr("bolton_jsna.building._maps.draw", lambda *_, **__: None)

    def _build(path: Path, **options: object) -> RunRecord:
        folder = tmp_path_factory.mktemp("built")
        return jsna.build(workspace=folder, local_records=path, **options)

    return _build
