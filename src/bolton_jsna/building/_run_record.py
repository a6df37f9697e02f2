"""The record of a build: what was used, what was checked, what was made."""

from __future__ import annotations

import importlib.metadata
import json
import platform
from dataclasses import asdict, dataclass, field
from typing import Any

from bolton_jsna.building._stages import Stage
from bolton_jsna.core.errors import clean
from bolton_jsna.core.notebook import table_of_text
from bolton_jsna.core.version import __version__

_LIBRARIES = ("pandas", "numpy", "geopandas", "pyarrow", "scipy", "folium", "matplotlib")


def versions() -> dict[str, str]:
    """Return the versions of this library, Python and the libraries the figures rest on."""
    found = {"bolton-jsna": __version__, "python": platform.python_version()}
    return found | {name: importlib.metadata.version(name) for name in _LIBRARIES}


@dataclass(frozen=True)
class Check:
    """One check of a build and what it found."""

    name: str
    passed: bool
    found: str


@dataclass(frozen=True)
class RunRecord:
    """What one build did.

    Attributes
    ----------
    area, area_code : str
        The authority.
    workspace : str
        The folder built in.
    finished : str
        When it ended, UTC (ISO 8601).
    versions : dict
        Of this library, Python and the libraries the figures rest on.
    illustrative : bool
        Whether anything was made from illustrative local records.
    figures : dict
        The figures of the summary.
    sources : list of dict
        Publisher, edition, licence and fingerprint of everything used.
    checks : list of Check
        What was checked; a build with a failed check writes nothing.
    notes : list of str
        What a reader of the outputs must know.
    outputs : dict of str to str
        The sha256 of every file made, by its path in the workspace.
    options : dict
        The options of the build, without the area. Those that reveal the authority's own file are
        kept for the owner only (:mod:`bolton_jsna.building._rebuild_settings`).
    inputs : dict of str to str
        A mark of every file that the build may have read, from when the build began, without the
        authority's own; see :func:`bolton_jsna.building.fingerprints.inputs_of`.
    own_file : bool
        Whether it was made from a file of the authority.
    unprotected : str
        Why small numbers are not hidden; empty if they are hidden.
    accepted : str
        Why doubts about the local file were accepted; empty if there were none.
    kept : dict of str to str
        The sha256 of each chapter of an earlier build that was open and so was not replaced.
    stages : list of Stage
        Seconds and memory of each stage, if they were asked for.
    asides : list of str
        Exact numbers and row numbers for the screen of the person who builds. Never written.
    """

    area: str
    area_code: str
    workspace: str
    finished: str
    illustrative: bool
    figures: dict[str, Any]
    sources: list[dict[str, Any]]
    checks: list[Check]
    notes: list[str]
    outputs: dict[str, str]
    options: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    own_file: bool = False
    unprotected: str = ""
    accepted: str = ""
    versions: dict[str, str] = field(default_factory=versions)
    kept: dict[str, str] = field(default_factory=dict)
    stages: list[Stage] = field(default_factory=list)
    asides: list[str] = field(default_factory=list)

    # A notebook keeps what it shows, and is passed on: asides are not shown.
    def __repr__(self) -> str:
        from bolton_jsna.building.summary import summary

        if not self.figures:
            return f"{type(self).__name__}({self.area}, {len(self.outputs)} files)"
        return summary(self, asides=False)

    def _repr_html_(self) -> str:
        return table_of_text(repr(self)).to_html()

    def to_json(self) -> str:
        """Return the record as JSON text, without ``asides`` and the path of the workspace."""
        left = {"workspace", "asides"} | ({"stages"} if not self.stages else set())
        facts = {name: value for name, value in asdict(self).items() if name not in left}
        return clean(json.dumps(facts, indent=1, ensure_ascii=False, allow_nan=False)) + "\n"
