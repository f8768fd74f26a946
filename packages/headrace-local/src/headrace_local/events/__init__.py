"""EventBridge rules, schedules and CloudWatch alarms that reach their targets.

From the cause to the effect:

    s3, executions, sagemaker    what the services report
    rules                        which rules match an event: `pattern`; the input of their targets: `inputs`
    alarms                       alarms that watch metrics: `evaluation` of `statistics`, then `alarm_changes`
    schedules                    when they are due: `cron`; one thread sleeps until then: `timers`
    depth, guard                 how many rules led to a call, and the limit that ends a loop
    dispatch, targets, clients   the delivery: one thread, in order, as the role of the target

Each correction of moto is one function, named after what is then true, with moto's file and line in its docstring.
Nothing polls: a server whose alarms have no data and that has no schedule sleeps until a request comes.
"""

from headrace_local.context import current
from headrace_local.events import alarm_changes, alarms, dispatch, executions, rules, s3, schedules
from headrace_local.events.timers import TIMERS


def install() -> None:
    """Correct moto's EventBridge, Scheduler and CloudWatch alarms, and have S3 report to them."""
    for part in (rules, s3, executions, alarm_changes, alarms, schedules):
        part.install()
    dispatch.start()
    TIMERS.start()
    current().after_loading(alarms.watch_all)
    current().after_loading(schedules.arm_all)
    # First of all: what the end of the server does to executions and jobs starts nothing.
    current().on_stop.insert(0, dispatch.end)
