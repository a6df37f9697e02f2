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
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.chapter.document import LEVELS, Block, Bullets, Paragraph, Section, Span
from bolton_jsna.chapter.materials import OwnText
from bolton_jsna.core.errors import SourceError, short

if TYPE_CHECKING:
    from markdown_it.token import Token

_LIKE: Final = 0.75  # of two headings, as difflib measures it
_CAN: Final = "headings, paragraphs, lists, bold, italic and links"
_ADDRESS: Final = re.compile(r"(https?://|mailto:)[^\s]+", re.IGNORECASE)
_NOT_SUPPORTED: Final = {
    "table_open": "a table",
    "image": "a picture",
    "fence": "a block of code",
    "code_block": "a block of code (a line that begins with four spaces)",
}


@dataclass
class _Part:
    """What stands below one heading, as it is gathered."""

    title: str
    level: int
    key: str
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

    def read(self, name: str, text: str) -> None:
        """Add the text of a file."""
        whole = {_plain(title): key for key, title in self.titles.items()}
        known = {_plain(key): key for key in self.titles} | whole
        above: list[_Part] = []
        for title, level, blocks in _pieces(name, text):
            while above and above[-1].level >= level:
                above.pop()
            inner = any(each.key or each.blocks for each in above)
            key = (whole if inner else known).get(_plain(title), "")
            part = _Part(self.titles[key] if key else title, level, key, list(blocks))
            if key:
                self.matched.setdefault(key, []).extend(blocks)
                above = [part]
            elif blocks or title:
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
        """Return what the author must know of headings that no section has."""
        for part, above, name in self.unknown:
            asked = _did_you_mean(part.title, self.titles)
            at = f"{name}: no section has the heading {short(part.title)!r}"
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
    return " ".join(re.sub(r"^[\d.\s]+", "", re.sub(r"[^\w]+|_", " ", title)).casefold().split())


def _did_you_mean(title: str, titles: Mapping[str, str]) -> str:
    """Return the headings that may be meant: spelt alike, or with all words of the title."""
    plain = {_plain(each): each for each in titles.values()}
    wanted = _plain(title)
    near = difflib.get_close_matches(wanted, plain, n=3, cutoff=_LIKE)
    near += [each for each in plain if wanted and _stems(wanted) <= _stems(each)]
    near += [_plain(titles[key]) for key in titles if _plain(key) == wanted]
    listed = [repr(plain[each]) for each in dict.fromkeys(near)][:3]
    return f" Did you mean {' or '.join(listed)}?" if listed else ""


def _stems(title: str) -> set[str]:
    """Return the words of a title; need and needs are one."""
    return {each.removesuffix("s") for each in title.split()}


def _pieces(name: str, text: str) -> Iterator[tuple[str, int, list[Block]]]:
    """Return each heading of a file with its level and what stands below it."""
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark", {"html": False}).enable("table").parse(text)
    title, level = _title_of(name), 1
    blocks: list[Block] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.type == "heading_open":
            if blocks or at:
                yield title, level, blocks
            title = _words(tokens[at + 1], name).strip()
            level, blocks = min(int(token.tag[1:]), LEVELS), []
            at += 3
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            end = _end(tokens, at)
            blocks.append(_list(tokens[at : end + 1], name))
            at = end + 1
        elif token.type == "inline":
            blocks.append(Paragraph(_spans(token, name), "author"))
            at += 1
        elif token.type in _NOT_SUPPORTED:
            raise _not_supported(token, name)
        else:
            at += 1
    yield title, level, blocks


def _title_of(name: str) -> str:
    """Return the heading of a file that has none: its name."""
    title = name.rpartition("/")[2].rpartition(".")[0].replace("_", " ").strip()
    return title[:1].upper() + title[1:]


def _not_supported(token: Token, name: str, line: int | None = None) -> SourceError:
    at = line if line is not None else token.map[0] if token.map else None
    where = f", line {at + 1}" if at is not None else ""
    return SourceError(
        f"{name}{where} has {_NOT_SUPPORTED[token.type]}. Own text can have {_CAN}. Take "
        "it out, or add it to the Word file afterwards."
    )


def _end(tokens: list[Token], start: int) -> int:
    """Return where the list that begins at a token ends."""
    depth = 0
    for at in range(start, len(tokens)):
        depth += tokens[at].nesting
        if depth == 0:
            return at
    return len(tokens) - 1


def _list(tokens: list[Token], name: str) -> Bullets:
    """Return a list; a list inside of it is read as further items."""
    items = []
    for token in tokens:
        if token.type in _NOT_SUPPORTED:
            raise _not_supported(token, name)
        if token.type == "inline":
            items.append(Paragraph(_spans(token, name), "author"))
    return Bullets(tuple(items), numbered=tokens[0].type == "ordered_list_open")


def _words(token: Token, name: str) -> str:
    return "".join(each.text for each in _spans(token, name))


def _spans(token: Token, name: str) -> tuple[Span, ...]:
    """Return the text of a paragraph in spans of one look."""
    spans: list[Span] = []
    look: dict[str, Any] = {"bold": False, "italic": False, "address": ""}
    line = token.map[0] if token.map else None
    for each in token.children or []:
        if each.type in _NOT_SUPPORTED:
            raise _not_supported(each, name, line)
        if each.type in ("strong_open", "strong_close"):
            look["bold"] = each.type == "strong_open"
        elif each.type in ("em_open", "em_close"):
            look["italic"] = each.type == "em_open"
        elif each.type == "link_open":
            look["address"] = _address(str(each.attrGet("href") or ""), name, line)
        elif each.type == "link_close":
            look["address"] = ""
        else:
            text = " " if each.type in ("softbreak", "hardbreak") else each.content
            if spans and replace(spans[-1], text="") == Span("", **look):
                spans[-1] = replace(spans[-1], text=spans[-1].text + text)
            elif text:
                spans.append(Span(text, **look))
    return tuple(spans)


def _address(address: str, name: str, line: int | None) -> str:
    if _ADDRESS.fullmatch(address):
        return address
    where = f", line {line + 1}" if line is not None else ""
    raise SourceError(
        f"{name}{where} has a link to {address[:80]!r}. Expected an address that begins with "
        "https://, http:// or mailto:."
    )
