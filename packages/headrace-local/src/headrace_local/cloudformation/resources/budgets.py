"""AWS::Budgets::Budget."""

from headrace_local.cloudformation.clients import Client
from headrace_local.cloudformation.resources.handler import (
    Handler,
    Place,
    Properties,
    names,
    ref_as,
    taken_away,
)
from headrace_local.grammars.template_functions import as_text


def _create(place: Place, properties: Properties) -> str:
    name: str = properties["Budget"].get("BudgetName") or place.new_name(100)
    _make(place, name, properties)
    return name


def _make(place: Place, name: str, properties: Properties) -> None:
    budget = {**properties["Budget"], "BudgetName": name}
    if "BudgetLimit" in budget:  # a number in a template, a text in the API
        limit = budget["BudgetLimit"]
        budget["BudgetLimit"] = {"Amount": as_text(limit["Amount"]), "Unit": limit["Unit"]}
    _client(place).create_budget(
        AccountId=place.account,
        Budget=budget,
        NotificationsWithSubscribers=properties.get("NotificationsWithSubscribers", []),
    )


def _update(place: Place, name: str, new: Properties, _former: Properties) -> None:
    # moto has no operation that changes a budget.
    taken_away(_delete, place, name, new)
    _make(place, name, new)


def _delete(place: Place, name: str, _properties: Properties) -> None:
    _client(place).delete_budget(AccountId=place.account, BudgetName=name)


def _client(place: Place) -> Client:
    return place.client("budgets")


HANDLERS = (
    Handler(
        "AWS::Budgets::Budget",
        names("Budget NotificationsWithSubscribers"),
        _create,
        _update,
        _delete,
        ref_as("Id"),
    ),
)
