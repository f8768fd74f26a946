"""Permissions of roles and policies of resources, compared statement by statement."""

from typing import Any

import pytest

from headrace_aws.plan.permissions import rights_changes
from headrace_aws.plan.section_permissions import permissions_section
from headrace_aws.plan.view import View, view
from headrace_aws.stacks.template import template_of

PLACE = {
    "AWS::AccountId": "333333333333",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::URLSuffix": "amazonaws.com",
}
ROLE = """
Parameters:
  Boundary: {{Type: String, Default: ""}}
Conditions:
  HasBoundary: !Not [!Equals [!Ref Boundary, ""]]
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      PermissionsBoundary: !If [HasBoundary, !Ref Boundary, !Ref AWS::NoValue]
      ManagedPolicyArns: {managed}
      AssumeRolePolicyDocument:
        Statement: [{{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, Action: sts:AssumeRole}}]
      Policies:
        - PolicyName: own
          PolicyDocument: {{Statement: [{statement}]}}
"""
READ = "{Effect: Allow, Action: s3:GetObject, Resource: !Sub 'arn:${AWS::Partition}:s3:::mill/raw/*'}"


def stack(statement: str = READ, managed: str = "[]", **parameters: str) -> View:
    return view(
        "mill", template_of("mill", ROLE.format(statement=statement, managed=managed)), parameters, {}, PLACE
    )


def sentences(before: View | None, after: View) -> list[str]:
    """Return what the section says of the role."""
    lines = permissions_section(rights_changes("mill", before, after), ("333333333333", "eu-west-1"), 8000)
    return [line.strip(" -") for line in lines if line.startswith("  - ")]


class TestARole:
    @pytest.mark.parametrize(
        ("statement", "expected"),
        [
            (READ, []),
            # The same in other words is no change.
            ("{Effect: Allow, Action: [s3:GetObject], Resource: ['arn:aws:s3:::mill/raw/*']}", []),
            (
                "{Effect: Allow, Action: [s3:GetObject, s3:PutObject], Resource: 'arn:aws:s3:::mill/raw/*'}",
                ["gains `s3:PutObject` on `s3://mill/raw/*`"],
            ),
            (
                "{Effect: Allow, Action: 's3:*', Resource: 'arn:aws:s3:::mill/raw/*'}",
                ["⚠️ gains `s3:*` on `s3://mill/raw/*`", "loses `s3:GetObject` on `s3://mill/raw/*`"],
            ),
            (
                "{Effect: Allow, NotAction: 'iam:*', Resource: '*'}",
                ["⚠️ gains `all but iam:*` on `*`", "loses `s3:GetObject` on `s3://mill/raw/*`"],
            ),
            (
                READ
                + ", {Effect: Deny, Action: 's3:*', Resource: '*', Condition: {Bool: {aws:SecureTransport: false}}}",
                ["is denied `s3:*` on `*` when `Bool aws:SecureTransport = false`"],
            ),
            (
                READ
                + ", {Effect: Allow, Action: sqs:SendMessage, Resource: 'arn:aws:sqs:eu-west-1:444444444444:q'}",
                ["gains `sqs:SendMessage` on `arn:aws:sqs:eu-west-1:444444444444:q`"],
            ),
            (
                READ + ", {Effect: Allow, Action: iam:PassRole, Resource: !GetAtt Role.Arn, Condition: "
                "{StringEquals: {iam:PassedToService: [b.aws, a.aws]}}}",
                [
                    "gains `iam:PassRole` on `<Role.Arn>` when `StringEquals iam:PassedToService = a.aws or b.aws`"
                ],
            ),
        ],
    )
    def test_what_a_statement_changes(self, statement: str, expected: list[str]) -> None:
        """Gained and lost by action, resource and condition; a star that is gained is marked, another account named."""
        assert sentences(stack(), stack(statement)) == expected

    def test_what_a_deny_loses_is_reported_as_such(self) -> None:
        """A denial that goes is more freedom, and is not called a loss."""
        denied = READ + ", {Effect: Deny, Action: 's3:PutObject', Resource: 'arn:aws:s3:::mill/*'}"
        assert sentences(stack(denied), stack()) == ["is no longer denied `s3:PutObject` on `s3://mill/*`"]

    def test_policies_and_boundary(self) -> None:
        """A managed policy of AWS is gained by its ARN, and a boundary is told when it goes."""
        administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
        before = stack(Boundary="arn:aws:iam::333333333333:policy/mill-boundary")
        assert sentences(before, stack(managed=f"[{administrator}]")) == [
            f"gains the policy `{administrator}`",
            "loses the boundary `arn:aws:iam::333333333333:policy/mill-boundary`",
        ]

    def test_a_new_role_gains_all(self) -> None:
        """Of a stack that is new, everything is gained."""
        assert sentences(None, stack()) == [
            "gains `s3:GetObject` on `s3://mill/raw/*`",
            "trust: `Service lambda.amazonaws.com` may `sts:AssumeRole`",
        ]


class TestAPolicyOfAResource:
    def policy(self, principal: Any) -> View:
        statement = {"Effect": "Allow", "Principal": principal, "Action": "kms:Decrypt", "Resource": "*"}
        key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": [statement]}}}
        return view("mill", template_of("mill", {"Resources": {"Key": key}}), {}, {}, PLACE)

    def test_whom_it_lets_in(self) -> None:
        """The principal is reported; the star of a key's policy is the key itself, that of a principal is anyone."""
        root = {"AWS": "arn:aws:iam::333333333333:root"}
        assert sentences(self.policy(root), self.policy("*")) == [
            "⚠️ `*` gains `kms:Decrypt` on `itself`",
            "`AWS arn:aws:iam::333333333333:root` loses `kms:Decrypt` on `itself`",
        ]
