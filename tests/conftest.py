"""What every test may ask for."""

import contextlib
import gc
import importlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

# Linear algebra in one thread, here and in what is started: the matrices are small, and threads
# that wait for each other keep the processors busy. It counts before NumPy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

import sketches
from bolton_jsna.services.http import Session
from standin import StandIn, in_place

pytest_plugins = ("browsing", "council", "odd_files", "raw_files")

# The first example of a property pays for imports, and a shared machine may be slow. `make soak`
# tries ten times as many examples: `--hypothesis-profile=thorough`.
for profile, examples in (("bolton_jsna", 40), ("thorough", 400)):
    settings.register_profile(
        profile,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        max_examples=examples,
    )
settings.load_profile("bolton_jsna")

# Python looks for unused cycles of objects after each 700 new ones, and goes through the libraries
# that are loaded again and again: a tenth of the time of the tests.
gc.set_threshold(100_000, 20, 20)

# A test that means the network says so, whatever the shell allows.
os.environ.pop("BOLTON_JSNA_DOWNLOAD", None)

# What was read for one test must not answer another, and the user's own cache is left alone.
os.environ["BOLTON_JSNA_CACHE"] = "off"

ROOT = Path(__file__).resolve().parents[1]
Make = Callable[[Path], object]


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of published official files; a test that asks for it is skipped without it."""
    named = os.environ.get("BOLTON_JSNA_REFERENCE_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(
            f"no published files at {folder}: set BOLTON_JSNA_REFERENCE_DATA to check against them"
        )
    return folder


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Make], Path]:
    """Return a folder that one of the processes that test makes and all of them may look at."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent

    def made(name: str, make: Make) -> Path:
        folder, draft = base / name, base / f"{name}.draft"
        with FileLock(base / f"{name}.lock"):
            if not folder.exists():
                shutil.rmtree(draft, ignore_errors=True)
                draft.mkdir()
                make(draft)
                draft.rename(folder)
        return folder

    return made


@pytest.fixture(scope="session")
def bolton_built(made_once: Callable[[str, Make], Path]) -> Path:
    """A workspace with Bolton's tables and maps from the snapshot; to be looked at only."""
    from bolton_jsna import build

    def make(folder: Path) -> None:
        with sketches.drawn():
            build(workspace=folder)

    return made_once("bolton", make)


@pytest.fixture(scope="module")
def sketched() -> Iterator[None]:
    """Let a module's builds write maps for print that are words only."""
    with pytest.MonkeyPatch.context() as patch:
        sketches.put_in_place(patch)
        yield


@pytest.fixture(scope="session")
def without_maps() -> Callable[[], AbstractContextManager[None]]:
    """Leave the maps, half of a build's work, out where a test looks at figures only."""

    @contextlib.contextmanager
    def undrawn() -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("bolton_jsna.building._maps.draw", lambda *_: {})
            yield

    return undrawn


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """The publishers' stand-in, in place of every service."""
    with in_place(monkeypatch) as server:
        yield server


@pytest.fixture
def pauses() -> list[float]:
    """The seconds that a session would have slept."""
    return []


@pytest.fixture
def session(pauses: list[float]) -> Iterator[Session]:
    """A session that does not sleep; it waits as long as a busy machine may need to answer."""
    with Session(sleep=pauses.append, timeout=(1, 60), retries=2) as opened:
        yield opened


def pytest_collection_finish():
    # Tests and imported modules stay to the end: Python need not look through them again and again.
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items):
    for item in items:
        if "oracle" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.oracle)


@pytest.fixture
def oracle():
    """Import a library that figures are compared with; `make oracle` needs it, others may skip."""
    if os.environ.get("BOLTON_JSNA_ORACLES") == "required":
        return importlib.import_module
    return lambda name: pytest.importorskip(name, reason=f"{name} is for comparison: make oracle")
