"""Builds without the work that most tests do not look at.

Maps for print hold their words and no drawing. The same published figures make a profile, a
projection and a comparison with the neighbours once, and the same records are counted, protected
and audited once. The pages for the web are made as ever. Tests of printed maps, and some of whole
builds, draw.
"""

import contextlib
import hashlib
import io
import pickle
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bolton_jsna import maps
from bolton_jsna.building import (
    _disclosure_check,
    _groups,
    _local_counts,
    _outputs,
    _projected_demand,
    _protected_counts,
    _tables,
    inputs,
)
from bolton_jsna.ingest import store
from bolton_jsna.maps.print import static
from bolton_jsna.maps.print._notes import notes_path
from bolton_jsna.site import profile_page

NAMES = ("static_choropleth", "static_bivariate", "save_figure")


def _words(_: Any, *columns: str, boundaries: Any, **words: Any) -> str:
    return "\n".join([*columns, *(f"{name}: {each}" for name, each in words.items()), ""])


def _saved(words: str, path: Path, **_: Any) -> Path:
    for each in (path, notes_path(path)):
        each.write_text(words, encoding="utf-8")
    return path


_done: dict[tuple[object, bytes], Any] = {}


def _once(what: object, given: object, do: Callable[[], Any]) -> Any:
    """Return what a function made of what is given, byte for byte, or make it."""
    asked = what, hashlib.blake2b(pickle.dumps(given, 5)).digest()
    if asked not in _done:
        _done[asked] = do()
    return _done[asked]


_compare = _tables.comparisons


def compared_once(made_from: Any) -> Any:
    """Compare an authority with others, the same figures once."""
    given = made_from.place, made_from.children_in_need, made_from.neighbours
    return _once(_compare, given, lambda: _compare(made_from))


_profile = _tables.profile_of


def profiled_once(made_from: Any) -> Any:
    """Make a profile, of the same figures once."""
    given = made_from.place, made_from.indicators, made_from.neighbours
    return _once(_profile, given, lambda: _profile(made_from)).copy()


_stand = _tables.among_authorities


def stand_once(made_from: Any) -> Any:
    """Find where an authority stands among all, by the same figures once."""
    given = made_from.place, made_from.authorities, made_from.children_in_need
    return _once(_stand, given, lambda: _stand(made_from)).copy()


_wards = _tables._ward_idaci


def wards_once(made_from: Any) -> Any:
    """Carry scores from LSOAs to wards, the same scores once."""
    given = made_from.idaci, made_from.lookup, made_from.wards
    return _once(_wards, given, lambda: _wards(made_from)).copy()


_add_up = _tables.children_to_areas


def added_up_once(children: Any, lookup: Any) -> Any:
    """Add up children of LSOAs by ward, the same ones once."""
    return _once(_add_up, (children, lookup), lambda: _add_up(children, lookup)).copy()


_children = inputs.small_area_children


def children_once(place: Any, *tables: Any, workspace: Any, **options: Any) -> Any:
    """Find the children of small areas, once where all that is read of a folder is the snapshot."""
    if (store.workspace_folder(workspace) / store.RAW).exists():
        return _children(place, *tables, workspace=workspace, **options)
    given = place, tables, sorted(options.items())
    made = _once(
        _children, given, lambda: _children(place, *tables, workspace=workspace, **options)
    )
    return made.copy()


_page_table = profile_page._table


def page_table_once(panel: Any, *words: str, neighbours: bool) -> Any:
    """Make the table of the page of a profile, of the same profile once."""
    given = panel, words, neighbours
    return _once(_page_table, given, lambda: _page_table(panel, *words, neighbours=neighbours))


_write = _outputs.write_tables


