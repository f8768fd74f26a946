"""Hyperparameter tuning: real training jobs, their objective read from their logs."""

import itertools
from typing import Any

import pytest
from botocore.exceptions import ClientError
from local_jobs import Jobs

from headrace_local.sagemaker import ranges

_CODE = """
given = json.loads((ml / 'input/config/hyperparameters.json').read_text())
if given.get('shape') == 'broken':
    sys.exit(1)
print('loss=%s;' % (float(given.get('rate', 0)) + int(given.get('depth', 0)) + len(given.get('shape', ''))))
print(json.dumps(given))
"""
_CATEGORIES = {"CategoricalParameterRanges": [{"Name": "shape", "Values": ["long one", "one", "three"]}]}


def _tuning(
    jobs: Jobs, name: str, space: dict[str, Any], code: str = _CODE, **configuration: Any
) -> dict[str, Any]:
    training = jobs.training("unnamed", "")
    del training["TrainingJobName"], training["AlgorithmSpecification"]["ContainerEntrypoint"]
    training["AlgorithmSpecification"]["MetricDefinitions"] = [{"Name": "loss", "Regex": "loss=([0-9.]+);"}]
    return {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobConfig": {
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "loss"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 3, "MaxParallelTrainingJobs": 2},
            "ParameterRanges": space,
            **configuration,
        },
        "TrainingJobDefinition": training
        | {"StaticHyperParameters": {"fixed": "yes"}, "Environment": {"PATH": jobs.program("train", code)}},
    }


def _trainings(jobs: Jobs, name: str, **query: Any) -> list[dict[str, Any]]:
    answer = jobs.api.list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name, **query
    )
    return list(answer["TrainingJobSummaries"])


def test_a_grid_tries_every_combination(jobs: Jobs) -> None:
    """One training each; the best one is the lowest of a minimised objective; each knows its tuning job."""
    limits = {"MaxParallelTrainingJobs": 2}
    request = _tuning(jobs, "grid", _CATEGORIES, Strategy="Grid", ResourceLimits=limits)
    description = jobs.run(request | {"Tags": [{"Key": "k", "Value": "v"}]})
    assert description["HyperParameterTuningJobStatus"] == "Completed"
    assert description["TrainingJobStatusCounters"]["Completed"] == 3
    assert description["ObjectiveStatusCounters"] == {"Succeeded": 3, "Pending": 0, "Failed": 0}
    best = description["BestTrainingJob"]
    assert best["TunedHyperParameters"] == {"shape": "one"}
    assert best["FinalHyperParameterTuningJobObjectiveMetric"] == {
        "Type": "Minimize",
        "MetricName": "loss",
        "Value": 3.0,
    }
    training = jobs.api.describe_training_job(TrainingJobName=best["TrainingJobName"])
    assert training["TuningJobArn"] == description["HyperParameterTuningJobArn"]
    assert training["HyperParameters"] == {"fixed": "yes", "shape": "one", "_tuning_objective_metric": "loss"}
    assert best["TrainingJobName"].startswith("grid-002-")
    assert jobs.api.list_tags(ResourceArn=training["TrainingJobArn"])["Tags"] == [{"Key": "k", "Value": "v"}]
    ordered = _trainings(jobs, "grid", SortBy="FinalObjectiveMetricValue", SortOrder="Descending")
    assert [found["TunedHyperParameters"]["shape"] for found in ordered] == ["long one", "three", "one"]
    assert len(_trainings(jobs, "grid", StatusEquals="Failed")) == 0
    (found,) = jobs.api.list_hyper_parameter_tuning_jobs(NameContains="grid")[
        "HyperParameterTuningJobSummaries"
    ]
    assert (found["Strategy"], found["ResourceLimits"]) == ("Grid", limits)


