"""Read every sentence about every authority against its rows, and print what is not borne out.

    python benchmarks/sentences.py [FOLDER] [--quick]

FOLDER holds the published files (by default BOLTON_JSNA_REFERENCE_DATA). All authorities, four
indicators and the years 2014 to 2025 are described as rates, as comparisons with England, as
comparisons with the statistical neighbours and as trends. A reader that shares no code with the
writer (``tests/support/sentence_reader.py``) looks for each number in the rows and for each word of
comparison in the test that carries it. ``--quick`` takes every tenth authority.
"""

import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from claim_lines.series import neighbour_lists, real_series

import bolton_jsna as jsna
from bolton_jsna.catalogue.indicators import dictionary
from bolton_jsna.measures.comparison import neighbour_comparison
from sentence_reader import count_of, problems

YEARS = range(2014, 2026)
HIDDEN = ("suppressed", "low", "rounds_to_zero")
FORMS = {
    "rate": r"^In the year to",
    "day": r"^At 31 March",
    "none": r"there were no ",
    "few": r"A rate or share from",
    "hidden": "is hidden to protect",
    "not available": "is not available",
    "lower": "lower than England",
    "similar": "similar to England",
    "within": "within the usual range",
    "outside": "above the usual range",
    "unusual": "^Authorities of England",
    "no range": "There is no usual range",
    "rank": "highest of",
    "rose": r"rose, along",
    "fell": r"fell, along",
    "flat": "no clear change",
    "turned": "then (rose|fell)",
    "large change": "by more than it usually",
    "no trend": "No trend of",
    "caution": "does not make an area unusual",
}
"""Forms of which one example each is printed."""
Described = tuple[str, Any, dict[str, Mapping[str, Any]]]


