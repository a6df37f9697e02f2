"""Draw maps for the web and for print.

Public names are listed in ``__init__.pyi``. Each is imported when it is first used, so that
folium and matplotlib are loaded only when a map is drawn.
"""

from bolton_jsna.core.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
