"""AWS::Budgets::Budget."""

from headrace_local.cloudformation.clients import Client
from headrace_local.cloudformation.resources.handler import (
    Handler,
    Properties,
    ResourceContext,
    delete_if_present,
    names,
    ref_as,
)
from headrace_local.grammars.template_functions import as_text


def _create(context: ResourceContext, properties: Properties) -> str:
    name: str = properties["Budget"].get("BudgetName") or context.new_name(100)
    _make(context, name, properties)
    return name


def _make(context: ResourceContext, name: str, properties: Properties) -> None:
    budget = {**properties["Budget"], "BudgetName": name}
    if "BudgetLimit" in budget:  # a number in a template, a text in the API
        limit = budget["BudgetLimit"]
        budget["BudgetLimit"] = {"Amount": as_text(limit["Amount"]), "Unit": limit["Unit"]}
    _client(context).create_budget(
        AccountId=context.account,
        Budget=budget,
        NotificationsWithSubscribers=properties.get("NotificationsWithSubscribers", []),
    )


def _update(context: ResourceContext, name: str, new: Properties, _former: Properties) -> None:
    # moto has no operation that changes a budget.
    delete_if_present(_delete, context, name, new)
    _make(context, name, new)


def _delete(context: ResourceContext, name: str, _properties: Properties) -> None:
    _client(context).delete_budget(AccountId=context.account, BudgetName=name)


def _client(context: ResourceContext) -> Client:
    return context.client("budgets")


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
