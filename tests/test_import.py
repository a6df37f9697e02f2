"""Importing the library is light, and its face is whole."""

import json
import subprocess
import sys

import pytest

import bolton_jsna as jsna

HEAVY = (
    "folium",
    "geopandas",
    "matplotlib",
    "numpy",
    "pandas",
    "pyarrow",
    "pyogrio",
    "python_calamine",
    "requests",
    "rich",
    "scipy",
    "shapely",
    "statsmodels",
    "typer",
)


def fresh(statements: str, answer: str) -> list[str]:
    """What an expression gives in a fresh interpreter, after some statements."""
    code = f"import json, sys\n{statements}\nprint(json.dumps({answer}))"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    return json.loads(run.stdout)


def loaded_by(statements: str) -> list[str]:
    """Which modules a fresh interpreter holds after some statements."""
    return fresh(statements, "sorted(sys.modules)")


def test_import_loads_no_heavy_library() -> None:
    loaded = loaded_by("import bolton_jsna")

    assert "bolton_jsna" in loaded
    assert [name for name in HEAVY if name in loaded] == []


def test_looking_around_the_face_loads_no_heavy_library() -> None:
    loaded = loaded_by("import bolton_jsna as jsna; dir(jsna); jsna.area('Bolton'); jsna.tables")

    assert [name for name in HEAVY if name in loaded] == []


def test_readers_are_there_without_a_further_import() -> None:
    """As the README has it: ``jsna.tables.<subject>.read(path)``."""
    subjects = "boundaries children_in_need idaci local_records lookups neighbours population"
    found = fresh(
        "import bolton_jsna as jsna",
        f"[callable(getattr(jsna.tables, each).read) for each in {subjects.split()}]",
    )

    assert found == [True] * 7


def test_rates_need_no_scipy_stats_and_no_drawing() -> None:
    loaded = loaded_by(
        "import pandas as pd, bolton_jsna as jsna\n"
        "jsna.crude_rates(pd.DataFrame({'count': [3, 3803], 'population': [900, 75_599]}))"
    )

    assert "pandas" in loaded
    unwanted = ("scipy.stats", "folium", "geopandas", "matplotlib")
    assert [name for name in unwanted if name in loaded] == []


@pytest.mark.parametrize("name", jsna.__all__)
def test_every_public_name_can_be_got(name: str) -> None:
    assert getattr(jsna, name) is not None


def test_public_names_stay_what_they_are_when_everything_is_loaded() -> None:
    """A module of the same name as a function would take its place once it is imported."""
    modules = fresh(
        "import bolton_jsna as jsna\n"
        "for name in jsna.__all__: getattr(jsna, name)\n"
        "import bolton_jsna.building.inputs, bolton_jsna.cli.main",
        "[name for name in jsna.__all__ if isinstance(getattr(jsna, name), type(sys))]",
    )

    assert modules == ["tables"]


def test_dir_lists_every_public_name() -> None:
    assert set(jsna.__all__) <= set(dir(jsna))
    assert list(jsna.__all__) == sorted(set(jsna.__all__))


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'load_everything'"):
        jsna.load_everything  # noqa: B018
