"""A figure of matplotlib that notebooks show as it is printed, with its description."""

from __future__ import annotations

import io
from typing import Any, Final

from matplotlib.figure import Figure

from bolton_jsna.drawing.matplotlib_setup import own_drawing

_INCH: Final = 96
"""Pixels of an inch on a page of HTML, so that a figure is shown at its printed size."""

_SHARP: Final = 1.5
"""Dots of the picture for each of these pixels."""


class ShownFigure(Figure):
    """A figure that is the value of a cell of a notebook is shown, once, as a PNG.

    It is no figure of pyplot, which would show it a second time and keep it in memory. If its
    maker sets ``spec`` with a ``title`` and a ``description``, they become its name and the text
    for readers who cannot see it.

    Attributes
    ----------
    repeated : tuple of float
        The parts of the height, at the top and at the foot, that have nothing but the title, notes
        and sources. A document that has them in its text leaves them out.
    """

    repeated: tuple[float, float] = (0.0, 0.0)

    @own_drawing
    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, bytes], dict[str, dict[str, Any]]]:
        content = io.BytesIO()
        self.savefig(content, format="png", dpi=_INCH * _SHARP, metadata={"Software": None})
        spec = getattr(self, "spec", None)
        shown: dict[str, Any] = {"width": round(self.get_figwidth() * _INCH)}
        if spec is not None:
            shown |= {"alt": f"{spec.title}. {spec.description}"}
        return {"image/png": content.getvalue()}, {"image/png": shown}

    def __repr__(self) -> str:
        size = " x ".join(f"{each * 25.4:.0f}" for each in self.get_size_inches())
        title = getattr(getattr(self, "spec", None), "title", "")
        name = f"{title!r}, " if title else ""
        return f"<Figure for print: {name}{size} mm; save_figure(figure, 'map.png') writes it>"
