"""Readers of workbooks and Parquet files in another process with limits on memory and time.

The libraries for these files can use all memory for a few bytes, or end the process that they run
in. They run in a child process, which answers questions with JSON and plain bytes; nothing is
unpickled. If the child ends for any reason, the reader raises one error.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import weakref
from pathlib import Path
from typing import IO, Any, Final

from bolton_jsna.core.errors import SourceError
from bolton_jsna.core.reading import limits

Answer = tuple[dict[str, Any], list[bytes]]
"""An answer of the child: facts, and the bytes of arrays."""

_BOOT: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from bolton_jsna.core.reading.worker import main; main()"
)
_KEPT: Final = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TEMP", "TMP")
# Threads reserve address space, which the limit of memory counts.
_ONE_THREAD: Final = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "2",
    "RUST_BACKTRACE": "0",
}


class IsolatedReader:
    """A child process that reads one file.

    Parameters
    ----------
    task : str
        The function that takes the bytes and the name and returns a function that answers
        questions, as ``"module:function"``.
    content : bytes
        The file.
    name : str
        Its name, for messages.
    damaged : str
        The words for a damaged file, such as ``"is a workbook that cannot be opened"``.
    advice : str
        What to do with a file that cannot be read, for the message.
    """

    def __init__(self, task: str, content: bytes, *, name: str, damaged: str, advice: str) -> None:
        self._name = name
        self._damaged = damaged
        self._advice = advice
        self._late = False
        try:
            self._process = self._started()
        except OSError as error:
            raise SourceError(
                f"{name!r} cannot be read: no process can be started for it "
                f"({error.strerror or type(error).__name__}). Check that Python can be called."
            ) from None
        self._end = weakref.finalize(self, _ended, self._process)
        self._send({"task": task, "name": name, "size": len(content)}, content)

    @staticmethod
    def _started() -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 (this Python, this package, no shell)
            [sys.executable, "-I", "-S", "-c", _BOOT, json.dumps(_paths())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Messages of a library may quote the file.
            stderr=subprocess.DEVNULL,
            env={**{k: os.environ[k] for k in _KEPT if k in os.environ}, **_ONE_THREAD},
            close_fds=True,
        )

    def ask(self, **question: Any) -> Answer:
        """Return the answer to a question."""
        timer = threading.Timer(limits.SECONDS, self._stop)
        timer.start()
        try:
            self._send(question)
            facts = json.loads(self._take(int.from_bytes(self._take(8), "little")))
            parts = [self._take(size) for size in facts.pop("sizes", ())]
        except (OSError, EOFError, ValueError, RecursionError):
            facts, parts = {"failed": "ended"}, []
        finally:
            timer.cancel()
        if failed := facts.get("failed"):
            self.close()
            raise self._failure(str(failed))
        return facts, parts

    def close(self) -> None:
        """End the child."""
        self._end()

    def _stop(self) -> None:
        self._late = True
        self._process.kill()

    def _send(self, facts: dict[str, Any], content: bytes = b"") -> None:
        stream = self._stream(self._process.stdin)
        # A child that has ended is noticed when its answer is read.
        with contextlib.suppress(OSError):
            stream.write(json.dumps(facts).encode() + b"\n")
            stream.write(content)
            stream.flush()

    def _take(self, size: int) -> bytes:
        if not 0 <= size <= 2 * limits.BYTES:
            raise EOFError
        found = self._stream(self._process.stdout).read(size)
        if len(found) < size:
            raise EOFError
        return found

    @staticmethod
    def _stream(stream: IO[bytes] | None) -> IO[bytes]:
        if stream is None or stream.closed:
            raise EOFError
        return stream

    def _failure(self, failed: str) -> SourceError:
        if failed == "damaged":
            return SourceError(f"{self._name!r} {self._damaged}. {self._advice}")
        if failed != "ended":
            return SourceError(failed)
        if self._late:
            return SourceError(
                f"{self._name!r} was not read within {limits.SECONDS} seconds, the most that is "
                f"allowed. {self._advice}"
            )
        return SourceError(
            f"{self._name!r} {self._damaged} within {limits.MEMORY / 2**30:.0f} GB of memory. "
            f"{self._advice}"
        )


def _paths() -> list[str]:
    """Return where modules are found, without the current folder."""
    package = str(Path(__file__).resolve().parents[3])
    others = [each for each in sys.path if each and Path(each).is_absolute()]
    with contextlib.suppress(OSError):
        here = str(Path.cwd())
        others = [each for each in others if each != here]
    return [package, *others]


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    process.wait()
