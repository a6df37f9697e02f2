"""Many authorities on a Dask cluster of which a worker is killed."""

import os
import signal
import warnings
from pathlib import Path

import pytest

import bolton_jsna as jsna

distributed = pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")

NATIONAL = Path("data") / "processed" / "national"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(os.name != "posix", reason="kills a worker by a signal")
def test_a_worker_is_killed_and_the_tables_are_the_same(tmp_path: Path) -> None:
    one, cluster_folder = tmp_path / "one", tmp_path / "cluster"
    one.mkdir()
    cluster_folder.mkdir()
    areas = ["Bolton", "Rochdale", "Derby", "Oldham"]
    jsna.build_many(areas, workspace=one, tables_only=True)
    killed: list[int] = []

    with (
        warnings.catch_warnings(),
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            silence_logs=50,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        warnings.simplefilter("ignore")
        workers = client.run(os.getpid)

        def kill_one(number: int, of: int, outcome: object) -> None:
            if not killed:
                killed.append(next(iter(workers.values())))
                os.kill(killed[0], signal.SIGKILL)

        record = jsna.build_many(
            areas,
            workspace=cluster_folder,
            tables_only=True,
            executor=client.get_executor(),
            progress=kill_one,
        )
    assert killed
    assert {each.figures for each in record.areas} <= {"made", "kept"}
    for name in record.outputs:
        assert (cluster_folder / NATIONAL / name).read_bytes() == (
            one / NATIONAL / name
        ).read_bytes(), name
