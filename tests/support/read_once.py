"""What a forked command has read already: a build was made of the snapshot, without drawings."""

import tempfile

import pytest

import sketches
from bolton_jsna.building import build

with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
    sketches.put_in_place(patch)
    build(workspace=folder)
