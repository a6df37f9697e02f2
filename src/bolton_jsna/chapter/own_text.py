"""Paragraphs of the authors, written in Markdown, as blocks of the document by section.

A heading that is the title (or key) of a section puts the text below it into that section. Any
other heading is a section of the authors' own: inside the section above it if it is deeper, else
before the last three sections of the chapter. Below a heading of the authors, a short name such as
"Summary" is a heading of their own, too: only a whole title leads out of it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from bolton_jsna.chapter._markdown import Piece, pieces
from bolton_jsna.chapter.document import Block, Paragraph, Section
from bolton_jsna.chapter.materials import OwnText
from bolton_jsna.core.errors import short

_LIKE: Final = 0.75  # of two headings, as difflib measures it
_COUNTED: Final = re.compile(r"^((section|part|chapter)\s+)?(\d[\d.\s]*|([ivx]+|[a-z])\s+)?")
"""What numbers a heading, once its punctuation is gone."""


@dataclass
class _Part:
    """What stands below one heading, as it is gathered."""

    title: str
    level: int
    key: str
    written: bool = True
    blocks: list[Block] = field(default_factory=list)
    parts: list[_Part] = field(default_factory=list)

    def has_text(self) -> bool:
        """Return whether there is text below the heading or a deeper one."""
        return bool(self.blocks) or any(each.has_text() for each in self.parts)


@dataclass
class _Gathered:
    """The text of all files, by section; what is below other headings, and remarks on these."""

    titles: Mapping[str, str]
    matched: dict[str, list[Block]] = field(default_factory=dict)
    inside: dict[str, list[_Part]] = field(default_factory=dict)
    others: list[_Part] = field(default_factory=list)
    unknown: list[tuple[_Part, str, str]] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def read(self, name: str, text: str) -> None:
        """Add the text of a file."""
        whole = {_plain(title): key for key, title in self.titles.items()}
        known = {_plain(key): key for key in self.titles} | whole
        found, doubts = pieces(name, text)
        self.doubts += doubts
        self.doubts += [each for piece in found for each in _like_headings(piece, name, known)]
        if not any(each.blocks for each in found):
            self.doubts.append(f"{name} has no text, so nothing of it is in the chapter.")
            return
        above: list[_Part] = []
        for piece in found:
            while above and above[-1].level >= piece.level:
                above.pop()
            inner = any(each.key or each.blocks for each in above)
            key = (whole if inner else known).get(_plain(piece.title), "")
            title = self.titles[key] if key else piece.title
            part = _Part(title, piece.level, key, piece.written, piece.blocks)
            if key:
                self.matched.setdefault(key, []).extend(piece.blocks)
                above = [part]
            else:
                self._put(part, above, name)
                above.append(part)

    def _put(self, part: _Part, above: list[_Part], name: str) -> None:
        """Put a part where the heading above it says."""
        if not above:
            self.others.append(part)
        elif above[-1].key:
            self.inside.setdefault(above[-1].key, []).append(part)
        else:
            above[-1].parts.append(part)
        self.unknown.append((part, above[-1].title if above else "", name))

    def remarks(self) -> Iterator[str]:
        """Return what the author must know, most of all of headings that no section has."""
        yield from self.doubts
        for part, above, name in self.unknown:
            asked = _did_you_mean(part.title, self.titles)
            at = f"{name}: no section has the heading {short(part.title)!r}"
            if not part.written:
                at = f"{name} begins without a heading, and no section is {short(part.title)!r}"
            if not part.has_text():
                yield f"{at}, and there is no text below it, so it is left out.{asked}"
            elif above:
                yield f"{at}, so its text is a part of {short(above)!r}.{asked}"
            else:
                yield f"{at}, so its text has a section of its own.{asked}"
        if self.unknown:
            sections = [title for key, title in self.titles.items() if "_" not in key]
            yield (
                f"The sections of the chapter are: {'; '.join(sections)}. README.txt next to your "
                "text lists the headings of their parts, too."
            )


def read_own_text(texts: Mapping[str, str], titles: Mapping[str, str]) -> OwnText:
    """Return the blocks of texts by section; ``texts`` by file, ``titles`` by key of a section."""
    found = _Gathered(titles)
    for name, text in texts.items():
        found.read(name, text)
    numbers = iter(range(1, 10_000))
    return OwnText(
        sections={key: tuple(blocks) for key, blocks in found.matched.items()},
        parts={key: _sections(parts, numbers) for key, parts in found.inside.items()},
        others=_sections(found.others, numbers),
        remarks=tuple(found.remarks()),
    )


def _sections(parts: list[_Part], numbers: Iterator[int]) -> tuple[Section, ...]:
    """Return the sections of the authors' own; an empty heading is left out."""
    return tuple(
        Section(f"own_{number}", each.title, tuple(each.blocks), _sections(each.parts, numbers))
        for each, number in zip(filter(_Part.has_text, parts), numbers, strict=False)
    )


def _plain(title: str) -> str:
    """Return a title without numbers, capitals and punctuation, to compare it with others."""
    words = " ".join(re.sub(r"[^\w]+|_", " ", title).casefold().split())
    return _COUNTED.sub("", words)


def _did_you_mean(title: str, titles: Mapping[str, str]) -> str:
    """Return the headings that may be meant: spelt alike, or with all words of the title."""
    plain = {_plain(each): each for each in titles.values()}
    wanted = _plain(title)
    near = difflib.get_close_matches(wanted, plain, n=3, cutoff=_LIKE)
    near += [each for each in plain if _stems(wanted) and _stems(wanted) <= _stems(each)]
    near += [_plain(titles[key]) for key in titles if _plain(key) == wanted]
    listed = [repr(plain[each]) for each in dict.fromkeys(near)][:3]
    return f" Did you mean {' or '.join(listed)}?" if listed else ""


def _stems(title: str) -> set[str]:
    """Return the longer words of a title; need and needs are one."""
    return {each.removesuffix("s") for each in title.split() if len(each) > 3}


def _like_headings(piece: Piece, name: str, known: Mapping[str, str]) -> Iterator[str]:
    """Return a doubt for each paragraph that is a heading of the chapter without its mark."""
    for block in piece.blocks:
        if isinstance(block, Paragraph) and _plain(block.text) in known:
            text = short(block.text)
            yield f"{name}: {text!r} is text. To make it a heading, write # {text.lstrip('# ')}"
