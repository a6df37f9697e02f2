"""The chapter as a workbook: a cover, contents, notes, and one table a sheet."""

from bolton_jsna.chapter.workbook._ods import to_ods
from bolton_jsna.chapter.workbook._xlsx import to_xlsx

__all__ = ["to_ods", "to_xlsx"]
