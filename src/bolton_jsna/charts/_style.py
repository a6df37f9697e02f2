"""How roles look: colours from the palettes, dashes, and the shapes of dots."""

from __future__ import annotations

import math
from typing import Final

from bolton_jsna.charts._shapes import Path, Stroke
from bolton_jsna.charts._spec import Role
from bolton_jsna.drawing import palettes

_STRENGTHS: Final = {"light": 0.16, "middle": 0.32, "strong": 0.55}

WIDE: Final[tuple[Role, ...]] = ("subject", "first", "second", "third", "fourth", "fifth", "sixth")
"""Roles whose lines are thick."""


def colour(role: Role) -> str:
    """Return the colour of a role."""
    return palettes.role(role)


def tint(role: Role, strength: str) -> str:
    """Return the colour of a role mixed with the page, as a band has it."""
    share = _STRENGTHS[strength]
    parts = (int(colour(role)[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * share):02x}" for part in parts)


def dot(
    x: float, y: float, size: float, role: Role, shape: str, *, hollow: bool
) -> tuple[Path, ...]:
    """Return a dot as shapes, with a white edge that parts it from what lies below."""
    outline = _outline(x, y, size / 2, shape)
    ink = colour(role)
    edge = Stroke(palettes.line("page"), size / 4)
    inner = Stroke(ink, size / 5)
    return (
        Path(outline, edge, palettes.line("page"), closed=True),
        Path(outline, inner, palettes.line("page") if hollow else ink, closed=True),
    )


def _outline(x: float, y: float, half: float, shape: str) -> tuple[tuple[float, float], ...]:
    if shape == "circle":
        turns = (2 * math.pi * each / 24 for each in range(24))
        return tuple((x + half * math.cos(each), y + half * math.sin(each)) for each in turns)
    corners = {
        "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
        "diamond": ((0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)),
        "triangle": ((0, -1.15), (1.1, 0.85), (-1.1, 0.85)),
        "triangle_down": ((0, 1.15), (1.1, -0.85), (-1.1, -0.85)),
    }[shape]
    return tuple((x + half * across, y + half * down) for across, down in corners)
