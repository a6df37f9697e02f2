"""Maps of many authorities side by side."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import bolton_jsna as jsna
from authority_layers import write_layer
from bolton_jsna.building.many import _national_maps, _task
from bolton_jsna.core.areas import area, authorities_in

pytestmark = pytest.mark.usefixtures("sketched")

MAPS = Path("maps") / "national"
NAMES = ("Bolton", "Bury", "Rochdale", "Derby", "Salford")


@pytest.fixture(scope="module")
def built(
    lay_rochdale: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, jsna.ManyRecord]]:
    """Five authorities; Salford's referrals are suppressed, and Bury has none."""
    folder = lay_rochdale(tmp_path_factory.mktemp("many_maps"))
    write_layer(folder, [(area(each).code, each) for each in NAMES], kind="CTYUA")
    yield folder, run(folder)
    _task._shared.cache_clear()


def run(folder: Path, **options: object) -> jsna.ManyRecord:
    wanted = {"tables_only": True, "maps": True, **options}
    return jsna.build_many(list(NAMES), workspace=folder, **wanted)


def test_each_indicator_is_a_printed_map_and_a_layer_of_one_page(built) -> None:
    folder, record = built
    assert {each.name for each in (folder / MAPS).iterdir()} == set(record.maps)
    assert {
        "authorities.html",
        "authorities_referrals.png",
        "authorities_referrals.svg",
        "authorities_referrals_notes.txt",
    } <= set(record.maps)
    recorded = json.loads((folder / "data/processed/national/run.json").read_text())
    assert recorded["maps"] == record.maps
    # Printed maps are written as words in these tests.
    words = (folder / MAPS / "authorities_referrals_notes.txt").read_text()
    for each in ("year ending 31 March 2025", "status: status", "Department for Education"):
        assert each in words


def test_every_authority_is_on_the_page_with_its_state(built) -> None:
    page = (built[0] / MAPS / "authorities.html").read_text()
    for each in NAMES:
        assert area(each).code in page
    assert "Suppressed" in page
    assert "not better" in page


def test_what_is_missing_is_named(built) -> None:
    (reason,) = [each for each in built[1].notes if "LSOAs" in each and "map" in each]
    assert "region" in reason


def test_a_run_without_maps_deletes_those_of_before_and_no_other_file(
    built, tmp_path: Path
) -> None:
    again = Path(shutil.copytree(built[0], tmp_path / "again"))
    (again / MAPS / "mine.txt").write_text("mine")
    (again / MAPS / "authorities_referrals_notes.txt").write_text("changed by hand")
    record = run(again, maps=False)
    assert record.maps == {}
    kept = {each.name for each in (again / MAPS).iterdir()}
    assert kept == {"mine.txt", "authorities_referrals_notes.txt"}


def test_an_authority_without_a_shape_is_named_and_no_map_is_drawn(built, tmp_path: Path) -> None:
    again = Path(shutil.copytree(built[0], tmp_path / "again"))
    shutil.rmtree(again / "data" / "raw" / "authority_boundaries")
    write_layer(again, [(area(each).code, each) for each in NAMES[:-1]], kind="CTYUA")
    record = run(again)
    assert not any(name.startswith("authorities") for name in record.maps)
    assert any("Salford" in each for each in record.notes)


@pytest.mark.parametrize(
    ("names", "scope", "inset"),
    [
        ("North West", "North West", False),
        ("London", "London", False),
        ("England", "England", True),
    ],
)
def test_a_region_is_known_and_london_is_enlarged_where_it_is_small(names, scope, inset) -> None:
    places = authorities_in(area(names))
    assert _national_maps._scope(places).name == scope
    assert _national_maps._with_london(places) is inset
    assert _national_maps._scope(places[1:]) is None