def test_random_draws_from_the_ranges(jobs: Jobs) -> None:
    """So many trainings, within the ranges, of a maximised objective the highest; the seed decides the draws."""
    space = {
        "IntegerParameterRanges": [{"Name": "depth", "MinValue": "1", "MaxValue": "9"}],
        "ContinuousParameterRanges": [
            {"Name": "rate", "MinValue": "0.001", "MaxValue": "1", "ScalingType": "Logarithmic"}
        ],
    }
    objective = {"Type": "Maximize", "MetricName": "loss"}
    drawn = []
    for name in ("random-a", "random-b"):
        request = _tuning(jobs, name, space, HyperParameterTuningJobObjective=objective, RandomSeed=7)
        description = jobs.run(request)
        trainings = _trainings(jobs, name)
        values = [found["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for found in trainings]
        assert description["BestTrainingJob"]["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] == max(
            values
        )
        drawn.append([found["TunedHyperParameters"] for found in trainings])
    assert len(drawn[0]) == 3
    assert drawn[0] == drawn[1]
    assert all(1 <= int(found["depth"]) <= 9 and 0.001 <= float(found["rate"]) <= 1 for found in drawn[0])


def test_so_many_run_at_a_time(jobs: Jobs) -> None:
    """MaxParallelTrainingJobs is a limit, and it is made use of."""
    request = _tuning(jobs, "parallel", _CATEGORIES, "time.sleep(0.3)\nprint('loss=1;')")
    jobs.run(request)
    spans = [(found["TrainingStartTime"], found["TrainingEndTime"]) for found in _trainings(jobs, "parallel")]
    at_once = [sum(start <= moment < end for start, end in spans) for moment, _ in spans]
    assert max(at_once) == 2


def test_failed_trainings_are_counted(jobs: Jobs) -> None:
    """A training that fails, or prints no objective, does not end the others; when all fail, so does the job."""
    space = {"CategoricalParameterRanges": [{"Name": "shape", "Values": ["broken", "fine"]}]}
    limits = {"MaxParallelTrainingJobs": 1}
    description = jobs.run(_tuning(jobs, "some-fail", space, Strategy="Grid", ResourceLimits=limits))
    assert description["HyperParameterTuningJobStatus"] == "Completed"
    assert description["TrainingJobStatusCounters"]["NonRetryableError"] == 1
    assert description["ObjectiveStatusCounters"] == {"Succeeded": 1, "Pending": 0, "Failed": 1}
    all_fail = jobs.run(_tuning(jobs, "all-fail", space, "sys.exit(1)"))
    assert all_fail["HyperParameterTuningJobStatus"] == "Failed"
    assert all_fail["FailureReason"].startswith("ClientError: All training jobs failed.")
    silent = jobs.run(_tuning(jobs, "silent", space, "pass"))
    assert silent["FailureReason"].startswith(
        "ClientError: No objective metrics found after running 3 training"
    )


def test_a_stopped_tuning_job_stops_its_trainings(jobs: Jobs) -> None:
    """StopHyperParameterTuningJob ends those that run, and starts no other."""
    request = _tuning(jobs, "stop-tuning", _CATEGORIES, "time.sleep(60)")
    jobs.create(request)
    for found in _trainings(jobs, "stop-tuning"):
        jobs.until({"TrainingJobName": found["TrainingJobName"]}, {"Training"}, "SecondaryStatus")
    jobs.api.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName="stop-tuning")
    description = jobs.ended(request)
    assert description["HyperParameterTuningJobStatus"] == "Stopped"
    assert {found["TrainingJobStatus"] for found in _trainings(jobs, "stop-tuning")} <= {"Stopped"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"Strategy": "Bayesian"},
            "The strategy Bayesian is not supported by the local AWS; it has Random and Grid",
        ),
        ({"Strategy": "Hyperband"}, "The strategy Hyperband is not supported by the local AWS"),
        ({"TrainingJobEarlyStoppingType": "Auto"}, "TrainingJobEarlyStoppingType Auto is not supported"),
        (
            {"TuningJobCompletionCriteria": {"TargetObjectiveMetricValue": 1.0}},
            "TuningJobCompletionCriteria of a tuning job is not supported",
        ),
        (
            {"HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "other"}},
            "A metric is required for this hyperparameter tuning job objective",
        ),
        ({"ParameterRanges": {}}, "at least one range"),
        ({"ResourceLimits": {"MaxParallelTrainingJobs": 1}}, "needs MaxNumberOfTrainingJobs"),
        (
            {"Strategy": "Grid"}
            | {"ResourceLimits": {"MaxParallelTrainingJobs": 1, "MaxNumberOfTrainingJobs": 2}},
            "has 3",
        ),
        (
            {
                "Strategy": "Grid",
                "ParameterRanges": {
                    "IntegerParameterRanges": [{"Name": "depth", "MinValue": "1", "MaxValue": "2"}]
                },
            },
            "supports categorical hyperparameters only",
        ),
    ],
)
def test_a_tuning_job_is_refused(jobs: Jobs, change: dict[str, Any], words: str) -> None:
    """What cannot run, and what is not done here, is said before any training starts."""
    with pytest.raises(ClientError, match=words):
        jobs.create(_tuning(jobs, "refused", _CATEGORIES, **change))


