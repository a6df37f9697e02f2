"""The services of the ONS Open Geography Portal by layer, and how to find a renamed one."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final, Literal

from bolton_jsna.core.errors import SourceError, choice

Resolution = Literal["BFC", "BFE", "BGC", "BSC"]
RESOLUTIONS: Final = ("BGC", "BSC", "BFC", "BFE")

_KIND: Final = re.compile(r"([a-z]+)(\d\d)")


@dataclass(frozen=True)
class PortalLayer:
    """A layer of the portal, and how to find it.

    Attributes
    ----------
    title : str
        Its name in messages.
    field : str
        The beginning of the field with its codes, such as ``WD23``.
    names : tuple of str
        Services that are known to have it, the best first.
    patterns : tuple of re.Pattern
        What other names of its service look like.
    through : tuple of (str, str)
        Lookups (of, to) from an authority to its codes, if the layer has no authorities.
    shapes : bool
        Whether it has boundaries.
    """

    title: str
    field: str
    names: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]
    through: tuple[tuple[str, str], ...] = ()
    shapes: bool = True


def boundaries(
    kind: Literal["wards", "lsoas"],
    year: int,
    *,
    resolution: Resolution = "BGC",
) -> PortalLayer:
    """Return how to find the boundaries of wards or LSOAs of a year."""
    choice("kind", kind, ("wards", "lsoas"))
    choice("resolution", resolution, RESOLUTIONS)
    facts = {**_known()[kind], **_known()[kind].get("since", {}).get(str(year), {})}
    put = functools.partial(_put, year=year, resolution=resolution)
    names = [put(each) for each in facts["names"].get(str(year), ())]
    names = [each for each in names if re.search(rf"(^|_){resolution}(_|$)", each)]
    called = {"lsoas": "LSOAs"}.get(kind, kind)
    return PortalLayer(
        title=f"{called} of {year} ({resolution})",
        field=put(facts["kind"]),
        names=tuple(names),
        patterns=tuple(re.compile(put(each), re.IGNORECASE) for each in facts["patterns"]),
        through=tuple((put(of), put(to)) for of, to in facts["through"]),
    )


def lookup(of: str, to: str) -> PortalLayer:
    """Return how to find the lookup from small areas to larger ones."""
    facts = _known()["lookups"]
    tokens = [_token(each) for each in (of, to)]
    by_codes = "".join(rf"(?=.*(?:^|_){each}(?:_|$))" for each in tokens)
    patterns = [rf"{by_codes}{tokens[0]}_.*_LU(_?v\d+)?(_[A-Za-z]{{3}})?(_[0-9a-f]{{32}})?"]
    if {of[:-2], to[:-2]} <= facts["words"].keys():
        patterns.append(_in_words(of, to, facts["words"]))
    return PortalLayer(
        title=f"lookup from {of} to {to}",
        field=tokens[0],
        names=tuple(facts["names"].get(of, {}).get(to, ())),
        patterns=tuple(re.compile(each, re.IGNORECASE) for each in patterns),
        shapes=False,
    )


def find(layer: PortalLayer, services: Iterable[str]) -> tuple[str, ...]:
    """Return the services of the portal's list that may have a layer, the most likely first."""
    # Known names come first, in their order. Then names that fit a pattern: UK before Great
    # Britain, names with fewer parts before others, the highest version first.
    listed = tuple(dict.fromkeys(services))
    named = [each for each in layer.names if each in listed]
    fitting = [
        each
        for each in listed
        if each not in named and any(pattern.fullmatch(each) for pattern in layer.patterns)
    ]
    return (*named, *sorted(fitting, key=functools.partial(_rank, names=layer.names)))


def _rank(name: str, names: Sequence[str]) -> tuple[int, int, int, int, str]:
    version = re.search(r"_?v(\d+)(?:_|$)", name, re.IGNORECASE)
    stem = re.sub(r"_?v\d+(?=_|$)", "", name, flags=re.IGNORECASE).casefold().rstrip("_")
    known = [re.sub(r"_?v\d+(?=_|$)", "", each, flags=re.IGNORECASE).casefold() for each in names]
    nearest = known.index(stem) if stem in known else len(known)
    return (
        nearest,
        "_GB_" in name,
        name.count("_") + name.endswith("_"),
        -int(version[1]) if version else 0,
        name,
    )


def _token(kind: str) -> str:
    found = _KIND.fullmatch(kind)
    if not found:
        raise SourceError(
            f"The catalogue asks for a lookup of {kind!r}. Expected a kind and two digits of the "
            "year, such as 'lsoa21', 'ward24' or 'lad24'; correct the catalogue."
        )
    return f"{'WD' if found[1] == 'ward' else found[1].upper()}{found[2]}"


def _in_words(of: str, to: str, words: dict[str, list[str]]) -> str:
    parts = []
    for kind in (of, to):
        found = _KIND.fullmatch(kind)
        assert found  # noqa: S101 (_token has rejected any other)
        names = "|".join(map(re.escape, words[found[1]]))
        parts.append(rf"(?=.*(?:^|_)(?:{names})_)(?=.*20{found[2]})")
    return rf"{''.join(parts)}(?:{'|'.join(map(re.escape, words[of[:-2]]))})_.*(?:Lookup|_in_).*"


def _put(text: str, *, year: int, resolution: str) -> str:
    """Fill in a name or a pattern; ``{32}`` of a regular expression stays."""
    for place, value in (("year", year), ("yy", f"{year % 100:02d}"), ("resolution", resolution)):
        text = text.replace(f"{{{place}}}", str(value))
    return text


@functools.cache
def _known() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("arcgis_layers.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
