"""The notes of a printed map as a text file next to it: all that is not on the print."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bolton_jsna.maps._spec import ILLUSTRATIVE, MapSpec


def notes_path(picture: Path) -> Path:
    """Return the file of the notes of a picture, the same for its PNG, SVG and PDF."""
    return picture.with_name(f"{picture.stem}_notes.txt")


def notes_text(spec: MapSpec) -> str:
    """Return the title of a map, the map in words, its notes and its sources, with headings."""
    made_up = f"{ILLUSTRATIVE}: made up" if spec.illustrative else ""
    parts = ["\n".join(filter(None, (spec.title, spec.subtitle, made_up)))]
    for heading, lines in _sections(spec):
        if lines:
            parts.append("\n".join((heading, "-" * len(heading), "\n\n".join(lines))))
    return "\n\n".join(parts) + "\n"


def _sections(spec: MapSpec) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "The map in words", (spec.description,)
    for layer in spec.layers:
        heading = "How to read the colours"
        if len(spec.layers) > 1:
            heading += f": {layer.title}"
        yield heading, layer.notes
    yield "Notes", spec.notes
    yield "Sources", spec.sources
