"""Search over jobs and the registry: filters, nested expressions, order and pages.

moto/sagemaker/models.py:3103 knows three of the operators, stops at the first tag, and takes every property that it
does not find for an error.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from moto.core.responses import ActionResult
from moto.sagemaker.exceptions import AWSValidationException
from moto.sagemaker.models import SageMakerModelBackend
from moto.sagemaker.responses import SageMakerResponse

from headrace_local.patching import replace
from headrace_local.sagemaker.constraints import check_request
from headrace_local.sagemaker.job import Kind
from headrace_local.sagemaker.job_store import jobs
from headrace_local.sagemaker.jobs import description, refreshed
from headrace_local.sagemaker.listing import naive, offset

_PAGE = 10  # results, when MaxResults says nothing
_NOT_DONE = ("NestedFilters",)
_stock_search = SageMakerResponse.search


def install() -> None:
    """Put our search in place of moto's."""
    replace(SageMakerResponse, "search", search)


def search(response: SageMakerResponse) -> ActionResult:
    """Return one page of what matches; resources that the local AWS has nothing of are moto's to search."""
    query, backend = response.params, response.sagemaker_backend
    check_request("Search", query)
    if query["Resource"] not in _SOURCES:
        return _stock_search(response)
    found = [
        item
        for item in _SOURCES[query["Resource"]](backend)
        if _matches(item, query.get("SearchExpression", {}))
    ]
    key = query.get("SortBy", "LastModifiedTime")
    found.sort(key=lambda item: _sortable(_value(item, key)), reverse=query.get("SortOrder") != "Ascending")
    begin = offset(query.get("NextToken"))
    end = begin + query.get("MaxResults", _PAGE)
    page: dict[str, Any] = {"Results": [{query["Resource"]: item} for item in found[begin:end]]}
    page["TotalHits"] = {"Value": len(found), "Relation": "EqualTo"}
    return ActionResult(page | ({"NextToken": str(end)} if end < len(found) else {}))


def _jobs(kind: Kind, backend: SageMakerModelBackend) -> list[dict[str, Any]]:
    found = [refreshed(job) for job in list(jobs(backend, kind).values())]
    return [description(backend, job) | {"Tags": job.tags} for job in found]


def _registered(stored: str, backend: SageMakerModelBackend) -> list[dict[str, Any]]:
    found = list(getattr(backend, stored).values())
    return [each.gen_response_object() | {"Tags": each.tags or []} for each in found]


_SOURCES: dict[str, Callable[[SageMakerModelBackend], list[dict[str, Any]]]] = {
    "TrainingJob": partial(_jobs, "Training"),
    "HyperParameterTuningJob": partial(_jobs, "HyperParameterTuning"),
    "ModelPackage": partial(_registered, "model_packages"),
    "ModelPackageGroup": partial(_registered, "model_package_groups"),
}


def _matches(item: dict[str, Any], expression: dict[str, Any]) -> bool:
    for member in _NOT_DONE:
        if expression.get(member):
            raise AWSValidationException(f"{member} of a search is not supported by the local AWS")
    answers = [_holds(item, condition) for condition in expression.get("Filters", ())]
    answers += [_matches(item, below) for below in expression.get("SubExpressions", ())]
    return (any(answers) if expression.get("Operator") == "Or" else all(answers)) if answers else True


def _holds(item: dict[str, Any], condition: dict[str, Any]) -> bool:
    operator: str = condition.get("Operator", "Equals")
    wanted: str | None = condition.get("Value")
    value: object = _value(item, condition["Name"])
    if operator in {"Exists", "NotExists"}:
        return (value is not None) == (operator == "Exists")
    if wanted is None:
        raise AWSValidationException(f"The operator {operator} needs a Value")
    if value is None:
        return operator == "NotEquals"
    if operator == "Contains":
        return str(wanted).lower() in str(value).lower()
    if operator == "In":
        return str(value) in str(wanted).split(",")
    left, right = _comparable(value, wanted)
    return bool(_OPERATORS[operator](left, right))


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda left, right: left == right,
    "NotEquals": lambda left, right: left != right,
    "GreaterThan": lambda left, right: left > right,
    "GreaterThanOrEqualTo": lambda left, right: left >= right,
    "LessThan": lambda left, right: left < right,
    "LessThanOrEqualTo": lambda left, right: left <= right,
}


def _value(item: dict[str, Any], name: str) -> Any:  # noqa: ANN401 - of any type
    """Return a property by its path: `Tags.<key>`, `Metrics.<name>`, `HyperParameters.depth`, `VpcConfig.Subnets`."""
    first, _, rest = name.partition(".")
    if first == "Tags" and rest:
        return next((tag["Value"] for tag in item.get("Tags", ()) if tag["Key"] == rest), None)
    if first == "Metrics" and rest:
        metrics = item.get("FinalMetricDataList", ())
        return next((metric["Value"] for metric in metrics if metric["MetricName"] == rest), None)
    value = item.get(first)
    return _value(value, rest) if rest and isinstance(value, dict) else value


def _comparable(value: Any, wanted: str) -> tuple[Any, Any]:  # noqa: ANN401 - of any type
    """Return both sides as times, as numbers, or else as texts."""
    try:
        if isinstance(value, datetime):
            return naive(value), naive(datetime.fromisoformat(wanted))
        if not isinstance(value, bool):
            return float(value), float(wanted)
    except (TypeError, ValueError):
        pass
    return (str(value).lower() if isinstance(value, bool) else str(value)), wanted


def _sortable(value: Any) -> tuple[bool, Any]:  # noqa: ANN401 - of any type
    if isinstance(value, (datetime, int, float)):
        return True, value if not isinstance(value, datetime) else naive(value).timestamp()
    return value is not None, str(value)
