"""How far wards' children are from ONS's estimates when they are carried to another year.

    python benchmarks/ward_children.py [FOLDER]

Wards of Greater Manchester, children aged 0-17. ONS's estimates by LSOA of one mid-year are carried
to another and compared with ONS's own estimates of that year: as they are ("not raked"), scaled to
each authority's total ("by total"), by bands of age (0-4, 5-9, 10-15, 16-17), and by single year of
age. "Modelled" is the method of a workspace without estimates by LSOA: children aged 0-15 times the
authority's ratio of 0-17 to 0-15, scaled to the authority's total. From 2015 they are the children
of the Indices of Deprivation 2019.

The folder of published files is the one of the reference tests: FOLDER, else the environment
variable BOLTON_JSNA_REFERENCE_DATA, else ../shared/data beside the checkout.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

import bolton_jsna as jsna
from bolton_jsna.geography import children_to_areas
from bolton_jsna.measures.small_area_population import rake_to_authority

ESTIMATES = "population/sape_lsoa11_{}_persons_2017_2019_2020_{}.csv.gz"
BANDS = ESTIMATES.format("child_bands", "england")
SINGLE = ESTIMATES.format("syoa", "bolton_comparators")
LOOKUP = "geography/gm_lsoa11_to_wd19_bestfit.csv"
INDICES = "idaci/iod2019_idaci_england_lsoa11.csv.gz"
FILES = (BANDS, SINGLE, LOOKUP, INDICES)
PARTS = ["0-4", "5-9", "10-15", "16-17"]
CHILDREN = ["0-17"]
YEARS = (2017, 2019, 2020)
INDICES_YEAR = 2015


def folder() -> Path:
    """Return the folder of published files."""
    if len(sys.argv) > 1:
        return Path(sys.argv[1])
    named = os.environ.get("BOLTON_JSNA_REFERENCE_DATA")
    return Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"


def estimates(where: Path, lookup: pd.DataFrame) -> pd.DataFrame:
    """Return children of the lookup's LSOAs by year: the whole, bands and single years of age."""
    codes = set(lookup["from_code"])
    found = []
    wide = pd.read_csv(where / BANDS)
    wide = wide[wide["lsoa11_code"].isin(codes)]
    columns = {f"aged_{each.replace('-', '_to_')}": each for each in (*PARTS, "0-15", "0-17")}
    found.append(melted(wide.rename(columns=columns), list(columns.values())))
    single = pd.read_csv(where / SINGLE)
    single = single[single["lsoa11_code"].isin(codes)]
    found.append(melted(single, [str(age) for age in range(18)]))
    return pd.concat(found, ignore_index=True)