def test_the_trainings_are_checked_beforehand(jobs: Jobs) -> None:
    """A fault of the training definition is one of the tuning job's request."""
    request = _tuning(jobs, "refused", _CATEGORIES)
    request["TrainingJobDefinition"]["RoleArn"] = "arn:aws:iam::000000000000:role/nobody"
    with pytest.raises(ClientError, match="Could not assume role"):
        jobs.create(request)


def _integer(low: str, high: str, scale: str) -> dict[str, Any]:
    return {
        "IntegerParameterRanges": [{"Name": "x", "MinValue": low, "MaxValue": high, "ScalingType": scale}]
    }


def _continuous(low: str, high: str, scale: str) -> dict[str, Any]:
    return {
        "ContinuousParameterRanges": [{"Name": "x", "MinValue": low, "MaxValue": high, "ScalingType": scale}]
    }


@pytest.mark.parametrize(
    ("space", "middle", "below"),
    [
        (_integer("1", "1000", "Linear"), 500, 0.5),
        (_integer("1", "1000", "Logarithmic"), 32, 0.5),
        (_continuous("0", "1", "Linear"), 0.5, 0.5),
        (_continuous("0.0001", "1", "Logarithmic"), 0.01, 0.5),
        (_continuous("0", "0.9999", "ReverseLogarithmic"), 0.99, 0.5),
    ],
)
def test_scales_spread_the_draws(space: dict[str, Any], middle: float, below: float) -> None:
    """Half of the draws lie below the middle of the scale: of the logarithm, or of that of the distance to 1."""
    drawn = [float(values["x"]) for values in itertools.islice(ranges.draws(space, seed=1), 4000)]
    assert sum(value < middle for value in drawn) / len(drawn) == pytest.approx(below, abs=0.05)


@pytest.mark.parametrize(
    ("space", "words"),
    [
        (_integer("2", "1", "Linear"), "MinValue 2 of hyperparameter x is greater than MaxValue 1"),
        (_integer("a", "1", "Linear"), "The range of hyperparameter x is not valid"),
        (_continuous("0", "1", "Logarithmic"), "needs a range above 0"),
        (_continuous("0", "1", "ReverseLogarithmic"), "needs a continuous range within 0 <= x < 1"),
        (_integer("0", "1", "ReverseLogarithmic"), "needs a continuous range"),
    ],
)
def test_a_range_that_cannot_be_is_refused(jobs: Jobs, space: dict[str, Any], words: str) -> None:
    """The hyperparameter is named."""
    with pytest.raises(ClientError, match=words):
        jobs.create(_tuning(jobs, "refused", space))
