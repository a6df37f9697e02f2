"""Every map has a date, if the figures have one, and no map has a date that they do not have."""

import pytest

from bolton_jsna.maps import bivariate_spec, choropleth_spec


def _subtitle(frame, wards, **options) -> str:
    return choropleth_spec(frame, "idaci", boundaries=wards, **options).subtitle


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"year": 2025}, "Year: 2025"),
        ({"Year": 2025.0}, "Year: 2025"),
        ({"year": "2024/25"}, "Year: 2024/25"),
        ({"edition": 2019}, "Edition: 2019"),
        ({"year": [2023] * 4 + [2025] * 5}, "Years: 2023 to 2025"),
        ({"year": 2025, "edition": 2019}, "Year: 2025, Edition: 2019"),
        ({"year": 3}, ""),
        ({"year": None}, ""),
        ({"year": "latest"}, ""),
        ({"years": 2025}, ""),
    ],
)
def test_the_date_is_that_of_the_columns_of_the_figures(figures, wards, columns, expected):
    assert _subtitle(figures.assign(**columns), wards) == expected


def test_a_date_in_the_title_subtitle_or_label_is_enough(figures, wards):
    frame = figures.assign(year=2025)
    assert _subtitle(frame, wards, title="Deprivation, 2019") == ""
    assert _subtitle(frame, wards, subtitle="Mid-2024") == "Mid-2024"
    assert _subtitle(frame, wards, subtitle="By ward") == "By ward, Year: 2025"
    assert _subtitle(figures, wards, title="Children", label="IDACI 2019") == "IDACI 2019"
    crossed = bivariate_spec(
        figures, "idaci", "rate", boundaries=wards, x_label="IDACI 2019", title="Both"
    )
    assert crossed.subtitle == "IDACI 2019 and Rate"


def test_the_year_of_the_shapes_is_not_that_of_the_figures(figures, wards):
    """The boundaries of 2023 do not date the figures joined to them."""
    joined = wards.merge(figures, on="area_code")
    assert choropleth_spec(joined, "idaci").subtitle == ""
    assert choropleth_spec(joined.drop(columns="source"), "idaci").subtitle == ""
    own = joined.assign(source="idaci@2025", year=2025)
    assert choropleth_spec(own, "idaci").subtitle == "Year: 2025"
