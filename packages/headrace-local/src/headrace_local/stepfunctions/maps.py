"""Inline Map: its iterations, each on its own, a few at a time."""

import threading
from datetime import UTC, datetime
from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.inline_iteration_component import (
    InlineIterationComponent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.iteration_worker import (
    IterationWorker,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.job import JobPool
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.program_state import ProgramEnded

from headrace_local.patching import replace
from headrace_local.stepfunctions import progress

_MOST_AT_ONCE = 40  # as on AWS, whatever MaxConcurrency says
_STOP_SECONDS = 30.0  # in which the other iterations write that they were aborted


def install() -> None:
    """Correct how iterations are run, and how they end."""
    run_iterations_in_a_loop()
    stop_the_others_when_one_fails()


def run_iterations_in_a_loop() -> None:
    """Let a worker take one item after the other; state_map/iteration/iteration_worker.py:208 calls itself for each.

    With many items and a low MaxConcurrency the worker died of it (RecursionError), and the Map waited forever.
    """
    replace(IterationWorker, "_eval_pool", _work)


def _work(worker: Any, job: Any, worker_frame: Environment) -> None:
    """Evaluate items until there is none left, or one has failed."""
    env, pool = worker._env, worker._job_pool
    while job is not None:
        job_frame = worker_frame.open_inner_frame()
        place = progress.enter(job_frame, env, worker._work_name, job.job_index)
        kept = progress.of(env).done
        if place in kept:  # it had ended before the execution was redriven
            job.job_output = kept[place]
        else:
            worker._eval_job(env=job_frame, job=job)
            if isinstance(job_frame.program_state(), ProgramEnded):
                kept[place] = job.job_output
        worker_frame.close_frame(job_frame)
        has_failed = isinstance(job.job_output, Exception) or worker.stopped()
        following = None if has_failed else pool.next_job()
        if following is None:
            if not has_failed:
                # The last event of the iterations is the one that the next state follows on.
                context = worker_frame.event_history_context
                context.source_event_id = job_frame.event_history_context.last_published_event_id
            # Before the job is: the Map goes on when its last job has ended, and looks at its frame.
            env.close_frame(worker_frame)
        pool.close_job(job)
        job = following
    env.close_frame(worker_frame)


def stop_the_others_when_one_fails() -> None:
    """Stop the other iterations when one fails, and have them say so before the Map fails.

    state_map/iteration/inline_iteration_component.py:82 leaves them running: their jobs run on, and they are said
    to have succeeded. It also starts as many threads as MaxConcurrency allows, however few the items are.
    """
    replace(InlineIterationComponent, "_eval_body", _iterate)


def _iterate(component: Any, env: Environment) -> None:
    given = env.stack.pop()
    items = given.input_items
    progress.begin(env, given.state_name)
    pool = JobPool(job_program=component._get_iteration_program(), job_inputs=items)
    size = min(given.max_concurrency or _MOST_AT_ONCE, _MOST_AT_ONCE, len(items))
    threads = [
        threading.Thread(target=worker.eval, name=f"iterations of {given.state_name}", daemon=True)
        for worker in (
            component._create_worker(env=env, eval_input=given, job_pool=pool) for _ in range(size)
        )
    ]
    for thread in threads:
        thread.start()
    pool.await_jobs()
    failure = pool.get_worker_exception()
    if failure is not None:
        for frame in list(env._frames):
            frame.set_stop(datetime.now(UTC), None, None)
        for thread in threads:
            thread.join(_STOP_SECONDS)
        raise failure
    env.stack.append([job.job_output for job in pool.get_closed_jobs()])
    progress.end(env, given.state_name)
