"""JSON as values, within the limit of memory."""

from __future__ import annotations

import json
from typing import Any, Final

from bolton_jsna.core.reading import delimited, limits

# Bytes of memory that each mark of JSON may need.
_WEIGHTS: Final = ((b"[", 72), (b"{", 232), (b",", 40), (b'"', 32))


def json_value(content: bytes, name: str) -> Any:
    """Return the values of a JSON text; NaN and Infinity are accepted."""
    content = delimited.as_utf8(content)
    size = len(content) + sum(content.count(mark) * weight for mark, weight in _WEIGHTS)
    limits.check(name, size, limits.OBJECTS, "bytes of memory", "parts that need more than")
    try:
        return json.loads(content.decode("utf-8"))
    except RecursionError:
        pass
    raise ValueError("it is nested too deeply")
