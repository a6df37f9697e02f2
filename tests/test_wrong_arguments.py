"""Wrong values for any argument of any public function: the library's own errors, never raw ones.

Each argument of each function in turn is given what a notebook may hold by mistake. Either the
call works or its error is of the family, names the argument, and names no option that the function
does not have.
"""

import inspect
import random
import re
import warnings

import pytest
from hypothesis import settings

import bolton_jsna as jsna
import face
import wrong_values
from bolton_jsna import maps, tables
from bolton_jsna.core.errors import BoltonJsnaError

WHOLE_SWEEP = settings.get_profile("bolton_jsna").max_examples
SEVERAL = 12
"""Values tried for each argument, drawn with a seed; `make soak` tries all of them."""

NEVER = ("object", "module", "complex", "bytes")
"""Values that no argument takes, tried for each."""

SLOW = ("bivariate_map", "check_records", "choropleth_map", "static_bivariate", "static_choropleth")
"""Calls that draw or read whole files: of these only what they reject is tried."""


@pytest.fixture(autouse=True)
def no_work(monkeypatch, tmp_path):
    """Leave out the network and the work of a build and a refresh, whose arguments are checked."""

    def reached(*_, **__):
        raise wrong_values.ReachedError("All arguments were accepted.")

    monkeypatch.setattr("requests.Session.send", reached)
    monkeypatch.setattr("bolton_jsna.building._build", reached)
    monkeypatch.setattr("bolton_jsna.ingest.runner.fetch", reached)
    monkeypatch.chdir(tmp_path)


def tried(name, argument):
    """The names of the values to give for an argument."""
    every = list(wrong_values.VALUES)
    if settings.default.max_examples > WHOLE_SWEEP:
        return every
    if name in SLOW:
        return list(NEVER)
    drawn = random.Random(f"{name} {argument}")  # noqa: S311 (a seed, no secret)
    return sorted({*NEVER, *drawn.sample(every, SEVERAL)})


def wrong_calls(name, folder):
    """What is wrong with the errors of a function."""
    function, arguments = wrong_values.call(name, folder)
    for each in inspect.signature(function).parameters.values():
        for kind in tried(name, each.name):
            value = wrong_values.VALUES[kind](folder)
            given = (value,) if each.kind is each.VAR_POSITIONAL else value
            try:
                wrong_values.run(function, {**arguments, each.name: given})
            except BoltonJsnaError as error:
                named = set(re.findall(r"(?<![\w.])([a-z_]+)=(?!=)", str(error)))
                if named - {*inspect.signature(function).parameters, "extension"}:
                    yield f"{each.name}, {kind}: names what the function does not take: {error}"
                if kind in NEVER and each.name not in str(error):
                    yield f"{each.name}, {kind}: does not name the argument: {error}"
            except Exception as error:  # noqa: BLE001 (any error is what is looked for)
                yield f"{each.name}, {kind}: {type(error).__name__}: {error}"
            else:
                if kind in NEVER:
                    yield f"{each.name}, {kind}: accepted"


@pytest.mark.parametrize("name", wrong_values.NAMES)
def test_wrong_values_give_no_raw_error_and_name_the_argument(name, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert list(wrong_calls(name, tmp_path)) == []


def test_every_public_function_is_tried():
    public = {
        *(each for each in jsna.__all__ if inspect.isfunction(getattr(jsna, each))),
        *(f"maps.{each}" for each in maps.__all__ if each not in jsna.__all__),
        *(f"tables.{each}.read" for each in tables.__all__ if each != "schemas"),
    }
    made_here = {"maps.Classes", "maps.MapSpec"}
    assert public - set(wrong_values.NAMES) == made_here


def _near():
    frame, shapes = face.wards(), face.shapes()
    places = face.areas()
    return {
        "quantile": lambda: jsna.choropleth_map(frame, "rate", boundaries=shapes, method="quantil"),
        "rate": lambda: jsna.choropleth_map(frame, "rates", boundaries=shapes),
        "blue": lambda: jsna.choropleth_map(frame, "rate", boundaries=shapes, palette="blues"),
        "column": lambda: jsna.static_choropleth(frame, "rate", boundaries=shapes, size="colum"),
        "referrals": lambda: jsna.load_children_in_need("Bolton", indicators="referals"),
        "persons": lambda: jsna.load_population_projections(sex="person"),
        "ward": lambda: jsna.load_boundaries(level="wards"),
        "Bolton": lambda: jsna.load_idaci("Boltn"),
        "local": lambda: jsna.suppress(frame, rule="locl"),
        "hatched": lambda: jsna.Uncertainty(similar="hatchd"),
        "idaci": lambda: jsna.refresh(only="idac", dry_run=True),
        "count": lambda: jsna.crude_rates(places, count="counts"),
        "area_code": lambda: jsna.crude_rates(places, by="area_cod"),
        "status": lambda: jsna.crude_rates(places, status="staus"),
        "esp2013": lambda: jsna.standard_population("esp"),
        "high": lambda: jsna.quartile_bands(places, polarity="hihg"),
    }


@pytest.mark.parametrize("meant", _near())
def test_a_misspelt_option_is_answered_with_the_near_one(meant):
    with pytest.raises(BoltonJsnaError, match=rf"Did you mean '{meant}'"):
        _near()[meant]()


def test_a_misspelt_name_is_answered_with_the_near_one():
    with pytest.raises(TypeError, match=r"crude_rates\(\): .*Did you mean 'confidence'"):
        jsna.crude_rates(face.areas(), confidance=0.95)
    with pytest.raises(AttributeError, match=r"'load_idacy'\. Did you mean 'load_idaci'"):
        _ = jsna.load_idacy


def test_numbers_that_no_memory_holds_are_rejected():
    with pytest.raises(BoltonJsnaError, match="in 1000000000000 points is not valid"):
        jsna.funnel_lines(target=40, largest=5_000, points=10**12)
    with pytest.raises(BoltonJsnaError, match="points=1000000000 is not valid"):
        jsna.recent_trends(face.places((2023, 2024, 2025)), points=10**9)


@pytest.mark.parametrize("dpi", [0, -3, 3, 10**6])
def test_dots_with_which_matplotlib_would_end_the_program_are_rejected(dpi, tmp_path):
    from matplotlib.figure import Figure

    with pytest.raises(BoltonJsnaError, match=rf"dpi={dpi} is not valid; expected a whole"):
        jsna.save_figure(Figure(), tmp_path / "map.png", dpi=dpi)
