"""The file next to the text of the authors: how to write it, and the headings it can have."""

from __future__ import annotations

from typing import Final

from bolton_jsna.chapter.contents import PARTS

# Nothing is indented: text that is copied with four spaces before it would be a block of code.
_HOW: Final = """\
YOUR OWN TEXT IN THE CHAPTER

Put your text into files in this folder. Each new chapter has it again, and
your files are never changed. This file is not part of the chapter.

1. In Notepad, or another editor of plain text, write a line with # and a
   heading from the list below, an empty line, and then your text.
2. Save it in this folder with a name that ends in .md, such as services.md.
   In Notepad: File > Save as, Save as type: All files, Encoding: UTF-8.
   Files with another ending are not read.
3. Write the chapter again with the command that you used before.

An example:

# Current services in relation to need

The early help offer **changed in 2024**: see
[the council's page](https://www.bolton.gov.uk/).

- family hubs in six places
- a new front door

(End of the example.) One file can have several headings. Your text goes before
the figures of the section or part. A heading that is not in the list becomes a
section of your own. You can use paragraphs, lists, bold, italic and links, as
above, but no tables and no pictures: add those to the Word file at the very end.

Headings of sections (#) and of their parts (##):
"""


def guide() -> str:
    """Return how to write own text, with the headings of all sections and of their parts."""
    lines = [_HOW]
    for section, parts in PARTS.items():
        lines += [f"# {section}", *(f"## {each}" for each in parts), ""]
    return "\n".join(lines)
