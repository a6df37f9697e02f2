"""The line of sources is short, and loses no source, copyright or licence."""

import pytest

from bolton_jsna import catalogue
from bolton_jsna.maps.print._sources import source_line

ONS = (
    "Source: Office for National Statistics licensed under the Open Government Licence v.3.0. "
    "Contains OS data © Crown copyright and database right 2023."
)
MHCLG = (
    "Source: MHCLG, English Indices of Deprivation 2025. Contains public sector information "
    "licensed under the Open Government Licence v3.0."
)


def test_publishers_copyright_and_licence_are_named_once():
    own = "Source: Bolton's own records."
    assert source_line([ONS, MHCLG, own, ONS]) == (
        "Sources: ONS; MHCLG (English Indices of Deprivation 2025); Bolton's own records. Contains "
        "OS data © Crown copyright and database right 2023. Open Government Licence v3.0."
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], ""),
        (["S"], "S."),
        (["Sources: ONS, MHCLG, OGL v3."], "Sources: ONS, MHCLG. Open Government Licence v3.0."),
        (["Survey of St. Helens, 2024. CC BY 4.0."], "Survey of St. Helens, 2024. CC BY 4.0."),
        (
            ["© Bolton Council 2024; all rights reserved"],
            "© Bolton Council 2024; all rights reserved.",
        ),
        (
            ["Source: NHS Digital, Fingertips, 2024"],
            "Source: NHS Digital, Fingertips, 2024.",
        ),
        (
            ["Bolton Council (Open Government Licence v2.0)"],
            "Bolton Council (Open Government Licence v2.0).",
        ),
    ],
)
def test_other_words_stay_as_they_are_given(given, expected):
    assert source_line(given) == expected


def test_no_attribution_of_the_catalogue_is_lost():
    for dataset in catalogue.datasets():
        line = source_line([dataset.attribution])
        assert ("Open Government Licence v3.0" in line) == (
            "Open Government" in dataset.attribution
        )
        assert line.count("©") == dataset.attribution.count("©")
        assert len(line) <= len(dataset.attribution)
