"""Builds without the work that most tests do not look at.

Maps for print hold their words and no drawing. The same published figures make a profile, and are
compared with those of the neighbours, once, and the same records are counted and audited once. The
pages for the web are made as ever. Tests of printed maps, and some of whole builds, draw.
"""

import contextlib
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from PIL import Image

from bolton_jsna import maps
from bolton_jsna.building import _disclosure_check, _local_counts, _tables
from bolton_jsna.maps.print import static
from bolton_jsna.maps.print._notes import notes_path

NAMES = ("static_choropleth", "static_bivariate", "save_figure")


def _words(_: Any, *columns: str, boundaries: Any, **words: Any) -> str:
    return "\n".join([*columns, *(f"{name}: {each}" for name, each in words.items()), ""])


def _saved(words: str, path: Path, **_: Any) -> Path:
    for each in (path, notes_path(path)):
        each.write_text(words, encoding="utf-8")
    return path


_compare = _tables.comparisons
_compared: dict[tuple[object, ...], Any] = {}


def compared_once(made_from: Any) -> Any:
    figures = pd.util.hash_pandas_object(made_from.children_in_need).to_numpy().tobytes()
    lists = (pd.util.hash_pandas_object(each).sum() for each in made_from.neighbours.values())
    asked = (made_from.place.code, figures, *lists)
    if asked not in _compared:
        _compared[asked] = _compare(made_from)
    return _compared[asked]


_profile = _tables.profile_of
_profiles: dict[tuple[object, ...], Any] = {}


def profiled_once(made_from: Any) -> Any:
    figures = pd.util.hash_pandas_object(made_from.indicators).to_numpy().tobytes()
    lists = (pd.util.hash_pandas_object(each).sum() for each in made_from.neighbours.values())
    asked = (made_from.place.code, figures, *lists)
    if asked not in _profiles:
        _profiles[asked] = _profile(made_from)
    return _profiles[asked].copy()


_count = _local_counts.tables_of_records
_counted: dict[tuple[object, ...], Any] = {}


def counted_once(
    records: Any, event: Any, years: list[int], lookup: Any, groups: Sequence[str]
) -> Any:
    """Count records, each table of records once."""
    cells = (pd.util.hash_pandas_object(each).to_numpy().tobytes() for each in (records, lookup))
    asked = (event, *years, *groups, *records.columns, *cells)
    if asked not in _counted:
        _counted[asked] = _count(records, event, years, lookup, groups)
    return dict(_counted[asked])


_audit = _disclosure_check.audit
_audited: dict[tuple[object, ...], Any] = {}


def audited_once(tables: Any, *, rule: Any, also: Any, dimensions: Any) -> Any:
    """Audit tables, the same ones under the same rule once."""
    given = [
        (name, *each.columns, pd.util.hash_pandas_object(each.astype(str)).to_numpy().tobytes())
        for frames in ({"now": pd.DataFrame()}, tables, {"before": pd.DataFrame()}, also)
        for name, each in frames.items()
    ]
    asked = (rule, *dimensions, *given)
    if asked not in _audited:
        _audited[asked] = _audit(tables, rule=rule, also=also, dimensions=dimensions)
    return _audited[asked].copy()


def count_once(patch: Any) -> None:
    """Let builds of this process compare, profile, count and audit the same figures once."""
    patch.setattr(_tables, "comparisons", compared_once)
    patch.setattr(_tables, "profile_of", profiled_once)
    patch.setattr(_local_counts, "tables_of_records", counted_once)
    patch.setattr(_disclosure_check, "audit", audited_once)


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
        patch.setattr(_tables, "comparisons", _compare)
        patch.setattr(_tables, "profile_of", _profile)
        patch.setattr(_local_counts, "tables_of_records", _count)
        patch.setattr(_disclosure_check, "audit", _audit)
        for name in NAMES:
            patch.setattr(maps, name, getattr(static, name))
        yield