def authorities(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of authorities with their children and a state that fits."""
    found = rows[rows["area_level"] == "authority"].copy()
    known = found["population"].notna()
    found["persons_status"] = "value"
    once = found["indicator"] != "referrals"
    found.loc[once, "persons_status"] = "not_applicable"
    found.loc[~once & found["persons"].isna(), "persons_status"] = "not_available"
    return found[known]


def ids(frame: pd.DataFrame) -> list[str]:
    """Return the ids of rows, made here by themselves."""
    return [
        f"{indicator}/{code}/{year}"
        for indicator, code, year in zip(
            frame["indicator"], frame["area_code"], frame["year"], strict=True
        )
    ]


def facts_of(frame: pd.DataFrame, names: list[str] | None = None) -> dict[str, Any]:
    """Return the rows of a table by their ids, with what the dictionary says of changes."""
    found = {}
    records = frame.to_dict(orient="records")
    for name, row in zip(names or ids(frame), records, strict=True):
        entry = dictionary()[row["indicator"]]
        found[name] = {**row, "breaks": str(entry.breaks), "first": str(entry.first)}
    return found


def of_rates(rows: pd.DataFrame) -> Iterator[Described]:
    """Yield the descriptions of all rows as rates."""
    made = jsna.crude_rates(rows)
    yield "rates", jsna.describe(made), facts_of(made)


def of_england(rows: pd.DataFrame, every: pd.DataFrame) -> Iterator[Described]:
    """Yield the descriptions of all rows compared with England."""
    england = every[every["area_code"] == "E92000001"]
    asked = rows["area_code"].unique()
    for _, part in every[every["area_level"] == "authority"].groupby(["indicator", "year"]):
        one = part.iloc[0]
        whole = england[
            (england["indicator"] == one["indicator"]) & (england["year"] == one["year"])
        ]
        if whole.empty:
            continue
        whole = whole.assign(persons_status=part["persons_status"].iloc[0])
        table = pd.concat([part, whole], ignore_index=True)
        made = jsna.compare_with_benchmark(table, "England")
        made = made[made["area_code"].isin(asked)]
        facts = facts_of(made)
        for row in facts.values():
            row |= {"usual_lower": row["unusual_lower_95"], "usual_upper": row["unusual_upper_95"]}
        yield "England", jsna.describe(made), facts


def of_neighbours(rows: pd.DataFrame, every: pd.DataFrame) -> Iterator[Described]:
    """Yield the description of each row compared with its statistical neighbours."""
    lists = neighbour_lists(REFERENCE)
    names = rows.drop_duplicates("area_code").set_index("area_code")["area_name"]
    lists = lists.assign(neighbour_name=lists["neighbour_code"].map(names))
    lists = lists[lists["neighbour_name"].notna()]
    whole = every.assign(
        published_rate=float("nan"), release="2025", source="children_in_need@2025"
    )
    by = {(name, year): part for (name, year), part in whole.groupby(["indicator", "year"])}
    for row in rows.to_dict(orient="records"):
        near = lists[lists["area_code"] == row["area_code"]]
        if near.empty:
            continue
        found = neighbour_comparison(
            by[row["indicator"], row["year"]],
            near,
            place=row["area_code"],
            indicator=row["indicator"],
            year=row["year"],
        )
        facts = facts_of(found.table)
        own = facts[next(iter(facts))]
        own |= {name: each for name, each in found.summary.items() if name != "releases"}
        own |= {"benchmark_rate": found.summary["england"], "p": found.summary["england_p"]}
        yield "neighbours", jsna.describe(found), facts


def of_trends(rows: pd.DataFrame) -> Iterator[Described]:
    """Yield the descriptions of the trends that end in each year."""
    for last in range(YEARS[4], YEARS[-1] + 1):
        made = jsna.recent_trends(rows, last=last)
        spans = made["first_year"].astype(str) + "-" + made["last_year"].astype(str)
        names = (made["indicator"] + "/" + made["area_code"] + "/" + spans).tolist()
        yield "trends", jsna.describe(made), facts_of(made, names)


def prepared(folder: Path, *, step: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of authorities, every ``step``-th, and the rows of all areas."""
    series = real_series(folder)
    series = series[series["year"].isin(YEARS)]
    every = pd.concat(
        [authorities(series), series[series["area_level"] != "authority"]], ignore_index=True
    )
    every["persons_status"] = every["persons_status"].fillna("not_applicable")
    rows = authorities(series)
    codes = sorted(rows["area_code"].unique())[::step]
    return rows[rows["area_code"].isin(codes)].reset_index(drop=True), every


def described(rows: pd.DataFrame, every: pd.DataFrame) -> Iterator[Described]:
    """Yield every description, with the facts that it is read against."""
    yield from of_rates(rows)
    yield from of_england(rows, every)
    yield from of_neighbours(rows, every)
    yield from of_trends(rows)


def main(folder: Path, *, quick: bool) -> int:
    """Print the figures; return how many sentences are not borne out."""
    started = time.perf_counter()
    rows, every = prepared(folder, step=10 if quick else 1)
    told: Counter[str] = Counter()
    wrong: list[str] = []
    forms: dict[str, str] = {}
    for kind, description, facts in described(rows, every):
        told[f"{kind}: sentences"] += len(description.sentences)
        for each in description.sentences:
            numbers, words = count_of(each.text)
            told[f"{kind}: numbers"] += numbers
            told[f"{kind}: words"] += words
            for name, pattern in FORMS.items():
                if name not in forms and re.search(pattern, each.text):
                    forms[name] = each.text
            told["about hidden figures"] += facts[each.rows[0]].get("status") in HIDDEN
        wrong += [f"{kind}: {each}" for each in problems(description, facts)]
    areas = rows["area_code"].nunique()
    print(f"{areas} authorities, {rows['indicator'].nunique()} indicators, {len(rows)} rows")
    for name, number in told.items():
        print(f"{name:30} {number:9,}")
    kinds = {"number": "numbers not in the rows", "hidden": "hidden figures implied"}
    counts = Counter(
        next((kind for kind in kinds if kind in each.split(":")[1]), "word") for each in wrong
    )
    print(f"{'words without their test':30} {counts['word']:9,}")
    for kind, name in kinds.items():
        print(f"{name:30} {counts[kind]:9,}")
    for each in wrong[:20]:
        print("  ", each)
    for name, text in sorted(forms.items()):
        print(f"{name}: {text}")
    print(f"{time.perf_counter() - started:.0f} s")
    return len(wrong)


REFERENCE = Path(os.environ.get("BOLTON_JSNA_REFERENCE_DATA", "."))

if __name__ == "__main__":
    given = [each for each in sys.argv[1:] if not each.startswith("-")]
    REFERENCE = Path(given[0]) if given else REFERENCE
    sys.exit(bool(main(REFERENCE, quick="--quick" in sys.argv)))
