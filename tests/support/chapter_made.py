"""The materials of chapters, from builds in a folder of their own."""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import replace

import pytest

import sketches
from bolton_jsna import maps
from bolton_jsna.building import _chapter, build

_made = {}


def materials(area="Bolton", **options):
    """Return what the sections of an authority's chapter are made from, built once."""
    asked = (area, *sorted(options.items()))
    if asked not in _made:
        with pytest.MonkeyPatch.context() as patch, kept(write=False) as found:
            sketches.count_once(patch)
            # Only the chapter draws: what a build writes into its folder of maps is not looked at.
            for name in ("save_map", "save_figure"):
                patch.setattr(maps, name, lambda *_: None)
            patch.setattr(maps, "layered_map", lambda *_, **__: None)
            build(area, workspace=tempfile.mkdtemp(), chapter="html", **options)
        _made[asked] = found[0]
    return _made[asked]


@contextlib.contextmanager
def kept(*, write=True):
    """Keep what the chapters of builds are made from, and write them or not."""
    found, before = [], _chapter.write

    def keep(given, *more):
        found.append(given)
        if write:
            before(given, *more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_chapter, "write", keep)
        yield found


def of_bolton(given):
    """Let others use the materials of Bolton's chapter that were made anyway."""
    _made.setdefault(("Bolton",), given)


def changed(given, *gone, missing=None, drawings=None, **tables):
    """The materials without some tables, or with others."""
    kept = {name: each for name, each in given.tables.items() if name not in gone}
    return replace(
        given,
        tables=kept | tables,
        missing=missing or {},
        drawings=given.drawings if drawings is None else drawings,
    )
