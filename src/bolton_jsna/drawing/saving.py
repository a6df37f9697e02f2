"""Figures as the bytes of a picture: the same figure gives the same bytes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from bolton_jsna.drawing.matplotlib_setup import own_drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@own_drawing
def picture(figure: Figure, kind: str, *, dpi: int = 300) -> bytes:
    """Return a figure as ``png``, ``svg`` or ``pdf``, its title and description stored in it."""
    content = io.BytesIO()
    figure.savefig(content, format=kind, dpi=dpi, metadata=_metadata(figure, kind))
    data = content.getvalue()
    if kind == "svg":
        # Verdana is as wide as DejaVu Sans, for readers who do not have that.
        data = data.replace(b"'DejaVu Sans'", b"'DejaVu Sans', Verdana, sans-serif")
    return data


def _metadata(figure: Figure, kind: str) -> dict[str, Any]:
    spec = getattr(figure, "spec", None)
    title, words = (spec.title, spec.description) if spec is not None else ("", "")
    if kind == "png":
        return {"Software": None, "Title": title, "Description": words}
    if kind == "svg":
        return {"Date": None, "Title": title, "Description": words, "Language": "en-GB"}
    return {"CreationDate": None, "Title": title, "Subject": words}
