"""Tables, rates, comparisons and maps for the safeguarding chapter of a JSNA.

Public names are listed in ``__init__.pyi``. Each is imported when it is first used, so that
``import bolton_jsna`` is light.

Examples
--------
>>> import bolton_jsna as jsna
>>> jsna.area("Bolton").dfe_number
350
"""

from bolton_jsna.core.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
