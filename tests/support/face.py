"""The smallest valid call of every public function that takes rows: one registry for many tests.

``CALLS`` has a call for each, and ``EXCUSED`` says why any other name of ``bolton_jsna.__all__``
has none; ``test_every_public_name_is_in_the_registry`` fails when a name is in neither. The frames
are small and full of ties, gaps and states, as these are what results hang on.

A call is ``CALLS[name]()``: its frames by name, ``run(**frames)`` for the result, and what tells
the rows of the result apart.
"""

import dataclasses
import functools
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import bolton_jsna as jsna
import charts_made
import charts_more
from bolton_jsna.tables.local import counts as local_counts


@dataclass(frozen=True)
class Call:
    """A call: ``run`` takes the frames by name, in any order of their rows."""

    run: Callable[..., Any]
    frames: Mapping[str, pd.DataFrame]
    key: tuple[str, ...] = ("area_code",)

    def __call__(self, **frames: pd.DataFrame) -> Any:
        """Run with other frames in place of the registry's."""
        return self.run(**{**self.frames, **frames})


CODES = [f"E0600000{at}" for at in range(1, 7)] + [f"E0800000{at}" for at in range(1, 9)]
# Ties among figures: 30 and 41 stand for several areas.
COUNTS = [30, 41, 30, 12, 55, 41, 88, 30, 9, 41, 7, 62, 30, 41]
PEOPLE = [4100, 5200, 4100, 1800, 6100, 5200, 7300, 4100, 900, 5200, 800, 5900, 4100, 6000]
WARDS = [f"E0501481{at}" for at in range(9)]


def areas(years=(2025,)):
    """Authorities with England: counts, children, states, repeats."""
    rows = []
    for step, year in enumerate(years):
        for at, code in enumerate(CODES):
            hidden = at == 3 and year == years[0]
            rows.append(
                {
                    "area_code": code,
                    "area_name": f"Place {at % 7}",
                    "area_level": "authority",
                    "year": year,
                    "indicator": "referrals",
                    "count": np.nan if hidden else COUNTS[(at + step) % len(COUNTS)],
                    "population": PEOPLE[(at + step) % len(PEOPLE)],
                    "persons": np.nan if hidden else COUNTS[(at + step) % len(COUNTS)] - 2,
                    "status": "suppressed" if hidden else "value",
                }
            )
        rows.append(
            {
                **rows[-1],
                "area_code": "E92000001",
                "area_name": "England",
                "area_level": "country",
                "count": 41_234,
                "persons": 40_001,
                "population": 5_100_300,
                "status": "value",
            }
        )
    return pd.DataFrame(rows)


def places(years=(2025,)):
    """The authorities without England."""
    return areas(years).query("area_level == 'authority'").reset_index(drop=True)


def shapes():
    """A grid of wards, three by three."""
    return gpd.GeoDataFrame(
        {
            "area_code": WARDS,
            "area_name": ["Same name"] * 2 + [f"Ward {at}" for at in range(7)],
            "year": 2023,
        },
        geometry=[
            shapely.box(370_000 + 1_000 * x, 410_000 + 1_000 * y, 371_000 + 1_000 * x, 411_000)
            if y == 0
            else shapely.box(370_000 + 1_000 * x, 410_000 + 1_000 * y, 371_000 + 1_000 * x, 413_000)
            for y in range(1)
            for x in range(9)
        ],
        crs=27700,
    )


def wards():
    """Figures of the grid's wards, with ties."""
    return pd.DataFrame(
        {
            "area_code": WARDS,
            "count": [3, 9, 9, 14, 3, 20, 9, 31, 14],
            "population": [700, 900, 900, 1200, 700, 1500, 900, 2100, 1300],
            "rate": [42.9, 100.0, 100.0, 116.7, 42.9, 133.3, 100.0, 147.6, 107.7],
            "idaci": [0.1, 0.2, 0.2, 0.3, 0.1, 0.5, 0.2, 0.6, 0.3],
            "status": ["value"] * 7 + ["suppressed", "value"],
        }
    )


