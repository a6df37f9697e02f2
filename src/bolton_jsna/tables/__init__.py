"""Readers that turn published files into tidy tables; one module per subject.

A subject is imported when it is first used: ``bolton_jsna.tables.idaci.read(path)``.
"""

from bolton_jsna.core.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
