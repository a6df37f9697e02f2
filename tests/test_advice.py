"""The advice of messages can be followed: what it names exists, and what it says to do works."""

import builtins
import importlib.util
import inspect
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from typer.main import get_command

import bolton_jsna as jsna
import face
from bolton_jsna import maps, tables
from bolton_jsna.building.refresh import tasks_of
from bolton_jsna.cli.main import app
from bolton_jsna.core.errors import BoltonJsnaError, MissingDataError, SchemaError
from bolton_jsna.services.http import Session


@pytest.fixture(scope="module")
def messages(request):
    """Each message of the package with its place; what is put in is left out."""
    script = request.config.rootpath / "scripts" / "messages.py"
    spec = importlib.util.spec_from_file_location("messages", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = {}
    for path in module.PACKAGE.rglob("*.py"):
        place = path.relative_to(module.PACKAGE)
        for line, text in module.messages(path):
            # Sentences: no expression of a pattern, no part of a page.
            if re.search(r"[.:] [A-Z]", text) and not re.search(r"\\|<|\(\?", text):
                while text != (text := re.sub(r"\{[^{}]*\}", "", text)):
                    pass
                found[f"{place}:{line}"] = text
    assert len(found) > 400
    return found


def functions():
    every = [getattr(module, name) for module in (jsna, maps) for name in module.__all__]
    every += [getattr(tables, name).read for name in tables.__all__ if name != "schemas"]
    return [each for each in every if inspect.isroutine(each) or hasattr(each, "__wrapped__")]


def named(messages, pattern, known):
    return {
        place: unknown
        for place, text in messages.items()
        if (unknown := sorted({*re.findall(pattern, text)} - known))
    }


def test_commands_and_options_of_the_command_line_exist(messages):
    command = get_command(app)
    options = {
        name
        for each in (command, *command.commands.values())
        for option in each.params
        for name in (*option.opts, *option.secondary_opts)
    }
    assert named(messages, r"(?<!\w)--[a-z][\w-]*", options) == {}
    installing = {"again"}  # "Install bolton-jsna again"
    assert named(messages, r"bolton-jsna ([a-z][\w-]*)", {*command.commands} | installing) == {}


def test_functions_and_arguments_exist(messages):
    names = {*jsna.__all__, *maps.__all__, *dir(builtins), *dir(gpd.GeoDataFrame), "save"}
    assert named(messages, r"(?<![\w.])([a-z]\w*)\(", names) == {}
    assert named(messages, r"jsna\.(\w+)", names) == {}
    methods = {*dir(pd.DataFrame), *dir(gpd.GeoDataFrame), *dir(pd), *tables.__all__}
    assert named(messages, r"\.([a-z]\w*)\(", methods) == {}
    classes = [getattr(jsna, each) for each in jsna.__all__ if each[0].isupper()]
    classes = [each for each in classes if inspect.isclass(each)]
    arguments = {
        name
        for each in (*functions(), *classes, Session, gpd.GeoDataFrame.set_crs)
        for name in inspect.signature(each).parameters
    }
    # Of pandas and of an address of Nomis or ArcGIS.
    arguments |= {"as_index", "columns", "select", "c_age", "outSR", "charset"}
    assert named(messages, r"(?<![\w.&?'\"{-])([a-z]\w*)=(?!=)", arguments) == {}


MISSING = {
    "boundaries": lambda: jsna.load_boundaries("Bury"),
    "boundaries of a year": lambda: jsna.load_boundaries(year=2019),
    "idaci": lambda: jsna.load_idaci(edition=2024),
    "idaci of another area": lambda: jsna.load_idaci("Kent"),
    "lookup": lambda: jsna.load_lookup("Bury"),
    "lookup of another year": lambda: jsna.load_lookup(to="ward19"),
    "neighbours": lambda: jsna.load_statistical_neighbours(model="2022"),
    "neighbours of another area": lambda: jsna.load_statistical_neighbours("Kent"),
    "estimates": lambda: jsna.load_population_estimates("Bury", level="lsoa"),
    "projections": lambda: jsna.load_population_projections("Kent"),
    "figures": lambda: jsna.load_children_in_need("Kent", years=2025),
    "figures of a year": lambda: jsna.load_children_in_need("Bolton", years=1999),
}


@pytest.mark.parametrize("what", MISSING)
def test_what_to_fetch_can_be_fetched(what):
    with pytest.raises(MissingDataError) as caught:
        MISSING[what]()
    text = str(caught.value)
    for only in re.findall(r"--only (\S+?)[\s.,;)]", f"{text} "):
        assert tasks_of((jsna.area("Bolton"),), only)
    for name in re.findall(r"--area (\w+|\".+?\")", text):
        assert jsna.area(name.strip('"')).level == "authority"
    assert "--only" in text or "data/raw/" in text or "Available" in text


def shapes_in_parts():
    shapes = face.shapes()
    return pd.concat(
        [
            shapes,
            shapes.head(1)
            .translate(0, 9_000)
            .to_frame("geometry")
            .assign(area_code=face.WARDS[0], area_name="Same name", year=2023),
        ],
        ignore_index=True,
    )


def crossed():
    shapes = face.shapes()
    bow = shapely.Polygon(
        [(370_000, 410_000), (371_000, 411_000), (371_000, 410_000), (370_000, 411_000)]
    )
    return shapes.set_geometry([bow, *shapes.geometry[1:]], crs=27700)


FOLLOWED = {
    "boundaries.dissolve('area_code', as_index=False)": (
        shapes_in_parts,
        lambda boundaries: boundaries.dissolve("area_code", as_index=False),
    ),
    "boundaries.set_geometry(boundaries.make_valid())": (
        crossed,
        lambda boundaries: boundaries.set_geometry(boundaries.make_valid()),
    ),
    "boundaries.set_crs('EPSG:27700')": (
        lambda: face.shapes().set_crs(None, allow_override=True),
        lambda boundaries: boundaries.set_crs("EPSG:27700"),
    ),
    "allow_override=True": (
        lambda: face.shapes().set_crs(4326, allow_override=True),
        lambda boundaries: boundaries.set_crs("EPSG:27700", allow_override=True),
    ),
    "boundaries[boundaries.year == 2023]": (
        lambda: pd.concat([face.shapes().assign(year=2022), face.shapes()], ignore_index=True),
        lambda boundaries: boundaries[boundaries.year == 2023],
    ),
    ".set_geometry('COLUMN')": (
        lambda: gpd.GeoDataFrame(pd.DataFrame(face.shapes()).rename(columns={"geometry": "shape"})),
        lambda boundaries: boundaries.set_geometry("shape", crs=27700),
    ),
}


@pytest.mark.parametrize("advice", FOLLOWED)
def test_following_what_a_map_says_of_its_shapes_draws_it(advice):
    wrong, followed = FOLLOWED[advice]
    with pytest.raises(BoltonJsnaError) as caught:
        maps.choropleth_spec(face.wards(), "rate", boundaries=wrong())
    assert advice in str(caught.value)
    assert len(maps.choropleth_spec(face.wards(), "rate", boundaries=followed(wrong())).places) == 9


def test_following_what_a_measure_says_works():
    places = face.places((2023, 2024, 2025))
    dates = places.assign(year=pd.to_datetime(places["year"].astype(str)))
    with pytest.raises(SchemaError, match=r"use frame\['year'\]\.dt\.year"):
        jsna.pool_years(dates)
    assert len(jsna.pool_years(dates.assign(year=dates["year"].dt.year)))
    with pytest.raises(SchemaError, match=r"Add it, or give among=None"):
        jsna.quartile_bands(
            jsna.crude_rates(places.query("year == 2025")).drop(columns="area_level"),
            polarity="low",
            among="authority",
        )
    with pytest.raises(SchemaError, match="Name the columns with rank="):
        jsna.concentration_index(face.small_areas())
    assert len(jsna.concentration_index(face.small_areas(), rank="idaci_rank"))
    frame = face.wards().assign(population=[np.nan] + [900.0] * 8)
    with pytest.raises(SchemaError, match=r"'counts'.*Did you mean 'count'"):
        jsna.crude_rates(frame, count="counts")
