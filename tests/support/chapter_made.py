"""The materials of chapters, from builds in a folder of their own."""

from __future__ import annotations

import functools
import tempfile
from dataclasses import replace
from unittest import mock

from bolton_jsna.building import _chapter, build


@functools.cache
def materials(area="Bolton", **options):
    """Return what the sections of an authority's chapter are made from, built once."""
    found = []

    def keep(given, *_):
        found.append(given)

    with mock.patch.object(_chapter, "write", keep):
        build(area, workspace=tempfile.mkdtemp(), chapter="html", **options)
    return found[0]


def changed(given, *gone, missing=None, drawings=None, **tables):
    """The materials without some tables, or with others."""
    kept = {name: each for name, each in given.tables.items() if name not in gone}
    return replace(
        given,
        tables=kept | tables,
        missing=missing or {},
        drawings=given.drawings if drawings is None else drawings,
    )
