"""A chart for print: its drawing with title, legend, notes and sources, by matplotlib."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.charts import _layout
from bolton_jsna.charts._legend import legend_shapes
from bolton_jsna.charts._shapes import Box, Drawing, Path, Shape, Words
from bolton_jsna.charts._spec import ChartSpec
from bolton_jsna.charts._words import source_line
from bolton_jsna.drawing import canvas, palettes
from bolton_jsna.drawing.canvas import Canvas, TextBlock, wrapped
from bolton_jsna.drawing.matplotlib_setup import own_drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH: Final = 6.3
"""Inches: the text of an A4 page with usual margins."""

_SIZE: Final = 8.5
_EDGE: Final = 0.08
_ILLUSTRATIVE: Final = "Illustrative figures"


@own_drawing
def figure(spec: ChartSpec, *, width: float = WIDTH) -> Figure:
    """Return a chart as a figure of matplotlib, ``width`` inches wide."""
    inner = width - 2 * _EDGE
    drawing = _layout.laid_out(spec, inner * 72, size=_SIZE)
    legend = legend_shapes(spec.legend, inner * 72, size=_SIZE)
    head = _head(spec, inner)
    foot = _foot(spec, inner)
    tall = (
        2 * _EDGE
        + sum(each.height for each in (*head, *foot))
        + (drawing.height + legend.height) / 72
    )
    page = Canvas(width, tall)
    # The title and the text alternative are stored in the file, and notebooks show them.
    setattr(page.figure, "spec", spec)  # noqa: B010 (a figure of matplotlib has no such field)
    top = tall - _EDGE
    top = _written(page, head, top)
    if legend.height:
        _draw(page, legend, _EDGE, top)
        top -= legend.height / 72
    _draw(page, drawing, _EDGE, top)
    _written(page, foot, top - drawing.height / 72)
    return page.figure


def _head(spec: ChartSpec, width: float) -> list[TextBlock]:
    blocks = []
    if spec.illustrative:
        blocks.append(TextBlock([_ILLUSTRATIVE], 8.5, badge=True, gap=0.08))
    blocks.append(wrapped(spec.title, width, 11, bold=True, gap=0.03))
    blocks.append(wrapped(spec.subtitle, width, 9, colour="muted", gap=0.1))
    return [each for each in blocks if each.lines]


def _foot(spec: ChartSpec, width: float) -> list[TextBlock]:
    blocks = [wrapped(text, width, 8, gap=0.03) for text in spec.notes]
    if spec.sources:
        blocks.append(wrapped(source_line(spec.sources), width, 8, colour="muted"))
    return blocks


def _written(page: Canvas, blocks: Iterable[TextBlock], top: float) -> float:
    for block in blocks:
        block.draw(page, _EDGE, top)
        top -= block.height
    return top


def _draw(page: Canvas, drawing: Drawing, left: float, top: float) -> None:
    """Draw shapes with their upper left corner there."""
    from matplotlib.patches import Rectangle

    shapes: list[Shape] = [*drawing.under]
    shapes += [shape for each in drawing.figures for shape in each.shapes]
    shapes += drawing.over

    def place(x: float, y: float) -> tuple[float, float]:
        return left + x / 72, top - y / 72

    for order, shape in enumerate(shapes):
        if isinstance(shape, Path):
            _path(page, shape, [place(*each) for each in shape.points], order)
        elif isinstance(shape, Box):
            corner = place(shape.x, shape.y + shape.height)
            size = (shape.width / 72, shape.height / 72)
            if shape.status:
                paint = palettes.state(shape.status)
                page.add(Rectangle(corner, *size, **canvas.fill(paint), zorder=2 + order / 1e4))
                page.add(
                    Rectangle(
                        corner,
                        *size,
                        fill=False,
                        ec=palettes.line("axis"),
                        lw=0.5,
                        zorder=2 + order / 1e4,
                    )
                )
            else:
                stroke = shape.stroke
                page.add(
                    Rectangle(
                        corner,
                        *size,
                        facecolor=shape.fill or "none",
                        edgecolor=stroke.colour if stroke else "none",
                        linewidth=stroke.width if stroke else 0,
                        zorder=2 + order / 1e4,
                    )
                )
        else:
            _words(page, shape, place(shape.x, shape.y), order)


def _path(page: Canvas, shape: Path, points: Sequence[tuple[float, float]], order: int) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Polygon

    stroke, zorder = shape.stroke, 2 + order / 1e4
    if shape.closed:
        page.add(
            Polygon(
                points,
                closed=True,
                facecolor=shape.fill or "none",
                edgecolor=stroke.colour if stroke else "none",
                linewidth=stroke.width if stroke else 0,
                joinstyle="round",
                zorder=zorder,
            )
        )
        return
    if stroke is None:
        return
    style: Any = "-"
    if stroke.dash:
        style = (0, tuple(each / stroke.width for each in stroke.dash))
    xs, ys = zip(*points, strict=True)
    page.add(
        Line2D(
            xs,
            ys,
            color=stroke.colour,
            linewidth=stroke.width,
            linestyle=style,
            solid_capstyle="butt",
            dash_capstyle="butt",
            solid_joinstyle="round",
            zorder=zorder,
        )
    )


def _words(page: Canvas, shape: Words, at: tuple[float, float], order: int) -> None:
    from matplotlib import patheffects

    options: dict[str, Any] = {}
    if shape.halo:
        edge = patheffects.withStroke(linewidth=2.2, foreground=palettes.line("page"))
        options["path_effects"] = [edge]
    page.text(
        *at,
        shape.text,
        shape.size,
        va="baseline",
        ha={"start": "left", "middle": "center", "end": "right"}[shape.anchor],
        weight="bold" if shape.bold else "normal",
        color=shape.colour,
        zorder=3 + order / 1e4,
        **options,
    )
