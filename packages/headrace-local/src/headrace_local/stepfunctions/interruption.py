"""Ending early: a stopped execution, a state that timed out, a branch that failed beside others.

moto only notices at the next step: a state that waits for a job, or for its next retry, waits to the end. Here
threads that wait are notified, and a running job is stopped.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from moto.stepfunctions.parser.asl.component.common.retry.max_attempts_decl import MaxAttemptsOutcome
from moto.stepfunctions.parser.asl.component.common.retry.retrier_decl import RetrierDecl
from moto.stepfunctions.parser.asl.component.common.retry.retrier_outcome import RetrierOutcome
from moto.stepfunctions.parser.asl.component.common.timeouts.timeout import EvalTimeoutError
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval.environment import Environment

from headrace_local.patching import replace

_ENDINGS = ("set_ended", "set_error", "set_stop", "set_timed_out")


def install() -> None:
    """Correct how states end early."""
    notify_waiters()
    return_from_states_that_end()
    wait_for_retries_that_can_end()
    wait_in_states_that_can_end()


@contextmanager
def notified_at_end(environment: Environment, tell: Callable[[], None]) -> Iterator[None]:
    """Call `tell` if this environment (an execution, a branch or a state) ends within the block, for any reason."""
    with environment._state_mutex:
        listeners = environment.__dict__.setdefault("_listeners", [])
        listeners.append(tell)
        is_running = environment.is_running()
    if not is_running:
        tell()
    try:
        yield
    finally:
        listeners.remove(tell)


def notify_waiters() -> None:
    """Notify the listeners of an environment when it ends (asl/eval/environment.py:202-240 has none)."""
    for name in _ENDINGS:
        replace(Environment, name, _telling(getattr(Environment, name)))


def _telling(stock: Callable[..., None]) -> Callable[..., None]:
    def ending(environment: Environment, *arguments: Any, **named: Any) -> None:
        stock(environment, *arguments, **named)
        for tell in list(environment.__dict__.get("_listeners", ())):
            tell()

    return ending


def return_from_states_that_end() -> None:
    """Have a state return at once when its execution ends, without an error of its own.

    asl/component/state/exec/execute_state.py:203 waits for the work to end, then handles what it raised: a Catch
    would run after StopExecution, and fail the execution with States.Runtime.
    """
    replace(ExecutionState, "_evaluate_with_timeout", _evaluate_with_timeout)


def _evaluate_with_timeout(state: Any, env: Environment) -> None:
    state.timeout.eval(env=env)
    timeout_seconds = env.stack.pop()
    frame = env.open_frame()
    frame.states.reset(input_value=env.states.get_input())
    frame.stack = list(env.stack)
    outcome: list[Any] = []
    woken = threading.Event()

    def work() -> None:
        try:
            state._eval_execution(frame)
            outcome.append(frame.stack[-1])
        except Exception as error:  # noqa: BLE001 - carried to the thread that waits
            outcome.append(_Raised(error))
        woken.set()

    threading.Thread(target=work, name=f"state {state.name}", daemon=True).start()
    with notified_at_end(env, woken.set):
        woken.wait(min(timeout_seconds, threading.TIMEOUT_MAX))
    is_on_time = bool(outcome)
    frame.set_ended()  # tells the work, if it still runs
    env.close_frame(frame)
    if not env.is_running():
        return
    if not is_on_time:
        raise EvalTimeoutError
    if isinstance(outcome[0], _Raised):
        raise outcome[0].error
    env.stack.append(outcome[0])
    _apply_result(state, env)


def _apply_result(state: Any, env: Environment) -> None:
    """Do what the stock method does with a result: Assign, ResultSelector, ResultPath."""
    if state.assign_decl:
        state.assign_decl.eval(env=env)
    if state.result_selector:
        state.result_selector.eval(env=env)
    state.result_path.eval(env)


class _Raised:
    def __init__(self, error: Exception) -> None:
        self.error = error


def wait_for_retries_that_can_end() -> None:
    """Let a stopped execution end although it waits for its next attempt.

    asl/component/common/retry/retrier_decl.py:107 sleeps through it.
    """
    replace(RetrierDecl, "_eval_body", _retry)


def _retry(retrier: Any, env: Environment) -> None:
    retrier.error_equals.eval(env)
    if not env.stack.pop():
        env.stack.append(RetrierOutcome.Skipped)
        return
    retrier.max_attempts.eval(env=env)
    if env.stack.pop() == MaxAttemptsOutcome.EXHAUSTED:
        env.stack.append(RetrierOutcome.Failed)
        return
    for part in ("interval_seconds", "backoff_rate", "max_delay_seconds", "jitter_strategy"):
        getattr(retrier, part).eval(env=env)
    _wait(env, env.stack.pop())
    env.stack.append(RetrierOutcome.Executed)


def wait_in_states_that_can_end() -> None:
    """Have a Wait last as long as it says, or until its execution ends.

    asl/component/state/wait/wait_function/wait_function.py:22 can miss the end: the event that it waits for is set
    and cleared at once.
    """
    replace(
        WaitFunction, "_wait_interval", lambda _wait_function, env, wait_seconds: _wait(env, wait_seconds)
    )


def _wait(env: Environment, seconds: float) -> None:
    woken = threading.Event()
    with notified_at_end(env, woken.set):
        woken.wait(min(max(seconds, 0), threading.TIMEOUT_MAX))
