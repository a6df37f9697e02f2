"""Names that are like one that is not known: misspelt, or with the same words."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Iterable, Mapping
from typing import Final

_LONGEST: Final = 80  # characters of a name that are compared
_MOST: Final = 2_000  # names that are compared: enough for any table, and quick
_LIKE: Final = 0.6  # of two names, as difflib measures it
_WORDS_LIKE: Final = 0.8  # of two words, which are shorter
_EMPTY: Final = {"a", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"}
_WORD: Final = re.compile(r"[^\W_]+")


def near_names(
    word: str, known: Iterable[str], *, about: Mapping[str, str] | None = None, most: int = 5
) -> list[str]:
    """Return the names most like a word, best first; ``about`` has further words for names."""
    wanted = word[:_LONGEST].casefold()
    words = _words(wanted)
    like, related = [], []
    for at, name in enumerate(itertools.islice(dict.fromkeys(known), _MOST)):
        text = name[:_LONGEST].casefold()
        spelt = _ratio(text, wanted, _LIKE)
        there = _words(f"{text} {(about or {}).get(name, '').casefold()}")
        share = sum(any(_same(a, b) for b in there) for a in words) / max(len(words), 1)
        # Names of fewer words are more general, and of those the first is usually the best known.
        found = (-share, -spelt, len(_words(text)), at, name)
        if spelt or share >= 0.5:
            like.append(found)
        elif share:
            related.append(found)
    return [each[-1] for each in sorted(like or related)[:most]]


def _words(text: str) -> set[str]:
    """Return the words of a name that mean something."""
    return set(_WORD.findall(text)) - _EMPTY


def _same(one: str, other: str) -> bool:
    """Return whether two words are one in other forms, such as plan and plans, or misspelt."""
    if one == other:
        return True
    if min(len(one), len(other)) < 4 or one.isdigit() or other.isdigit():
        return False
    if one.startswith(other) or other.startswith(one):
        return True
    return _ratio(one, other, _WORDS_LIKE) > 0


def _ratio(one: str, other: str, least: float) -> float:
    """Return how like two texts are, from 0 to 1; 0 if they are less so than asked."""
    matcher = difflib.SequenceMatcher(None, one, other)
    if matcher.real_quick_ratio() < least or matcher.quick_ratio() < least:
        return 0.0
    ratio = matcher.ratio()
    return ratio if ratio >= least else 0.0
