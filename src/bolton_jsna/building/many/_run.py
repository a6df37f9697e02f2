"""Run the tasks of many authorities here, in processes of this machine, or on a cluster."""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import BaseProcess

from bolton_jsna.building.many._task import Outcome, State, Task, work
from bolton_jsna.core.areas import area as area_of

_log = logging.getLogger(__name__)

_ENDED = (
    "The process that built it was ended from outside, perhaps because the machine has too little "
    "memory. Run it again with fewer processes (jobs=1)."
)


def run(tasks: Sequence[Task], *, jobs: int, executor: Executor | None) -> Iterator[Outcome]:
    """Run tasks and yield what became of each as soon as it is done."""
    if executor is not None:
        yield from _on(executor, tasks)
    elif jobs == 1 or len(tasks) < 2:
        yield from map(work, tasks)
    else:
        yield from _in_processes(tasks, jobs)


def _on(executor: Executor, tasks: Sequence[Task]) -> Iterator[Outcome]:
    futures: dict[Future[Outcome], Task] = {executor.submit(work, each): each for each in tasks}
    for done in as_completed(futures):
        try:
            yield done.result()
        except Exception as error:  # noqa: BLE001 (an executor fails in its own ways)
            why = f"The executor could not run it ({type(error).__name__}: {error})."
            yield _failed(futures[done], why)


def _in_processes(tasks: Sequence[Task], jobs: int) -> Iterator[Outcome]:
    """Run tasks in processes of this machine; one that is ended from outside stops no other."""
    left = {each.area_code: each for each in tasks}
    with _pool(min(jobs, len(tasks))) as pool:
        futures = {pool.submit(work, each): each for each in tasks}
        try:
            for done in as_completed(futures):
                outcome = done.result()
                del left[outcome.area_code]
                yield outcome
        except BrokenProcessPool:
            _log.warning("A process was ended from outside: the rest is built one by one.")
        except GeneratorExit:
            pool.shutdown(cancel_futures=True)
            raise
    # Which of them it was is not known. One at a time, in a process of its own, it is found.
    while left:
        code, task = next(iter(left.items()))
        with _pool(1) as pool:
            running = {pool.submit(work, each): each for each in left.values()}
            try:
                for done, task in running.items():
                    code = task.area_code
                    outcome = done.result()
                    del left[code]
                    yield outcome
            except BrokenProcessPool:
                del left[code]
                yield _failed(task, _ENDED)


def _pool(jobs: int) -> ProcessPoolExecutor:
    # Not forked: libraries that have threads do not survive it.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin)


def _begin() -> None:
    """Begin a worker process: its log stays off the terminal, and it ends with its parent."""
    # What matters is in the outcomes.
    logging.getLogger("bolton_jsna").addHandler(logging.NullHandler())
    logging.getLogger("bolton_jsna").propagate = False
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    """End this process when its parent has ended, also if that was killed."""
    # It would wait for ever for its next authority. What it was writing is in a staging folder.
    parent.join()
    os._exit(1)


def _failed(task: Task, why: str) -> Outcome:
    name = area_of(task.area_code).name
    folder: State = "failed" if task.folder else "not asked"
    return Outcome(task.area_code, name, figures="failed", folder=folder, message=why)
