"""Draw maps for the web and for print.

Public names are listed in ``__init__.pyi``. Each is imported when it is first used, so that
folium and matplotlib are loaded only when a map is drawn.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