def written_once(tables: Any, folder: Path) -> list[Path]:
    """Write tables; the same table is turned into bytes once."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, table in tables.items():

        def made(name: str = name, table: Any = table) -> dict[str, bytes]:
            return {each.suffix: each.read_bytes() for each in _write({name: table}, folder)}

        for ending, content in _once(_write, table, made).items():
            written.append(folder / f"{name}{ending}")
            written[-1].write_bytes(content)
    return written


_join = _groups.joined


def joined_once(made_from: Any, event: Any, tables: Any, rule: Any) -> Any:
    """Join small groups of the same tables once."""
    given = made_from.place, made_from.children_in_need, made_from.local.category_is_latest
    found = _once(
        _join, (*given, event, tables, rule), lambda: _join(made_from, event, tables, rule)
    )
    return {name: table.copy() for name, table in found.items()}


_project = _projected_demand.projected_demand


def projected_once(made_from: Any, folder: Path) -> Any:
    """Project demand, of the same figures once; of the folder, a build reads nothing for it."""
    given = [made_from.place, made_from.projections]
    given += [made_from.rates_of(each) for each in _projected_demand.PROJECTED]
    return _once(_project, given, lambda: _project(made_from, folder)).copy()


_count = _local_counts.tables_of_records


def counted_once(
    records: Any, event: Any, years: list[int], lookup: Any, groups: Sequence[str]
) -> Any:
    """Count records, each table of records once."""
    given = records, event, years, lookup, groups
    return dict(_once(_count, given, lambda: _count(records, event, years, lookup, groups)))


_audit = _disclosure_check.audit


def audited_once(tables: Any, **options: Any) -> Any:
    """Audit tables, the same ones under the same rule once."""
    given = tables, sorted(options.items())
    return _once(_audit, given, lambda: _audit(tables, **options)).copy()


_suppress = _protected_counts.suppress


def suppressed_once(tables: Any, **options: Any) -> Any:
    """Hide small counts, those of the same tables under the same rule once."""
    given = tables, sorted(options.items())
    found = _once(_suppress, given, lambda: _suppress(tables, **options))
    return {name: table.copy() for name, table in found.items()}


_IN_PLACE = (
    (_tables, "comparisons", _compare, compared_once),
    (_tables, "profile_of", _profile, profiled_once),
    (_tables, "among_authorities", _stand, stand_once),
    (_tables, "_ward_idaci", _wards, wards_once),
    (_tables, "children_to_areas", _add_up, added_up_once),
    (inputs, "small_area_children", _children, children_once),
    (profile_page, "_table", _page_table, page_table_once),
    (_outputs, "write_tables", _write, written_once),
    (_groups, "joined", _join, joined_once),
    (_projected_demand, "projected_demand", _project, projected_once),
    (_local_counts, "tables_of_records", _count, counted_once),
    (_disclosure_check, "audit", _audit, audited_once),
    (_protected_counts, "suppress", _suppress, suppressed_once),
)


def count_once(patch: Any) -> None:
    """Let builds of this process work out the same figures once."""
    for module, name, _, once in _IN_PLACE:
        patch.setattr(module, name, once)


def dot() -> bytes:
    """Return a picture that costs nothing to draw or to read."""
    content = io.BytesIO()
    Image.new("RGB", (8, 8)).save(content, "PNG")
    return content.getvalue()


def dots(patch: Any) -> None:
    """Let chapters have dots for pictures."""
    from bolton_jsna.chapter import drawings

    for each in (drawings.ChartDrawing, drawings.MapDrawing):
        patch.setattr(each, "png", lambda _: dot())
        patch.setattr(each, "svg", lambda _: '<svg xmlns="http://www.w3.org/2000/svg"/>')


def put_in_place(patch: Any) -> None:
    """Let builds of this process write sketches."""
    count_once(patch)
    for name in NAMES:
        patch.setattr(maps, name, _saved if name == "save_figure" else _words)


@contextlib.contextmanager
def drawn() -> Iterator[None]:
    """Draw all the same, where a session's fixture is first asked for among sketches."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name, itself, _ in _IN_PLACE:
            patch.setattr(module, name, itself)
        for name in NAMES:
            patch.setattr(maps, name, getattr(static, name))
        yield
