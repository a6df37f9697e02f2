"""The tables of the chapter as a workbook, for Excel and as an OpenDocument spreadsheet."""
