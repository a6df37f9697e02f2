"""Leaflet 1.9.4 as text, without anything that it would load.

``third_party/`` has ``leaflet.js`` and ``leaflet.css`` as published (npm, ``leaflet@1.9.4``),
with their licence.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path

from bolton_jsna.core.errors import MissingDataError


@functools.cache
def script() -> str:
    """Return Leaflet's JavaScript, safe inside a ``<script>`` element."""
    text = re.sub(r"//# sourceMappingURL=.*", "", _read("leaflet.js"))
    return re.sub(r"</(?=script)", r"<\\/", text, flags=re.IGNORECASE).strip()


@functools.cache
def style() -> str:
    """Return Leaflet's style without images and rules for old versions of Internet Explorer."""
    text = re.sub(r"/\*.*?\*/", "", _read("leaflet.css"), flags=re.DOTALL)
    rules = re.findall(r"[^{}]+\{[^{}]*\}", text)
    kept = (re.sub(r"\s+", " ", rule).strip() for rule in rules if "url(" not in rule)
    return "\n".join(kept)


def _read(name: str) -> str:
    path = Path(__file__).with_name("third_party") / name
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise MissingDataError(
            f"{name!r} of this installation cannot be read ({error.strerror}). Install bolton-jsna "
            "again."
        ) from error
