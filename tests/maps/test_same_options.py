"""The maps for the web, for print and their specification take the same options alike."""

import inspect

import pytest

from bolton_jsna.maps import (
    bivariate_map,
    bivariate_spec,
    choropleth_map,
    choropleth_spec,
    static_bivariate,
    static_choropleth,
)

DRAWN = {"lines", "postcodes", "tiles", "attribution", "size", "labels", "inset"}
"""What is of one way of drawing only."""


@pytest.mark.parametrize(
    ("spec", "faces"),
    [
        (choropleth_spec, (choropleth_map, static_choropleth)),
        (bivariate_spec, (bivariate_map, static_bivariate)),
    ],
)
def test_the_options_are_the_same_in_name_order_default_and_type(spec, faces):
    wanted = list(inspect.signature(spec).parameters.values())
    for face in faces:
        found = inspect.signature(face).parameters.values()
        assert [each for each in found if each.name not in DRAWN] == wanted


@pytest.mark.parametrize("face", [choropleth_map, static_choropleth])
def test_every_option_has_its_line_in_the_help(face):
    help_text = inspect.getdoc(face).partition("Returns\n")[0].replace("\\\n", "")
    missing = [name for name in inspect.signature(face).parameters if name not in help_text]
    assert not missing


def test_an_option_reaches_the_map(bolton):
    """Each option given is seen in what the map says; one left on the way would be the default."""
    options = {
        "title": "A title",
        "subtitle": "A subtitle",
        "label": "A label",
        "unit": "a unit",
        "method": "equal_interval",
        "classes": 3,
        "decimals": 2,
        "palette": "purple",
        "details": {"idaci": "IDACI"},
        "notes": ["A note"],
        "sources": ["A source"],
        "source": "A short source",
        "illustrative": True,
    }
    spec = choropleth_spec(bolton, "rate", **options)
    assert spec != choropleth_spec(bolton, "rate")
    assert choropleth_map(bolton, "rate", **options).get_root().spec == spec
    assert static_choropleth(bolton, "rate", **options).spec == spec


def test_a_wrong_option_is_reported_with_the_name_of_the_function(bolton):
    with pytest.raises(TypeError, match=r"choropleth_map\(\): .*'colour'"):
        choropleth_map(bolton, "rate", colour="red")
    with pytest.raises(TypeError, match=r"static_bivariate\(\): .*'y'"):
        static_bivariate(bolton, "rate")