def small_areas():
    """LSOAs with ranks, deciles, scores and children."""
    at = np.arange(40)
    return pd.DataFrame(
        {
            "lsoa_code": [f"E0100{4766 + each}" for each in at],
            "area_code": "E08000001",
            "edition": 2025,
            "idaci_rank": 1 + (at * 37 % 40) * 800,
            "idaci_decile": 1 + (at * 37 % 40) * 800 // 3400,
            "idaci_score": (np.round(0.7 - (at * 37 % 40) // 2 * 0.03, 3)),
            "children_0_15": 200 + 13 * (at % 5),
            "population": 200 + 13 * (at % 5),
            "count": 2 + at * 7 % 11,
        }
    )


def by_ethnic_group():
    """Referrals of two years by ethnic group: one hidden, and some without a group."""
    names = ["White", "Mixed", "Asian or Asian British", "Black or Black British", "Refused"]
    return pd.DataFrame(
        {
            "year": [2024] * 5 + [2025] * 5,
            "ethnic_group": names * 2,
            "count": [640, 41, 95, 41, 30, 600, np.nan, 88, 55, 30],
            "status": ["value"] * 6 + ["suppressed"] + ["value"] * 3,
        }
    )


def pupils():
    """Pupils of each ethnic group in one year."""
    names = ["White", "Mixed", "Asian or Asian British", "Black or Black British"]
    return pd.DataFrame({"ethnic_group": names, "population": [28_000, 2_500, 9_000, 2_500]})


def lookup():
    """Each LSOA in a ward."""
    codes = small_areas()["lsoa_code"]
    return pd.DataFrame(
        {
            "from_code": codes,
            "from_name": codes,
            "to_code": [WARDS[at % 9] for at in range(len(codes))],
            "to_name": [f"Ward {at % 9}" for at in range(len(codes))],
            "from_geography": "lsoa21",
            "to_geography": "ward23",
            "method": "best_fit",
            "share": np.nan,
            "area_code": "E08000001",
            "source": "lookup@lsoa21-ward23",
        }
    )


def by_age(group="here"):
    """Events and children of three bands for two groups."""
    return pd.DataFrame(
        {
            "group": ["a"] * 3 + ["b"] * 3,
            "age_band": ["0-4", "5-9", "10-17"] * 2,
            "count": [5, 9, 14, 5, 9, 3],
            "population": [500, 600, 900, 500, 600, 100],
        }
    )


@functools.cache
def records():
    """The illustrative records of four months: repeated children, homes that are missing."""
    every = jsna.load_local_records().records
    return every[every["date"] >= "2024-12-01"].reset_index(drop=True)


def file_of_records():
    """An extract as a case system writes it: repeats, bad rows, homes that are missing."""
    made = [
        {
            "Child ID": f"C{at // 3}",
            "Kind": "referral" if at % 4 else "plan",
            "Date": f"{1 + at % 28:02d}/0{1 + at % 9}/2024" if at % 11 else "31/02/2024",
            "Postcode": "BL1 1AP" if at % 5 else "",
            "Age": at % 17,
        }
        for at in range(60)
    ]
    # Repeats of which one says more than the other, and two that contradict each other.
    made += [
        {**made[1], "Postcode": ""},
        {**made[1], "Age": 5},
        {**made[2], "Age": 9},
        {**made[2], "Age": 9},
    ]
    return pd.DataFrame(made)


def file_of_counts():
    """Counts by ward as they are typed: a row twice, and one that contradicts another."""
    rows = [{"Ward code": each, "Year": 2025, "Referrals": 9 + at} for at, each in enumerate(WARDS)]
    return pd.DataFrame([*rows, rows[2], {**rows[4], "Referrals": 99}, {**rows[5], "Year": "?"}])


def _check_counts(rows):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "counts.csv"
        rows.to_csv(path, index=False)

        found = local_counts.read(path)
    return {
        "counts": found.counts.sort_values("area_code", ignore_index=True),
        "reasons": found.rejects["reason"].value_counts().sort_index().to_dict(),
    }


def _read(rows):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.csv"
        rows.to_csv(path, index=False)
        return jsna.load_local_records(path)


def _read_records(rows):
    found = _read(rows)
    return {
        "records": found.records.sort_values(["child_id", "kind", "date"], ignore_index=True),
        "reasons": found.rejects["reason"].value_counts().to_dict(),
        "remarks": found.remarks["remark"].value_counts().to_dict(),
    }


def _check(rows):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.csv"
        rows.to_csv(path, index=False)
        found = jsna.check_records(path)
    told = {each.name: getattr(found, each.name) for each in dataclasses.fields(found)}
    # Rows are named by their numbers, which go with them.
    return told | {"findings": sorted((each.what, each.count) for each in found.findings)}


def _drawn(run):
    """What a map says: its specification holds everything that is drawn but the shapes."""

    def drawn(**frames):
        made = run(**frames)
        spec = made.spec if hasattr(made, "spec") else made.get_root().spec
        return {"spec": spec, "shapes": [each.wkt for each in spec.shapes]}

    return drawn


def chart_rows(years=(2025,)):
    """Seven areas and England with rates and limits, one of them hidden in the first year."""
    rows = areas(years)
    return jsna.crude_rates(rows[rows["area_code"].isin([*CODES[:7], "E92000001"])])


@functools.cache
def _ward_line():
    return jsna.deprivation_association(charts_more.wards(12, hidden=True), areas="wards")


def _charted(run):
    """What a chart says and draws: its page holds all of it."""
    return lambda **frames: run(**frames).html()


def _weights(found):
    return {
        "rule": found.rule,
        "joined": sorted(found.joined),
        "pairs": sorted(
            (found.codes[at], found.codes[other])
            for at in range(len(found.codes))
            for other in found.neighbours[found.starts[at] : found.starts[at + 1]]
        ),
        "codes": sorted(found.codes),
    }


def _crossed():
    """Wards by year with margins, small counts and ties."""
    cells = {("a", 1): 2, ("a", 2): 9, ("b", 1): 9, ("b", 2): 9, ("c", 1): 30, ("c", 2): 9}
    rows = [{"ward": w, "year": str(y), "count": n} for (w, y), n in cells.items()]
    frame = pd.DataFrame(rows)
    margins = [frame.groupby(each, as_index=False)["count"].sum() for each in ("ward", "year")]
    whole = pd.DataFrame({"count": [sum(cells.values())]})
    return pd.concat([frame, *margins, whole], ignore_index=True).fillna("All")


def _protected():
    return jsna.suppress(_crossed())


def _populations():
    rows = [
        {
            "area_code": code,
            "sex": "persons",
            "year": year,
            "age": age,
            "ages": str(age),
            "population": 10 + age + at,
            "status": "modelled" if age == 3 else "value",
        }
        for at, code in enumerate(CODES[:3])
        for year in (2023, 2024)
        for age in range(18)
    ]
    return pd.DataFrame(rows)


def projected():
    """Projected children of three areas by single year of age."""
    rows = [
        {
            "area_code": code,
            "area_name": f"Place {at}",
            "base_year": 2022,
            "sex": "persons",
            "year": year,
            "age": age,
            "population": 200.0 + age + 3 * at - 2 * (year - 2024),
            "status": "modelled",
            "source": "population_projections@2022",
        }
        for at, code in enumerate(CODES[:3])
        for year in range(2024, 2028)
        for age in range(18)
    ]
    return pd.DataFrame(rows)


CELL = ("ward", "year")
READERS: dict[str, Callable[[], Call]] = {
    "tables.local_counts.read": lambda: Call(_check_counts, {"rows": file_of_counts()}),
}
"""Readers of ``bolton_jsna.tables`` that take files of the user's own."""

CALLS: dict[str, Callable[[], Call]] = {
    "adjust_p_values": lambda: Call(
        lambda frame: jsna.adjust_p_values(frame, by=["family"]),
        {
            "frame": pd.DataFrame(
                {
                    "area_code": CODES,
                    "family": ["x", "y"] * 7,
                    "p": [0.01, 0.02, 0.01, 0.04, 0.5, 0.02, np.nan] * 2,
                }
            )
        },
    ),
    "audit": lambda: Call(
        lambda tables: jsna.audit(tables)[["ward", "year", "lower", "upper", "safe"]],
        {"tables": _protected()},
        CELL,
    ),
    "backtest_demand": lambda: Call(
        lambda rates: jsna.backtest_demand(
            rates, indicator="referrals", area="Bolton"
        ).misses.assign(area_code="E08000001", indicator="referrals"),
        {"rates": places(range(2018, 2026))},
        key=("origin", "horizon"),
    ),
    "benjamini_hochberg": lambda: Call(
        lambda frame: frame.assign(q=jsna.benjamini_hochberg(frame["p"])),
        {
            "frame": pd.DataFrame(
                {"area_code": CODES, "p": [0.01, 0.04, 0.04, 0.2, 0.03] * 2 + [0.5] * 4}
            )
        },
    ),
    "bivariate_map": lambda: Call(
        _drawn(
            lambda frame, boundaries: jsna.bivariate_map(
                frame, "idaci", "rate", boundaries=boundaries
            )
        ),
        {"frame": wards(), "boundaries": shapes()},
    ),
    "chart_deprivation": lambda: Call(
        _charted(lambda frame, slope: jsna.chart_deprivation(frame, slope, groups=5)),
        {
            "frame": charts_more.fifths(),
            "slope": jsna.slope_index_of_inequality(charts_more.fifths()),
        },
    ),
    "chart_funnel": lambda: Call(
        _charted(lambda frame: jsna.chart_funnel(frame, subject="Place 1")),
        {"frame": jsna.funnel_limits(places().drop_duplicates("area_name"))},
    ),
    "chart_neighbours": lambda: Call(
        _charted(lambda comparison: jsna.chart_neighbours(comparison, subject="Place 1")),
        {"comparison": chart_rows().drop_duplicates("area_name")},
    ),
    "chart_projection": lambda: Call(
        _charted(jsna.chart_projection),
        dict(zip(("projection", "rates"), charts_made.projected(), strict=True)),
    ),
    "chart_pyramid": lambda: Call(
        _charted(jsna.chart_pyramid),
        {"frame": charts_more.people(hidden=True), "outline": charts_more.people(2035)},
    ),
    "chart_scatter": lambda: Call(
        _charted(lambda frame: jsna.chart_scatter(frame, association=_ward_line())),
        {"frame": charts_more.wards(12, hidden=True)},
    ),
    "chart_shares": lambda: Call(
        _charted(jsna.chart_shares),
        # Bars and parts have the order of the rows, unless it is in the categories.
        {
            "frame": charts_more.plans(hidden=True).astype(
                {"area_name": "category", "breakdown": "category"}
            )
        },
    ),
    "chart_spine": lambda: Call(
        _charted(jsna.chart_spine),
        {"profile": charts_more.panel(6, hidden=True).astype({"title": "category"})},
    ),
    "chart_trend": lambda: Call(
        _charted(lambda frame: jsna.chart_trend(frame, subject="Place 1")),
        {"frame": chart_rows((2023, 2024, 2025))},
    ),
    "check_records": lambda: Call(_check, {"rows": file_of_records()}),
    "choropleth_map": lambda: Call(
        _drawn(lambda frame, boundaries: jsna.choropleth_map(frame, "rate", boundaries=boundaries)),
        {"frame": wards(), "boundaries": shapes()},
    ),
    "compare_with_benchmark": lambda: Call(
        lambda frame: jsna.compare_with_benchmark(frame, "England"),
        {"frame": areas((2024, 2025))},
        ("area_code", "year"),
    ),
    "concentration_index": lambda: Call(
        lambda frame: jsna.concentration_index(frame, rank="idaci_rank", by=["edition"]),
        {"frame": small_areas()},
        ("edition",),
    ),
    "contiguity_weights": lambda: Call(
        lambda boundaries: _weights(jsna.contiguity_weights(boundaries, code="area_code")),
        {"boundaries": shapes()},
    ),
    "count_events": lambda: Call(
        lambda records, lookup: jsna.count_events(
            records, "referrals", years=[2025], by=["area_code", "age_band"], lookup=lookup
        ),
        {"records": records(), "lookup": jsna.load_lookup("Bolton")},
        ("area_code", "age_band"),
    ),
    "crude_rates": lambda: Call(
        lambda frame: jsna.crude_rates(frame, confidence=(0.95, 0.998)), {"frame": areas()}
    ),
    "decompose_change": lambda: Call(
        lambda rates: jsna.decompose_change(rates, first=2024, last=2025),
        {"rates": areas((2024, 2025))},
    ),
    "deprivation_association": lambda: Call(
        jsna.deprivation_association, {"frame": small_areas()}, ()
    ),
    "describe": lambda: Call(
        lambda frame: jsna.describe(
            jsna.compare_with_benchmark(frame).query("area_code == 'E06000001'")
        ),
        {"frame": areas()},
    ),
    "directly_standardised_rates": lambda: Call(
        lambda frame, standard: jsna.directly_standardised_rates(
            frame, by="group", standard=standard
        ),
        {
            "frame": by_age(),
            "standard": pd.DataFrame(
                {"age_band": ["0-4", "5-9", "10-17"], "standard": [50, 60, 90]}
            ),
        },
        ("group",),
    ),
    "event_frequencies": lambda: Call(
        lambda records: jsna.event_frequencies(records, by="lsoa_code"),
        {"records": records()},
        ("lsoa_code",),
    ),
    "funnel_limits": lambda: Call(
        lambda frame: jsna.funnel_limits(frame, overdispersion="additive"), {"frame": places()}
    ),
    "funnel_lines": lambda: Call(
        lambda frame: jsna.funnel_lines(frame, points=5),
        {"frame": jsna.funnel_limits(places())},
        ("denominator",),
    ),
    "indirectly_standardised_rates": lambda: Call(
        lambda frame, reference: jsna.indirectly_standardised_rates(frame, reference, by="group"),
        {"frame": by_age(), "reference": by_age().query("group == 'a'").drop(columns="group")},
        ("group",),
    ),
    "indirectly_standardised_ratios": lambda: Call(
        lambda frame, reference, observed: jsna.indirectly_standardised_ratios(
            frame.drop(columns="count"), reference, by="group", observed=observed
        ),
        {
            "frame": by_age(),
            "reference": by_age().query("group == 'a'").drop(columns="group"),
            "observed": pd.DataFrame({"group": ["a", "b"], "count": [28, 17]}),
        },
        ("group",),
    ),
    "join_areas": lambda: Call(
        jsna.join_areas,
        {"frame": pd.DataFrame({"ward": ["Rumworth", "HULTON WARD"], "count": [9, 14]})},
    ),
    "linked_counts": lambda: Call(
        lambda records, lookup: {
            name: table.sort_values(name.split(" x "), ignore_index=True)
            for name, table in jsna.linked_counts(
                records,
                "referrals",
                years=[2025],
                tables=[["area_code", "year"], ["age_band", "category"]],
                lookup=lookup,
            ).items()
        },
        {"records": records(), "lookup": jsna.load_lookup("Bolton")},
    ),
    "load_local_records": lambda: Call(_read_records, {"rows": file_of_records()}),
    "match_populations": lambda: Call(
        lambda counts, populations: jsna.match_populations(counts, populations, nearest=True),
        {
            "counts": pd.DataFrame(
                {"area_code": [*CODES[:3], "All"], "year": 2025, "count": [3, 3, 9, 15]}
            ),
            "populations": _populations(),
        },
    ),
    "means": lambda: Call(
        lambda frame: jsna.means(frame, by="area_code", value="idaci_score"),
        {"frame": small_areas()},
    ),
    "compare_groups": lambda: Call(
        lambda counts, people: jsna.compare_groups(
            counts, people, denominator="pupils", by=["year"], group="ethnic_group"
        ),
        {"counts": by_ethnic_group(), "people": pupils()},
        ("year", "ethnic_group"),
    ),
    "sum_areas": lambda: Call(
        lambda frame: jsna.sum_areas(frame, [each for each in CODES if each != "E06000004"]),
        {"frame": places((2024, 2025))},
        ("year",),
    ),
    "pool_years": lambda: Call(
        lambda frame: jsna.pool_years(frame, ends="every"),
        {"frame": places((2022, 2023, 2024, 2025))},
        ("area_code", "years"),
    ),
    "project_demand": lambda: Call(
        lambda rates, projections: jsna.project_demand(
            rates, projections, indicator="referrals", horizon=2
        ),
        {"rates": places(range(2020, 2026)), "projections": projected()},
        key=("area_code", "year"),
    ),
    "proportions": lambda: Call(
        lambda frame: jsna.proportions(frame, denominator="population"), {"frame": areas()}
    ),
    "quantiles": lambda: Call(
        lambda frame: jsna.quantiles(frame, "idaci_score", groups=5),
        {"frame": small_areas()},
        ("lsoa_code",),
    ),
    "quartile_bands": lambda: Call(
        lambda frame: jsna.quartile_bands(jsna.crude_rates(frame), polarity="low"),
        {"frame": places()},
    ),
    "rate_ratios": lambda: Call(
        lambda frame, reference: jsna.rate_ratios(frame, reference, on=["year"]),
        {
            "frame": places((2024, 2025)),
            "reference": areas((2024, 2025)).query("area_code == 'E92000001'"),
        },
        ("area_code", "year"),
    ),
    "rate_reliability": lambda: Call(jsna.rate_reliability, {"frame": areas()}),
    "rates_by_deprivation": lambda: Call(
        lambda frame: jsna.rates_by_deprivation(frame, groups=5),
        {"frame": small_areas()},
        ("quantile",),
    ),
    "recent_trends": lambda: Call(
        jsna.recent_trends, {"frame": places((2020, 2021, 2022, 2023, 2024, 2025))}
    ),
    "repeated_event_variance": lambda: Call(jsna.repeated_event_variance, {"frame": areas()}),
    "shared_classes": lambda: Call(
        lambda frame: jsna.shared_classes(frame, ["rate", "idaci"], method="jenks"),
        {"frame": wards()},
    ),
    "slope_index_of_inequality": lambda: Call(
        lambda frame: jsna.slope_index_of_inequality(
            jsna.rates_by_deprivation(frame, by=["edition"]), by=["edition"]
        ),
        {"frame": small_areas()},
        ("edition",),
    ),
    "smooth_rates": lambda: Call(
        jsna.smooth_rates,
        {"frame": wards(), "weights": shapes()},
    ),
    "sources": lambda: Call(
        jsna.sources,
        {"frame": pd.DataFrame({"source": ["idaci@2025", "lookup@lsoa21-ward23", "idaci@2025"]})},
        ("source", "file"),
    ),
    "spatial_autocorrelation": lambda: Call(
        lambda frame, weights: jsna.spatial_autocorrelation(frame, weights, value="rate"),
        {"frame": wards().query("status == 'value'"), "weights": shapes().iloc[[*range(7), 8]]},
    ),
    "static_bivariate": lambda: Call(
        _drawn(
            lambda frame, boundaries: jsna.static_bivariate(
                frame, "idaci", "rate", boundaries=boundaries
            )
        ),
        {"frame": wards(), "boundaries": shapes()},
    ),
    "static_choropleth": lambda: Call(
        _drawn(
            lambda frame, boundaries: jsna.static_choropleth(frame, "rate", boundaries=boundaries)
        ),
        {"frame": wards(), "boundaries": shapes()},
    ),
    "summarise_idaci": lambda: Call(jsna.summarise_idaci, {"idaci": small_areas()}, ("share",)),
    "suppress": lambda: Call(jsna.suppress, {"tables": _crossed()}, CELL),
    "to_areas": lambda: Call(
        lambda frame, lookup: jsna.to_areas(
            frame, lookup, sums=["count"], means={"idaci_score": "children_0_15"}
        ),
        {"frame": small_areas().drop(columns="area_code"), "lookup": lookup()},
    ),
    "unprotected": lambda: Call(
        lambda tables: jsna.unprotected(tables, reason="a test"), {"tables": _crossed()}, CELL
    ),
    "weights_from_pairs": lambda: Call(
        lambda pairs: _weights(jsna.weights_from_pairs(pairs)),
        {
            "pairs": pd.DataFrame(
                {"area_code": ["a", "c", "a", "d"], "neighbour_code": ["b", "a", "d", "b"]}
            )
        },
    ),
}

_CLASS = "a class, made by functions that are called here"
_CONSTANT = "a constant"
_LOADER = "reads the snapshot or a workspace and takes no rows"
_NO_ROWS = "takes no rows"
EXCUSED: dict[str, str] = {
    **dict.fromkeys(
        (
            *("Area", "Chart", "DeprivationAssociation", "Description", "NeighbourComparison"),
            *("SpatialAutocorrelation", "SuppressionRule", "Uncertainty", "Weights"),
        ),
        _CLASS,
    ),
    **dict.fromkeys(
        (
            *("AreaNotFoundError", "BoltonJsnaError", "MissingDataError", "SchemaError"),
            *("SourceError", "UsageError", "VintageError"),
        ),
        "an error",
    ),
    **dict.fromkeys(
        (
            "CHAPTER_2012_BANDS",
            "CHILDREN_BANDS",
            "DFE",
            "DFE_BANDS",
            "LOCAL",
            "NHS",
            "ROUND_TO_5",
            "__version__",
        ),
        _CONSTANT,
    ),
    **dict.fromkeys(
        (
            *("load_boundaries", "load_children_in_need", "load_idaci", "load_lookup"),
            *("indicators", "load_indicators"),
            *("load_population_estimates", "load_population_projections"),
            *("load_statistical_neighbours", "compare_with_neighbours", "profile"),
            *("idaci_profile", "population_profile"),
        ),
        _LOADER,
    ),
    **dict.fromkeys(("area", "register", "standard_population"), _NO_ROWS),
    **dict.fromkeys(
        ("layered_map", "static_side_by_side", "save_figure", "save_map"),
        "takes maps and figures, which are made here",
    ),
    "build": "takes a folder; the functions that it calls are here, and it takes half a minute",
    "build_many": "takes a folder; builds as build does",
    "ManyRecord": "made by build_many",
    "write_site": "takes a folder; builds as build_many does",
    "SiteRecord": "made by write_site",
    "write_chapter": "takes a folder; builds as build does",
    "refresh": "fetches files and takes no rows",
    "tables": "a module of readers; those of records and counts are called here",
}
