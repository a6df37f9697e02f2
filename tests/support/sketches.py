"""Maps for print that hold their words and no drawing: drawing is half of what a build takes.

The pages for the web are made as ever. Tests of printed maps, and some of whole builds, draw.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bolton_jsna import maps
from bolton_jsna.maps.print import static
from bolton_jsna.maps.print._notes import notes_path

NAMES = ("static_choropleth", "static_bivariate", "save_figure")


def _words(_: Any, *columns: str, boundaries: Any, **words: Any) -> str:
    return "\n".join([*columns, *(f"{name}: {each}" for name, each in words.items()), ""])


def _saved(words: str, path: Path, **_: Any) -> Path:
    for each in (path, notes_path(path)):
        each.write_text(words, encoding="utf-8")
    return path


def put_in_place(patch: Any) -> None:
    """Let builds of this process write sketches."""
    for name in NAMES:
        patch.setattr(maps, name, _saved if name == "save_figure" else _words)


@contextlib.contextmanager
def drawn() -> Iterator[None]:
    """Draw all the same, where a session's fixture is first asked for among sketches."""
    with pytest.MonkeyPatch.context() as patch:
        for name in NAMES:
            patch.setattr(maps, name, getattr(static, name))
        yield
