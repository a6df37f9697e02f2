"""Read a section as a sceptical reader does: each figure must be in the row that it names.

It shares no code with the sections. ``facts`` has for each id the row of the build's tables.
"""

from __future__ import annotations

from bolton_jsna.chapter.citations import KEYS
from bolton_jsna.chapter.document import Bullets, Figure, Paragraph, Table
from sentence_reader import FIXED, NUMBER, figures, is_printed

LEVEL = 95.0
"""The level of every interval, which no row has."""


def facts(given):
    """Each row of the tables of a build by its id; an id of two rows is a fault."""
    found = {}
    for name, columns in KEYS.items():
        table = given.tables.get(name)
        for row in [] if table is None else table.to_dict(orient="records"):
            one = f"{name}:{'/'.join(str(row[each]) for each in columns)}"
            assert one not in found, f"two rows have the id {one}"
            found[one] = row
    return found


def below(section):
    """A section and all that is below it."""
    yield section
    for each in section.sections:
        yield from below(each)


def blocks(section):
    """Every block of a section and of its parts."""
    return [block for each in below(section) for block in each.blocks]


def paragraphs(section, role=None):
    """Every paragraph, those of lists too, or those of one role."""
    found = []
    for block in blocks(section):
        if isinstance(block, Paragraph):
            found.append(block)
        elif isinstance(block, Bullets):
            found += block.items
    return [each for each in found if role in (None, each.role)]


def tables(section):
    """Every table by its key."""
    return {each.key: each for each in blocks(section) if isinstance(each, Table)}


def part(section, key):
    """The part with a key."""
    (found,) = (each for each in below(section) if each.key == key)
    return found


def text(section, role=None):
    """The words of all paragraphs."""
    return "\n".join(each.text for each in paragraphs(section, role))


def faults(section, rows):
    """What the rows do not bear out, and what no row is named for."""
    found = []
    for each in paragraphs(section):
        for span in each.spans:
            lost = [one for one in span.rows if one not in rows]
            found += [f"unknown {one}: {span.text}" for one in lost]
            if span.rows and not lost:
                found += _numbers(span.text, [rows[one] for one in span.rows])
    for key, table in tables(section).items():
        if not table.ids:
            found.append(f"{key} names no rows")
        for line, one in zip(table.rows, table.ids, strict=True):
            if one not in rows:
                found.append(f"{key}: unknown {one}")
                continue
            for cell in line:
                if cell.value is not None:
                    found += _numbers(cell.text, [rows[one]])
    return found


def _numbers(words, rows):
    for pattern, plain in FIXED:
        words = pattern.sub(plain, words)
    given = [LEVEL, *(number for row in rows for number in figures(row))]
    return [
        f"{each} is in no row of: {words}"
        for each in NUMBER.findall(words)
        if not any(is_printed(each.rstrip(","), number) for number in given)
    ]


def out_of_place(section):
    """Figures that are not followed by the table that has their figures."""
    found = []
    for each in below(section):
        for at, block in enumerate(each.blocks):
            if isinstance(block, Figure):
                after = each.blocks[at + 1] if at + 1 < len(each.blocks) else None
                if not isinstance(after, Table) or after.key != block.table:
                    found.append(block.key)
    return found


def twice(section, roles=("caution", "note", "missing")):
    """Sentences of cautions and notes that are written more than once."""
    spans = [
        span.text
        for each in paragraphs(section)
        if each.role in roles
        for span in each.spans
        if span.text.strip() and not span.text.endswith(":")
    ]
    return sorted({each for each in spans if spans.count(each) > 1})
