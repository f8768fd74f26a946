"""Texts of project.toml that have a form: what each may be, in words and with an example."""

import re
from dataclasses import dataclass
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from headrace_local.grammars.cron import ExpressionError, parsed


@dataclass(frozen=True)
class Form:
    """A form that a whole text has: a regular expression for the schema, and words for a person."""

    pattern: str
    words: str

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check the form after the type."""
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """State the form in the schema."""
        return {**handler(schema), "pattern": f"^({self.pattern})$"}

    def _checked(self, text: str) -> str:
        if not re.fullmatch(self.pattern, text, re.ASCII):
            raise ValueError(f"has to be {self.words}")
        return text


def _schedule(text: str) -> str:
    try:
        if text:
            parsed(text)
    except ExpressionError as error:
        raise ValueError(
            f"{error}; EventBridge Scheduler takes cron(0 5 ? * MON *) or rate(7 days), and empty is never"
        ) from error
    return text


def _timezone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, OSError, ValueError) as error:  # KeyError: there is none of that name
        raise ValueError(
            "has to be a time zone of the IANA database, such as UTC or Europe/Berlin"
        ) from error
    return text


# A job is named <project>-<step>-<MD5 of the execution>-<retry>: 63 characters at most, 32 of them the MD5.
ProjectName = Annotated[
    str,
    Form(
        "[a-z][a-z0-9-]{0,13}[a-z0-9]",
        "2 to 15 characters: lower-case letters, digits and hyphens, a letter first and no hyphen last",
    ),
]
ModelName = Annotated[
    str,
    Form(
        "[a-z][a-z0-9-]{0,22}[a-z0-9]",
        "2 to 24 characters: lower-case letters, digits and hyphens, a letter first and no hyphen last",
    ),
]
PackageName = Annotated[str, Form("[a-z_][a-z0-9_]*", "the name of a package under src/, such as flights")]
InstanceType = Annotated[str, Form(r"ml\.[a-z0-9-]+\.[a-z0-9]+", "an instance type such as ml.m5.xlarge")]
Repository = Annotated[str, Form(r"[\w.-]+/[\w.-]+", "owner/name of a repository on GitHub")]
Subject = Annotated[
    str,
    Form(
        r"repo:[\w.-]+(@\d+)?/[\w.-]+(@\d+)?",
        "the beginning of the claim `sub`, such as repo:your-org@1234/headrace@5678",
    ),
]
Digits = Annotated[str, Form(r"\d+", "a number in quotes, such as '5678'")]
AccountId = Annotated[str, Form(r"\d{12}", "an account number: 12 digits in quotes, such as '210987654321'")]
Region = Annotated[str, Form(r"[a-z]{2}(-[a-z]+)+-\d", "a region such as eu-central-1")]
SubnetId = Annotated[str, Form("subnet-[0-9a-f]{8,17}", "a subnet such as subnet-0123456789abcdef0")]
SecurityGroupId = Annotated[str, Form("sg-[0-9a-f]{8,17}", "a security group such as sg-0123456789abcdef0")]
Schedule = Annotated[
    str,
    Form(r"((rate|cron)\([^()]+\))?", "cron(...) or rate(...), or empty for never"),
    AfterValidator(_schedule),
]
TimeZone = Annotated[str, AfterValidator(_timezone)]
