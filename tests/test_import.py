"""Importing the library is light, its face is whole, and imports flow one way only."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import bolton_jsna as jsna

HEAVY = (
    "folium",
    "geopandas",
    "matplotlib",
    "numpy",
    "pandas",
    "pandera",
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

ORDER = (
    # the ground, which all may use
    "errors",
    "states",
    "years",
    "origins",
    "names",
    "options",
    "keys",
    "stacked",
    "areas",
    "atomic",
    "untrusted",
    "sharing",
    "surroundings",
    "publication",
    "wording",
    "moments",
    "commands",
    "reading",
    # the way data flow, from the catalogue to the command line
    "catalogue",
    "services",
    "lockfile",
    "checking",
    "superseded",
    "store",
    "verdicts",
    "tasks",
    "standins",
    "tables",
    "snapshot",
    "workspace",
    "raw_origins",
    "changes",
    "at_rest",
    "noting",
    "fetching",
    "rounds",
    "loaders",
    "geography",
    "measures",
    "compare",
    "disclosure",
    "maps",
    "chapter",
    "building",
    "refreshing",
    "next_steps",
    "status",
    "status_lines",
    "reporting",
    "checking_rejects",
    "checking_records",
    "cli_progress",
    "cli",
    "__main__",
)
"""The rooms as DESIGN draws them: each may import from those before it and from itself."""

IO = {"services", "store", "snapshot", "workspace", "loaders"}
APART = {
    "services": {"tables"},
    "tables": IO | {"catalogue"},
    "geography": IO | {"catalogue"},
    "measures": IO | {"catalogue"},
    "disclosure": IO | {"catalogue"},
    "maps": IO | {"catalogue"},
}
"""Rooms that must not know certain others, though those stand before them."""

EXCEPTIONS = {
    ("loaders.small_areas", "geography"): "wards' children are the sums of their LSOAs' children",
    ("loaders.small_areas", "measures"): "children by LSOA are modelled and scaled to a year",
}
"""Imports against the order, by importing module and imported room, each with its reason."""


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
    unwanted = ("scipy.stats", "folium", "geopandas", "matplotlib", "pandera")
    assert [name for name in unwanted if name in loaded] == []


@pytest.mark.parametrize("name", jsna.__all__)
def test_every_public_name_can_be_got(name: str) -> None:
    assert getattr(jsna, name) is not None


def test_public_names_stay_what_they_are_when_everything_is_loaded() -> None:
    """A module of the same name as a function would take its place once it is imported."""
    modules = fresh(
        "import bolton_jsna as jsna\n"
        "for name in jsna.__all__: getattr(jsna, name)\n"
        "import bolton_jsna.building.gathering, bolton_jsna.cli",
        "[name for name in jsna.__all__ if isinstance(getattr(jsna, name), type(sys))]",
    )

    assert modules == ["tables"]


def test_dir_lists_every_public_name() -> None:
    assert set(jsna.__all__) <= set(dir(jsna))
    assert list(jsna.__all__) == sorted(set(jsna.__all__))


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'load_everything'"):
        jsna.load_everything  # noqa: B018


def test_imports_flow_one_way(root: Path) -> None:
    against = {
        f"{module} imports {room}"
        for module, room in imports(root / "src" / "bolton_jsna")
        if not allowed(module, room) and (module, room) not in EXCEPTIONS
    }

    assert sorted(against) == []


def test_exceptions_to_the_flow_are_still_needed(root: Path) -> None:
    found = set(imports(root / "src" / "bolton_jsna"))

    assert sorted(set(EXCEPTIONS) - found) == []


def test_every_room_has_its_place_in_the_order(root: Path) -> None:
    package = root / "src" / "bolton_jsna"
    rooms = {room_of(path, package) for path in package.rglob("*.py")} - {""}

    assert sorted(rooms - set(ORDER)) == []


@pytest.mark.parametrize(
    ("module", "room", "fine"),
    [
        ("loaders.people", "tables", True),
        ("tables.idaci", "tables", True),
        ("measures.rates", "tables", True),
        ("tables.idaci", "loaders", False),
        ("measures.rates", "loaders", False),
        ("maps.interactive", "snapshot", False),
        ("areas", "tables", False),
    ],
)
def test_the_flow_refuses_what_design_refuses(module: str, room: str, fine: bool) -> None:
    assert allowed(module, room) is fine


def allowed(module: str, room: str) -> bool:
    own = module.partition(".")[0]
    if own == room:
        return True
    return ORDER.index(room) < ORDER.index(own) and room not in APART.get(own, set())


def room_of(path: Path, package: Path) -> str:
    """The room of a file; empty for the face, which may name every room."""
    first = path.relative_to(package).parts[0]
    return "" if first == "__init__.py" else first.removesuffix(".py")


def imports(package: Path) -> Iterator[tuple[str, str]]:
    """Each pair of an importing module and an imported room."""
    for path in sorted(package.rglob("*.py")):
        if not room_of(path, package):
            continue
        dotted = ".".join(path.relative_to(package).with_suffix("").parts)
        module = dotted.removesuffix(".__init__")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for target in targets(node):
                yield module, target


def targets(node: ast.AST) -> Iterator[str]:
    """The rooms that one statement imports from; the version is the ground floor's."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, f"a relative import: {ast.unparse(node)}"
        names = [f"{node.module}.{alias.name}" for alias in node.names]
    else:
        return
    for name in names:
        package, _, rest = name.partition(".")
        if package == "bolton_jsna" and rest and rest != "__version__":
            yield rest.partition(".")[0]
