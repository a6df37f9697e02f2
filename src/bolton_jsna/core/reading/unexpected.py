"""Turn any unexpected failure of a reader into one clear error."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from bolton_jsna.core.errors import BoltonJsnaError, SourceError

_P = ParamSpec("_P")
_R = TypeVar("_R")


def one_error(read: Callable[_P, _R]) -> Callable[_P, _R]:
    """Return a reader that raises only errors of this library; its first argument is the path."""
    # The message has the kind of the failure and its place in the code, so that it can be reported,
    # but not the text of the failure, which may quote the file.

    @functools.wraps(read)
    def caught(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return read(*args, **kwargs)
        except BoltonJsnaError:
            raise
        except MemoryError:
            what = "it needs more memory than is free"
        except Exception as error:
            if error.__traceback__ is None or error.__traceback__.tb_next is None:
                # Called with wrong arguments, not a fault of the file.
                raise
            what = f"it holds something unexpected ({_place(error)})"
        # Outside of the handler, so that nothing of the file comes with the error.
        raise SourceError(
            f"{_name(args, kwargs)!r} cannot be read: {what}. Check what kind of file it is, and "
            "save or download it again."
        )

    return caught


def _name(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    given = args[0] if args else kwargs.get("path", "")
    return Path(given).name if isinstance(given, str | Path) else "the file"


def _place(error: Exception) -> str:
    at = error.__traceback__
    place = ""
    while at is not None:
        module = str(at.tb_frame.f_globals.get("__name__", ""))
        if module.startswith("bolton_jsna"):
            place = f"{module.rpartition('.')[2]}, line {at.tb_lineno}"
        at = at.tb_next
    return f"{type(error).__name__} in {place}"
