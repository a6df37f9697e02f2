"""Tables, rates, comparisons and maps for the safeguarding chapter of a JSNA.

Public names are listed in ``__init__.pyi``. Each is imported when it is first used, so that
``import bolton_jsna`` is light.

Examples
--------
>>> import bolton_jsna as jsna
>>> jsna.area("Bolton").dfe_number
350
"""

import lazy_loader

from bolton_jsna.core.version import __version__

__getattr__, _, _names = lazy_loader.attach_stub(__name__, __file__)
__all__ = sorted([*_names, "__version__"])  # noqa: PLE0605 (a list, sorted once)


def __dir__() -> list[str]:
    return __all__
