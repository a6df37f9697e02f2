"""Commands as they can be copied from a message into a terminal."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable
from pathlib import Path


def joined(words: Iterable[str]) -> str:
    """Return the words of a command on one line, quoted where a shell needs it."""
    # Double quotes where possible: shells of Linux, macOS and Windows read them alike.
    return " ".join(map(_quoted, words))


def refresh_command(editions: Iterable[str], areas: Iterable[str] = ()) -> str:
    """Return the command that fetches editions for areas."""
    words = ["bolton-jsna", "refresh"]
    for option, values in (("--only", editions), ("--area", areas)):
        words += [word for each in dict.fromkeys(values) for word in (option, each)]
    return joined(words)


def with_workspace(text: str, folder: str | Path) -> str:
    """Return a message whose commands name the workspace where that is needed."""
    if is_default_workspace(folder):
        return text
    option = joined(["--workspace", str(folder)])
    return text.replace("bolton-jsna refresh --only", f"bolton-jsna refresh {option} --only")


def without_workspace(text: str, folder: str | Path) -> str:
    """Return a message without the path of the workspace, for an output."""
    option = joined(["--workspace", str(folder)])
    return text.replace(f" {option}", "")


def is_default_workspace(folder: str | Path) -> bool:
    """Return whether a folder is the one that a command works in without an option."""
    usual = Path(os.environ.get("BOLTON_JSNA_WORKSPACE") or ".")
    return Path(folder).absolute() == usual.absolute()


def _quoted(word: str) -> str:
    if re.fullmatch(r"[\w@%+=:,./\\-]+", word) and ("\\" not in word or ":" in word):
        return word
    return shlex.quote(word) if re.search(r'["$`!\\]', word) else f'"{word}"'
