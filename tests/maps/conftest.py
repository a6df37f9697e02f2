"""A borough of nine square wards."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

SIDE = 1500.0
NAMES = [
    "Ash Green",
    "Brook & Mill",
    "Church Town",
    "Dale",
    "East Moor",
    "Fold",
    "Great Hill",
    "Heath",
    "Inner Park",
]


def ward_code(at: int) -> str:
    return f"E0509900{at + 1}"


@pytest.fixture
def wards() -> gpd.GeoDataFrame:
    """Nine wards of 1.5 km in three rows, in the layout of ``load_boundaries``."""
    west, south = 370_000.0, 408_000.0
    squares = [
        shapely.box(
            west + column * SIDE,
            south + row * SIDE,
            west + (column + 1) * SIDE,
            south + (row + 1) * SIDE,
        )
        for row in range(3)
        for column in range(3)
    ]
    return gpd.GeoDataFrame(
        {
            "area_code": [ward_code(at) for at in range(9)],
            "area_name": NAMES,
            "level": "ward",
            "year": 2023,
            "authority_code": "E08000001",
            "source": "ward_boundaries@2023",
        },
        geometry=squares,
        crs="EPSG:27700",
    )


@pytest.fixture
def figures() -> pd.DataFrame:
    """Two measures of the nine wards: one rate suppressed, one not available."""
    return pd.DataFrame(
        {
            "area_code": [ward_code(at) for at in range(9)],
            "idaci": [0.11, 0.15, 0.22, 0.31, 0.35, 0.42, 0.55, 0.61, 0.69],
            "rate": [210.0, None, 330.0, 305.0, None, 520.0, 610.0, 0.0, 905.0],
            "rate_status": [
                "value",
                "suppressed",
                "value",
                "value",
                "not_available",
                "value",
                "modelled",
                "value",
                "value",
            ],
            "children": [900, 1200, 1100, 1500, 800, 1300, 2100, 1900, 2500],
        }
    )


@pytest.fixture(scope="session")
def bolton() -> gpd.GeoDataFrame:
    """Bolton's twenty wards with made-up rates, two of them withheld."""
    import bolton_jsna as jsna

    wards = jsna.load_boundaries("Bolton", level="ward", year=2023)
    order = range(len(wards))
    return wards.assign(
        idaci=[0.13 + 0.028 * at for at in order],
        rate=[None if at in {3, 10} else 300.0 + 37 * ((at * 7) % 20) for at in order],
        rate_status=["suppressed" if at in {3, 10} else "value" for at in order],
        plans=[20.0 + (at * 3) % 20 for at in order],
    )