def melted(wide: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return one row an LSOA, year and ages."""
    return wide.rename(columns={"mid_year": "year", "lsoa11_code": "area_code"}).melt(
        ["area_code", "year"], columns, var_name="ages", value_name="population"
    )


def small(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the columns of the ``population_estimates`` table."""
    return rows.assign(sex="persons", status="value", source="population_estimates@2020")


def carried(
    base: pd.DataFrame, truth: pd.DataFrame, lookup: pd.DataFrame, ages: list[str] | None
) -> pd.Series:
    """Return the children of each ward: the base scaled to each authority, or as it is."""
    parts = []
    for code, homes in lookup.groupby("area_code"):
        inside = base[base["area_code"].isin(homes["from_code"])]
        if ages is not None:
            there = truth[truth["area_code"].isin(homes["from_code"]) & truth["ages"].isin(ages)]
            total = there.groupby(["ages", "year"], as_index=False)["population"].sum()
            whole = small(total.assign(area_code=code, area_name=code))
            inside = rake_to_authority(small(inside), whole, areas=set(homes["from_code"]))
        parts.append(inside.groupby("area_code", as_index=False)["population"].sum())
    return by_ward(pd.concat(parts, ignore_index=True), lookup)


def by_ward(rows: pd.DataFrame, lookup: pd.DataFrame) -> pd.Series:
    """Return the children of each ward, by its code."""
    wards = children_to_areas(rows.assign(status="value"), lookup)
    return wards.set_index("area_code")["population"]


def modelled(base: pd.DataFrame, ratios: pd.Series | float) -> pd.DataFrame:
    """Return children aged 0-17 from those aged 0-15."""
    return base.assign(ages="0-17", population=base["population"] * ratios)


def errors(found: pd.Series, true: pd.Series) -> dict[str, float]:
    """Return mean, median and 95th percentile of the absolute error in per cent."""
    apart = (found / true - 1).abs() * 100
    return {
        "wards": len(apart),
        "mean": float(apart.mean()),
        "median": float(apart.median()),
        "p95": float(apart.quantile(0.95)),
    }


def _ratios(every: pd.DataFrame, home: pd.Series, year: int) -> pd.Series:
    """Return each authority's ratio of children aged 0-17 to those aged 0-15."""
    sums = {}
    for ages in ("0-17", "0-15"):
        rows = every[(every["year"] == year) & (every["ages"] == ages)]
        sums[ages] = rows.groupby(rows["area_code"].map(home))["population"].sum()
    return sums["0-17"] / sums["0-15"]


def study(where: Path, *, without: Sequence[str] = ()) -> pd.DataFrame:
    """Return the errors of each method and pair of years, some methods left out."""
    lookup = jsna.tables.lookups.read(where / LOOKUP)
    lookup = lookup.assign(area_code=pd.read_csv(where / LOOKUP)["LAD19CD"].to_numpy())
    home = lookup.set_index("from_code")["area_code"]
    every = estimates(where, lookup)
    indices = jsna.tables.idaci.read(where / INDICES)
    indices = indices.loc[indices["lsoa_code"].isin(home.index), ["lsoa_code", "children_0_15"]]
    first = indices.set_axis(["area_code", "population"], axis=1).assign(year=INDICES_YEAR)
    young = {INDICES_YEAR: first.astype({"population": float})}
    young |= {year: every[(every["year"] == year) & (every["ages"] == "0-15")] for year in YEARS}
    rows = []
    for end in YEARS:
        truth = every[every["year"] == end]
        true = by_ward(truth[truth["ages"] == "0-17"], lookup)
        for start in YEARS:
            base = every[every["year"] == start]
            whole = base[base["ages"] == "0-17"]
            single = [str(age) for age in range(18)]
            ways = {
                "estimates, not raked": (whole, None),
                "estimates, by total": (whole, CHILDREN),
                "estimates, by bands": (base[base["ages"].isin(PARTS)], PARTS),
                "estimates, by single year": (base[base["ages"].isin(single)], single),
            }
            for way, (what, ages) in ways.items():
                if start != end and way not in without:
                    found = carried(what, truth, lookup, ages)
                    rows.append({"way": way, "start": start, "end": end, **errors(found, true)})
        for start, base in young.items():
            # The ratio cancels out where the authority's total is the goal.
            found = carried(modelled(base, 1.0), truth, lookup, CHILDREN)
            rows.append({"way": "modelled", "start": start, "end": end, **errors(found, true)})
            if start in YEARS:
                ratio = base["area_code"].map(home).map(_ratios(every, home, start))
                found = carried(modelled(base, ratio), truth, lookup, None)
                way = "modelled, not raked"
                rows.append({"way": way, "start": start, "end": end, **errors(found, true)})
    table = pd.DataFrame(rows)
    table.insert(1, "years", table["end"] - table["start"])
    return table.sort_values(["way", "years", "start"], ignore_index=True)


def main() -> int:
    """Print the errors; 0 also when the published files are not there."""
    where = folder()
    absent = [name for name in FILES if not (where / name).is_file()]
    if absent:
        print(
            f"Nothing was measured: {where} does not have {', '.join(absent)}. Name the folder of "
            "published files, or set BOLTON_JSNA_REFERENCE_DATA."
        )
        return 0
    table = study(where)
    print("Children aged 0-17 by ward, Greater Manchester: absolute error in per cent")
    head = f"{'years':>5}  {'from':>4}  {'to':>4} {'wards':>6} {'mean':>6} {'median':>7} {'p95':>6}"
    print(f"{'':28} {head}")
    for row in table.itertuples():
        print(
            f"{row.way:28} {row.years:5}  {row.start:4}  {row.end:4} {row.wards:6} "
            f"{row.mean:6.2f} {row.median:7.2f} {row.p95:6.2f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
