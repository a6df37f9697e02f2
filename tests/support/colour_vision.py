"""The visible difference of colours (CIEDE2000), also with colour-vision deficiencies.

References
----------
Sharma, Wu and Dalal (2005), "The CIEDE2000 color-difference formula". Machado, Oliveira and
Fernandes (2009), "A physiologically-based model for simulation of color vision deficiency",
matrices of severity 1.0.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable
from importlib import resources
from typing import Final, Literal

from bolton_jsna.drawing.palettes import linear_rgb

Vision = Literal["normal", "protanopia", "deuteranopia", "tritanopia"]
Triple = tuple[float, float, float]

# Machado et al. 2009, severity 1.0; they act on linear RGB.
MATRICES: Final[dict[str, tuple[Triple, Triple, Triple]]] = {
    "normal": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
_XYZ: Final = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
_WHITE: Final = (0.95047, 1.0, 1.08883)  # D65


def _apply(matrix: tuple[Triple, Triple, Triple], vector: Triple) -> Triple:
    first, second, third = (
        sum(factor * part for factor, part in zip(row, vector, strict=True)) for row in matrix
    )
    return first, second, third


def lab(colour: str, vision: Vision = "normal") -> Triple:
    """Return L*, a*, b* (D65) of a colour as it appears with that vision."""
    seen = _apply(MATRICES[vision], linear_rgb(colour))
    clipped = (min(max(seen[0], 0), 1), min(max(seen[1], 0), 1), min(max(seen[2], 0), 1))
    x, y, z = (
        _root(part / white) for part, white in zip(_apply(_XYZ, clipped), _WHITE, strict=True)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _root(ratio: float) -> float:
    return float(math.cbrt(ratio)) if ratio > 216 / 24389 else (24389 / 27 * ratio + 16) / 116


def difference(one: str, other: str, vision: Vision = "normal") -> float:
    """Return the CIEDE2000 difference of two colours; about 2.3 is just noticeable side by side."""
    return ciede2000(lab(one, vision), lab(other, vision))


def ciede2000(one: Triple, other: Triple) -> float:
    """Return the CIEDE2000 difference of two colours given as L*, a*, b*."""
    mean_chroma = (math.hypot(*one[1:]) + math.hypot(*other[1:])) / 2
    stretch = 1.5 - 0.5 * math.sqrt(mean_chroma**7 / (mean_chroma**7 + 25**7))
    chroma1, chroma2 = (
        math.hypot(one[1] * stretch, one[2]),
        math.hypot(other[1] * stretch, other[2]),
    )
    hue1 = math.degrees(math.atan2(one[2], one[1] * stretch)) % 360
    hue2 = math.degrees(math.atan2(other[2], other[1] * stretch)) % 360
    grey = chroma1 * chroma2 == 0
    turn, hue = _between(hue1, hue2) if not grey else (0.0, hue1 + hue2)
    light, chroma = (one[0] + other[0]) / 2, (chroma1 + chroma2) / 2
    weight = (
        1
        - 0.17 * math.cos(math.radians(hue - 30))
        + 0.24 * math.cos(math.radians(2 * hue))
        + 0.32 * math.cos(math.radians(3 * hue + 6))
        - 0.20 * math.cos(math.radians(4 * hue - 63))
    )
    by_light = (other[0] - one[0]) / (
        1 + 0.015 * (light - 50) ** 2 / math.sqrt(20 + (light - 50) ** 2)
    )
    by_chroma = (chroma2 - chroma1) / (1 + 0.045 * chroma)
    by_hue = (2 * math.sqrt(chroma1 * chroma2) * math.sin(math.radians(turn / 2))) / (
        1 + 0.015 * chroma * weight
    )
    rotation = (
        -2
        * math.sqrt(chroma**7 / (chroma**7 + 25**7))
        * math.sin(math.radians(60 * math.exp(-(((hue - 275) / 25) ** 2))))
    )
    return math.sqrt(
        max(by_light**2 + by_chroma**2 + by_hue**2 + rotation * by_chroma * by_hue, 0.0)
    )


def _between(one: float, other: float) -> tuple[float, float]:
    """The shorter turn from one hue to the other and the hue half way, in degrees."""
    turn, middle = other - one, (one + other) / 2
    # Rounding must not decide the direction of half a turn.
    if abs(turn) <= 180 + 1e-9:
        return turn, middle
    return turn - math.copysign(360, turn), (middle + 180) % 360


def smallest_difference(pairs: Iterable[tuple[str, str]]) -> float:
    """Return the smallest CIEDE2000 difference of pairs of colours over all four visions."""
    return min(difference(one, other, vision) for one, other in pairs for vision in MATRICES)  # type: ignore[arg-type]


def threshold(kind: str) -> float:
    """Return the smallest CIEDE2000 difference that the palettes of a kind must have."""
    return float(_palettes()["thresholds"][kind])


def palette_names(kind: str) -> tuple[str, ...]:
    """Return the names of the palettes of a kind."""
    return tuple(_palettes()[kind])


def _palettes() -> dict:
    text = resources.files("bolton_jsna.drawing").joinpath("palettes.toml").read_text("utf-8")
    return tomllib.loads(text)
