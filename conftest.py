"""Examples of builds and chapters run without the drawings, which they do not show."""

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def sketched_examples(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let the examples of docstrings write sketches for maps and dots for pictures."""
    if request.node.path.parts[-3:-1] != ("bolton_jsna", "building"):
        yield
        return
    import sketches

    with pytest.MonkeyPatch.context() as patch:
        sketches.put_in_place(patch)
        sketches.dots(patch)
        yield
