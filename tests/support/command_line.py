"""The command line in a process of its own, as a person types it.

Most of what a command takes is Python starting, importing, and reading the snapshot. So a process
that has built from the snapshot is kept beside the tests, and each command is a fork of it: with a
folder, an environment, a limit of memory and an exit code of its own. Tests of what happens before
or while things are imported ask for a fresh Python.
"""

import functools
import importlib.util
import multiprocessing
import os
import pkgutil
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import pytest

SUPPORT = Path(__file__).resolve().parent
SOURCE = Path(importlib.util.find_spec("bolton_jsna").origin).parents[1]
LOADED = (
    *("folium", "geopandas", "matplotlib.backends.backend_svg", "matplotlib.figure"),
    *("scipy.stats", "typer._adapters", "typer.rich_utils"),
)


_MAIN = "import runpy; runpy.run_module('bolton_jsna', run_name='__main__')"


def command(
    *arguments: object,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    timeout: float = 300,
    memory: int | None = None,
    fresh: bool = False,
    drawn: bool = False,
    small: bool = False,
    before: str = "",
) -> subprocess.CompletedProcess[str]:
    """Run ``python -m bolton_jsna`` with its own environment, or this one's; in bytes of memory.

    Code that is to run ``before`` runs in the same process. Unless Python is ``fresh``, maps for
    print are sketches where they are not to be ``drawn``, and a ``small`` catalogue has as many
    LSOAs as the stand-in.
    """
    given = [*map(str, arguments)]
    around = dict(os.environ if env is None else env) | {"PYTHONPATH": str(SOURCE)}
    if not fresh and "forkserver" in multiprocessing.get_all_start_methods():
        options = {"memory": memory, "drawn": drawn, "small": small, "before": before}
        return _forked(given, cwd, around, timeout, **options)
    start = ["-c", f"{before}\n{_MAIN}"] if before else ["-m", "bolton_jsna"]
    return subprocess.run(
        [sys.executable, *start, *given],
        cwd=cwd,
        env=around,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        timeout=timeout,
        check=False,
        stdin=subprocess.DEVNULL,
        preexec_fn=None if memory is None else lambda: _limit(memory),
    )


def _forked(
    arguments: list[str], cwd: Path, env: dict[str, str], timeout: float, **options: Any
) -> subprocess.CompletedProcess[str]:
    context = _server()
    with tempfile.TemporaryDirectory() as folder:
        told = [str(Path(folder) / name) for name in ("out", "err")]
        run = context.Process(target=_run, args=(arguments, str(cwd), env, told), kwargs=options)
        run.start()
        run.join(timeout)
        if run.is_alive():
            run.kill()
            run.join()
            raise subprocess.TimeoutExpired(arguments, timeout)
        out, err = (
            Path(name).read_text(encoding="utf-8", errors="surrogateescape") for name in told
        )
        return subprocess.CompletedProcess(arguments, run.exitcode, out, err)


@functools.cache
def _server() -> Any:
    """Start what is forked: with all modules of the library, and the snapshot read."""
    import bolton_jsna

    package = pkgutil.walk_packages(bolton_jsna.__path__, "bolton_jsna.")
    own = [each.name for each in package if not each.name.endswith("__main__")]
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        [Path(__file__).stem, "sketches", "standin.world", *LOADED, *own, "warmed"]
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(SUPPORT)
        patch.setenv("PYTHONPATH", f"{SOURCE}{os.pathsep}{SUPPORT}")
        forkserver.ensure_running()
    return context


def _run(
    arguments: list[str],
    cwd: str,
    env: dict[str, str],
    told: list[str],
    *,
    memory: int | None,
    drawn: bool,
    small: bool,
    before: str,
) -> None:
    for number, name in enumerate(told, start=1):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT, 0o600), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["bolton-jsna", *arguments]
    if not drawn:
        import sketches

        sketches.put_in_place(pytest.MonkeyPatch())
    if small:
        from bolton_jsna import catalogue
        from standin.world import small_catalogue

        found = small_catalogue()
        catalogue._catalogue = lambda: found
    if memory is not None:
        _limit(memory)
    exec(before, {})  # noqa: S102 (a test's own code)
    runpy.run_module("bolton_jsna", run_name="__main__", alter_sys=True)


def _limit(memory: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
