"""What an account is set up with: who may come in, what they may do, what others may read here."""

import json
from collections.abc import Iterator
from inspect import signature
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from headrace_aws.preview.create import IMAGES
from headrace_aws.release import image
from headrace_local.cloudformation.schemas import schema
from headrace_local.grammars.template import parsed
from tests.infra.templates import STACKS, as_list
from tests.infra.templates import policies as statements

ACCOUNT, NEXT, BEFORE = "777777777777", "444444444444", "555555555555"  # no other test bootstraps the first
NAME = "fifteen-letters"  # the longest name of a project, as policies have a longest length too
STACK = f"{NAME}-bootstrap"
SUBJECT = "repo:octo@1/mill@2"
GITHUB = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{GITHUB}"
GIVEN = {
    "ProjectName": NAME,
    "EnvironmentName": "dev",
    "GitHubSubject": SUBJECT,
    "GitHubRepositoryId": "2",
}
PROMOTING = {
    "PromotesToAccount": NEXT,
    "BudgetInUsdPerMonth": "100",
    "NotifyEmail": "team@example.com",
}
TAKING = {"EnvironmentName": "prod", "PromotesFromAccount": BEFORE, "PromotesFromRegion": "eu-central-1"}


def actions(value: Any) -> set[str]:
    """Return all actions that statements allow."""
    return {
        action
        for statement in statements(value)
        if statement["Effect"] == "Allow"
        for action in as_list(statement["Action"])
    }


def resources(*names: str) -> dict[str, Any]:
    """Return the resources of some templates."""
    found: dict[str, Any] = {}
    for name in names:
        found |= parsed((STACKS / f"{name}.yaml").read_text()).resources
    return found


class Account:
    """An account of the local AWS, with the bootstrap stack in it."""

    def __init__(self, local_aws: Any, number: str = ACCOUNT) -> None:
        self.number = number
        self.client = lambda service: local_aws.client(service, number)
        self.iam, self.cloudformation = self.client("iam"), self.client("cloudformation")

    def deploy(self, **parameters: str) -> dict[str, str]:
        """Create or update the stack; return its outputs."""
        request = self._request(parameters)
        try:
            self.cloudformation.describe_stacks(StackName=STACK)
        except ClientError:
            self.cloudformation.create_stack(**request)
        else:
            self.cloudformation.update_stack(**request)
        stack = self.cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        assert stack["StackStatus"] in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def change_set(self, **parameters: str) -> Any:
        """Ask for a change set of another stack, which creates nothing."""
        request = self._request(parameters) | {"StackName": "asked"}
        return self.cloudformation.create_change_set(ChangeSetName="asked", ChangeSetType="CREATE", **request)

    def _request(self, parameters: dict[str, str]) -> dict[str, Any]:
        given = GIVEN | parameters
        return {
            "StackName": STACK,
            "TemplateBody": (STACKS / "bootstrap.yaml").read_text(),
            "Parameters": [{"ParameterKey": key, "ParameterValue": text} for key, text in given.items()],
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
        }

    def trust(self, role: str) -> dict[str, Any]:
        """Return the one statement of whom a role trusts."""
        found = self.iam.get_role(RoleName=f"{NAME}-{role}")["Role"]["AssumeRolePolicyDocument"]
        [statement] = found["Statement"]
        return dict(statement)

    def policies(self, role: str) -> dict[str, Any]:
        """Return the policies of a role by their names."""
        name = f"{NAME}-{role}"
        return {
            policy: self.iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            for policy in self.iam.list_role_policies(RoleName=name)["PolicyNames"]
        }

    def boundary(self) -> Any:
        arn = f"arn:aws:iam::{ACCOUNT}:policy/{NAME}-boundary"
        version = self.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        return self.iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]


@pytest.fixture(scope="module")
def account(local_aws: Any) -> Iterator[Account]:
    """The account where releases begin, which gives them to the next: tests read it, and change nothing."""
    yield from bootstrapped(Account(local_aws), PROMOTING)


@pytest.fixture(scope="module")
def next_account(local_aws: Any) -> Iterator[Account]:
    """The account that takes its releases from another: tests read it, and change nothing."""
    yield from bootstrapped(Account(local_aws, NEXT), TAKING)


@pytest.fixture
def own_account(local_aws: Any) -> Iterator[Account]:
    """An account like the first that one test alone has, and may change."""
    yield from bootstrapped(Account(local_aws, f"{uuid4().int % 10**12:012}"), PROMOTING)


def bootstrapped(made: Account, parameters: dict[str, str]) -> Iterator[Account]:
    """Yield an account with the stacks of its administrator, which are deleted after it."""
    permissions = made.cloudformation.create_stack(
        StackName=f"{NAME}-permissions",
        TemplateBody=(STACKS / "permissions.yaml").read_text(),
        Parameters=[{"ParameterKey": "ProjectName", "ParameterValue": NAME}],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )["StackId"]
    made.deploy(**parameters)
    yield made
    for stack in (STACK, permissions):
        made.cloudformation.delete_stack(StackName=stack)


def test_the_outputs_bear_the_names_that_the_commands_derive(account: Account) -> None:
    """Roles, boundary, bucket and repository are found by the project's name, without asking the stack."""
    stack = account.cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    assert {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]} == {
        "ArtefactBucket": f"{NAME}-artefacts-{ACCOUNT}-us-east-1",
        "RepositoryUri": f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/{NAME}",
        "PlanRoleArn": f"arn:aws:iam::{ACCOUNT}:role/{NAME}-plan",
        "PreviewRoleArn": f"arn:aws:iam::{ACCOUNT}:role/{NAME}-preview",
        "DeployRoleArn": f"arn:aws:iam::{ACCOUNT}:role/{NAME}-deploy",
        "DriftRoleArn": f"arn:aws:iam::{ACCOUNT}:role/{NAME}-drift",
        "OidcProviderArn": PROVIDER,
    }
    permissions = account.cloudformation.describe_stacks(StackName=f"{NAME}-permissions")["Stacks"][0]
    assert {output["OutputKey"]: output["OutputValue"] for output in permissions["Outputs"]} == {
        "CloudFormationRoleArn": f"arn:aws:iam::{ACCOUNT}:role/{NAME}-cloudformation",
        "BoundaryArn": f"arn:aws:iam::{ACCOUNT}:policy/{NAME}-boundary",
        "ReadingArn": f"arn:aws:iam::{ACCOUNT}:policy/{NAME}-reading",
    }


@pytest.mark.parametrize(
    ("role", "subject", "more"),
    [
        ("plan", f"{SUBJECT}:pull_request", {}),
        ("drift", f"{SUBJECT}:ref:refs/heads/main", {}),
        ("preview", f"{SUBJECT}:environment:preview", {f"{GITHUB}:environment": "preview"}),
        ("deploy", f"{SUBJECT}:environment:dev", {f"{GITHUB}:environment": "dev"}),
    ],
)
def test_github_comes_in_by_exact_claims(
    account: Account, role: str, subject: str, more: dict[str, str]
) -> None:
    """Audience, subject and repository id are compared as a whole: nothing is like anything."""
    statement = account.trust(role)
    assert statement["Principal"] == {"Federated": PROVIDER}
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert statement["Condition"] == {
        "StringEquals": {
            f"{GITHUB}:aud": "sts.amazonaws.com",
            f"{GITHUB}:sub": subject,
            f"{GITHUB}:repository_id": "2",
            **more,
        }
    }


def test_where_releases_come_to_two_branches_deploy_and_no_pull_request_comes_in(
    next_account: Account,
) -> None:
    """The role that deploys is for main and production, whatever GitHub lets into the environment; no other changes."""
    assert next_account.trust("deploy")["Condition"] == {
        "StringEquals": {
            f"{GITHUB}:aud": "sts.amazonaws.com",
            f"{GITHUB}:sub": f"{SUBJECT}:environment:prod",
            f"{GITHUB}:repository_id": "2",
            f"{GITHUB}:environment": "prod",
            f"{GITHUB}:ref": ["refs/heads/main", "refs/heads/production"],
        }
    }
    made = {role["RoleName"] for role in next_account.iam.list_roles()["Roles"]}
    assert {name for name in made if name.startswith(NAME)} == {
        f"{NAME}-deploy",
        f"{NAME}-drift",
        f"{NAME}-cloudformation",
    }


def test_only_cloudformation_takes_the_service_role(account: Account) -> None:
    """It is trusted to the service, and to nobody who could come with a token."""
    statement = account.trust("cloudformation")
    assert statement["Principal"] == {"Service": "cloudformation.amazonaws.com"}
    assert statement["Action"] == "sts:AssumeRole"


@pytest.mark.parametrize(
    ("parameter", "text"),
    [
        ("GitHubSubject", "repo:*"),
        ("GitHubSubject", "repo:octo/*"),
        ("GitHubSubject", "repo:octo@1/mill@2:*"),
        ("GitHubSubject", "repo:octo@1/mi?l@2"),
        ("GitHubSubject", "repo:octo@1"),
        ("GitHubSubject", "repo:octo@1/mill@2:ref:refs/heads/main"),
        ("GitHubSubject", ""),
        ("GitHubRepositoryId", "*"),
        ("GitHubRepositoryId", ""),
        ("EnvironmentName", "*"),
        ("PromotesToAccount", "*"),
        ("OidcProviderArn", f"arn:aws:iam::{ACCOUNT}:oidc-provider/example.com"),
    ],
)
def test_a_wildcard_is_no_identity(account: Account, parameter: str, text: str) -> None:
    """What would let others in is refused before anything is created."""
    with pytest.raises(ClientError, match=f"Parameter '{parameter}' failed to satisfy constraint"):
        account.change_set(**{parameter: text})


@pytest.mark.parametrize("subject", ["repo:octo/mill", "repo:octo-org_x@12/my.mill_x-y@34"])
def test_both_forms_of_a_subject_are_taken(account: Account, subject: str) -> None:
    """Repositories from before July 2026 bear no ids in it."""
    account.change_set(GitHubSubject=subject)
    account.cloudformation.delete_stack(StackName="asked")


def test_no_role_is_administrator(account: Account) -> None:
    """No role has a policy of AWS, an action with a star, or every resource for an action that takes one."""
    for role in ("plan", "preview", "drift", "deploy", "cloudformation"):
        attached = account.iam.list_attached_role_policies(RoleName=f"{NAME}-{role}")["AttachedPolicies"]
        assert [one["PolicyName"] for one in attached] == ([f"{NAME}-reading"] if role == "drift" else [])
        assert [action for action in actions(account.policies(role)) if "*" in action] == []


def test_a_pull_request_only_looks(account: Account) -> None:
    """Beside reading, the plan role makes change sets and removes them, and executes none."""
    reading = ("Describe", "Get", "List", "Query", "Decrypt")
    others = {
        action
        for action in actions(account.policies("plan"))
        if not action.partition(":")[2].startswith(reading)
    }
    assert others == {
        "cloudformation:CreateChangeSet",
        "cloudformation:DeleteChangeSet",
        "iam:PassRole",  # of the service role, to CloudFormation
    }


@pytest.mark.parametrize("role", ["plan", "preview", "deploy"])
def test_stacks_are_changed_by_the_service_role_alone(account: Account, role: str) -> None:
    """Whoever changes a stack names the service role, which can be passed to CloudFormation alone, and imports nothing."""
    arn = f"arn:aws:iam::{ACCOUNT}:role/{NAME}-cloudformation"
    found = list(statements(account.policies(role)))
    changing = {"cloudformation:CreateChangeSet", "cloudformation:DeleteStack"}
    named = [one for one in found if changing & set(as_list(one["Action"]))]
    assert named
    for one in named:
        assert one["Condition"] == {
            "StringEquals": {"cloudformation:RoleArn": arn},
            "Null": {"cloudformation:ImportResourceTypes": "true"},
        }
    [passing] = [one for one in found if "iam:PassRole" in as_list(one["Action"])]
    assert passing["Resource"] == arn
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}}


def test_the_deploy_role_has_no_hand_in_the_bootstrap(account: Account) -> None:
    """It writes to no stack but the model's and data's, and to no permission at all."""
    found = list(statements(account.policies("deploy")))
    stacks = {
        (resource.rsplit(":stack/", 1)[1], action)
        for one in found
        for action in as_list(one["Action"])
        for resource in as_list(one["Resource"])
        if action.startswith("cloudformation:") and resource != "*"
    }
    assert {action for name, action in stacks if name in {f"{STACK}/*", f"{NAME}-network/*"}} == {
        "cloudformation:DescribeStacks"
    }
    assert {name for name, _ in stacks} == {
        f"{NAME}-{name}/*"
        for name in ("bootstrap", "network", "permissions", "data", "*-pipelines", "*-automation")
    }
    assert {action for action in actions(found) if action.startswith("iam:")} == {"iam:PassRole"}


def test_the_service_role_makes_roles_below_the_boundary_only(account: Account) -> None:
    """What gives a role permissions needs the boundary on it, and is under the project's path, where no administrator's is."""
    found = list(statements(account.policies("cloudformation")["roles"]))
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/{NAME}-boundary"
    giving = {
        "iam:AttachRolePolicy",
        "iam:CreateRole",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
    }
    seen = set()
    for one in found:
        if one["Effect"] == "Allow" and giving & set(as_list(one["Action"])):
            assert one["Condition"]["StringEquals"] == {"iam:PermissionsBoundary": boundary}
            seen |= set(as_list(one["Action"]))
    assert seen == giving
    assert "iam:DeleteRolePermissionsBoundary" not in actions(found)
    assert {arn.rpartition(":")[2] for one in found for arn in as_list(one["Resource"])} == {
        f"role/{NAME}/*",
        f"policy/{NAME}/*",
    }
    [attaching] = [one for one in found if "iam:AttachRolePolicy" in as_list(one["Action"])]
    assert attaching["Condition"]["ArnLike"] == {"iam:PolicyARN": f"arn:aws:iam::{ACCOUNT}:policy/{NAME}/*"}


def test_the_alias_opens_no_other_key(account: Account) -> None:
    """A key that is known by another name is harmed, opened and renamed by no stack; a new one has no name yet."""
    found = list(statements(account.policies("cloudformation")["data"]))
    [denied] = [one for one in found if one["Effect"] == "Deny"]
    assert denied["Resource"] == f"arn:aws:kms:us-east-1:{ACCOUNT}:key/*"
    assert denied["Condition"] == {
        "ForAnyValue:StringNotEquals": {"kms:ResourceAliases": f"alias/{NAME}-data"}
    }
    assert set(denied["Action"]) == {
        "kms:CreateAlias",
        "kms:CreateGrant",
        "kms:Decrypt",
        "kms:DisableKey",
        "kms:PutKeyPolicy",
        "kms:ScheduleKeyDeletion",
        "kms:TagResource",
        "kms:UpdateAlias",
    }
    for aliases, decision in (
        ([], "allowed"),
        ([f"alias/{NAME}-data"], "allowed"),
        (["alias/other"], "explicitDeny"),
        ([f"alias/{NAME}-data", "alias/other"], "explicitDeny"),
    ):
        told = [
            {
                "ContextKeyName": "kms:ResourceAliases",
                "ContextKeyValues": aliases,
                "ContextKeyType": "stringList",
            }
        ]
        asked = account.iam.simulate_principal_policy(
            PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:role/{NAME}-cloudformation",
            ActionNames=["kms:CreateAlias", "kms:UpdateAlias"],
            ResourceArns=[f"arn:aws:kms:us-east-1:{ACCOUNT}:key/x"],
            ContextEntries=told if aliases else [],
        )["EvaluationResults"]
        assert [one["EvalDecision"] for one in asked] == [decision] * 2


@pytest.mark.parametrize(
    "name", [f"{NAME}-deploy", f"{NAME}-boundary", f"{NAME}-administrator", f"other/{NAME}"]
)
def test_no_role_beside_the_path_is_touched(account: Account, name: str) -> None:
    """A role of another path is not trusted anew, passed or deleted, whatever its name begins with."""
    for path, decision in ((name, "implicitDeny"), (f"{NAME}/x", "allowed")):
        asked = account.iam.simulate_principal_policy(
            PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:role/{NAME}-cloudformation",
            ActionNames=["iam:UpdateAssumeRolePolicy", "iam:DeleteRole", "iam:PassRole"],
            ResourceArns=[f"arn:aws:iam::{ACCOUNT}:role/{path}"],
            ContextEntries=[
                {
                    "ContextKeyName": "iam:PassedToService",
                    "ContextKeyValues": ["states.amazonaws.com"],
                    "ContextKeyType": "string",
                }
            ],
        )["EvaluationResults"]
        assert [one["EvalDecision"] for one in asked] == [decision] * 3


def test_the_preview_role_changes_previews_alone(account: Account) -> None:
    """What it writes and removes has -pr- in its name; of releases, deployments and locks it sees nothing."""
    found = list(statements(account.policies("preview")))
    looking = ("Describe", "Get", "List", "Query", "BatchGet", "BatchCheck")
    changed = {
        resource.split(":", 5)[5]
        for one in found
        if any(not action.partition(":")[2].startswith(looking) for action in as_list(one["Action"]))
        for resource in as_list(one["Resource"])
        if resource != "*" and one["Sid"] not in {"GiveStacksTheirRole", "UseTheKey", "RemoveRunsOfPreviews"}
    }
    streams = f"log-stream:{NAME}-*"  # jobs are named by their execution alone
    images = f"repository/{NAME}"  # IAM cannot tell tags apart
    assert {each for each in changed if "-pr-*" not in each} == {
        f"log-group:/aws/sagemaker/ProcessingJobs:{streams}",
        f"log-group:/aws/sagemaker/TrainingJobs:{streams}",
        images,
    }
    [removing] = [one for one in found if "dynamodb:DeleteItem" in as_list(one["Action"])]
    assert removing["Condition"] == {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": "*-pr-*"},
        "Null": {"dynamodb:LeadingKeys": "false"},
    }
    assert f"{NAME}-artefacts" not in json.dumps(found)


def test_the_deploy_role_has_no_hand_in_previews(account: Account) -> None:
    """It deletes no file but a lock, no record, and nothing of the registry."""
    found = list(statements(account.policies("deploy")))
    removing = {action for action in actions(found) if "Delete" in action}
    assert removing == {"cloudformation:DeleteChangeSet", "cloudformation:DeleteStack", "s3:DeleteObject"}
    [unlocking] = [one for one in found if "s3:DeleteObject" in as_list(one["Action"])]
    assert unlocking["Resource"].endswith("/locks/*")
    assert "sagemaker:CreateModelPackage" not in actions(found)


def test_what_compares_stacks_reads_what_the_schemas_ask_and_no_data(account: Account) -> None:
    """The policy of the drift role is every action that reads a type of our stacks, and none of these opens data."""
    asked = {
        action
        for each in {
            resource["Type"]
            for resource in resources(*(path.stem for path in STACKS.glob("*.yaml"))).values()
        }
        for action in schema(each)["handlers"].get("read", {"permissions": []})["permissions"]
    }
    arn = f"arn:aws:iam::{ACCOUNT}:policy/{NAME}-reading"
    document = account.iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"]
    of_data = {"kms:Decrypt", "iam:PassRole"}
    of_lattice = {"vpc-lattice:DescribeServiceNetworkVpcEndpointAssociation"}
    assert actions(document) == asked - of_data - of_lattice


def test_the_boundary_is_what_the_roles_of_the_stacks_do(account: Account) -> None:
    """It lets through every action that a role below it is given, and no other."""
    given = {
        action
        for resource in resources("pipelines", "automation").values()
        if resource["Type"] in {"AWS::IAM::Role", "AWS::IAM::ManagedPolicy"}
        for action in actions(
            [resource["Properties"].get("Policies"), resource["Properties"].get("PolicyDocument")]
        )
    }
    assert actions(account.boundary()) == given


def test_the_boundary_denies_what_would_lift_it(account: Account) -> None:
    """Of IAM there is nothing but passing a role to SageMaker; of the bootstrap nothing."""
    found = list(statements(account.boundary()))
    [passing] = [one for one in found if "iam:PassRole" in as_list(one.get("Action"))]
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    permissions, bootstrap = (one for one in found if one["Effect"] == "Deny")
    assert permissions["NotAction"] == "iam:PassRole"
    assert {arn.rpartition(":")[2] for arn in permissions["Resource"]} == {
        "group/*", "oidc-provider/*", "policy/*", "role/*", "user/*"
    }  # fmt: skip
    assert passing["Resource"] == f"arn:aws:iam::{ACCOUNT}:role/{NAME}/*"
    assert bootstrap["Action"] == "*"
    assert f"arn:aws:s3:::{NAME}-artefacts-{ACCOUNT}-us-east-1/*" in bootstrap["Resource"]


def test_artefacts_are_kept_and_private(account: Account) -> None:
    """Versioned, under S3's own key, over TLS, open to nobody; tags of images stay what they are, scanned on push."""
    s3, bucket = account.client("s3"), f"{NAME}-artefacts-{ACCOUNT}-us-east-1"
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    blocked = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert set(blocked.values()) == {True}
    repository = account.client("ecr").describe_repositories(repositoryNames=[NAME])["repositories"][0]
    assert repository["imageTagMutability"] == "IMMUTABLE"
    assert repository["imageScanningConfiguration"] == {"scanOnPush": True}


def test_no_number_of_previews_makes_a_release_expire(account: Account) -> None:
    """Each rule counts the images of its own prefix, and a release's comes first for an image that has both."""
    kept = json.loads(account.client("ecr").get_lifecycle_policy(repositoryName=NAME)["lifecyclePolicyText"])
    releases, previews = sorted(kept["rules"], key=lambda rule: int(rule["rulePriority"]))
    assert releases["selection"] == {
        "tagStatus": "tagged",
        "tagPrefixList": [signature(image.push).parameters["prefix"].default],
        "countType": "imageCountMoreThan",
        "countNumber": 50,
    }
    assert previews["selection"]["tagPrefixList"] == [IMAGES]
    assert (previews["selection"]["countType"], previews["selection"]["countNumber"]) == (
        "sinceImagePushed",
        14,
    )


def test_the_next_account_reads_by_its_deploy_role(account: Account) -> None:
    """Bucket and repository let in one role of one account, to read releases and pull images."""
    role = {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{NEXT}:role/{NAME}-deploy"}}
    bucket = account.client("s3").get_bucket_policy(Bucket=f"{NAME}-artefacts-{ACCOUNT}-us-east-1")
    pulled = account.client("ecr").get_repository_policy(repositoryName=NAME)
    open_ = [
        one
        for text in (bucket["Policy"], pulled["policyText"])
        for one in statements(json.loads(text))
        if one["Effect"] == "Allow"
    ]
    assert {action for one in open_ for action in as_list(one["Action"])} == {
        "s3:GetObject",
        "s3:ListBucket",
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
    }
    for one in open_:
        assert one["Principal"] == {"AWS": f"arn:aws:iam::{NEXT}:root"}
        assert one["Condition"] == role


def test_the_stack_is_what_its_parameters_say(own_account: Account, next_account: Account) -> None:
    """The same ones are no update; without another account nobody is let in, and nothing is read elsewhere."""
    with pytest.raises(ClientError, match="No updates are to be performed"):
        own_account.deploy(**PROMOTING)

    budgets = own_account.client("budgets")
    assert BEFORE in json.dumps(next_account.policies("deploy"))
    [budget] = budgets.describe_budgets(AccountId=own_account.number)["Budgets"]
    assert (float(budget["BudgetLimit"]["Amount"]), budget["BudgetLimit"]["Unit"]) == (100, "USD")
    told = budgets.describe_notifications_for_budget(
        AccountId=own_account.number, BudgetName=budget["BudgetName"]
    )
    assert {(one["NotificationType"], one["Threshold"]) for one in told["Notifications"]} == {
        ("ACTUAL", 80),
        ("FORECASTED", 100),
    }
    own_account.deploy()
    assert budgets.describe_budgets(AccountId=own_account.number)["Budgets"] == []
    bucket = f"{NAME}-artefacts-{own_account.number}-us-east-1"
    policy = own_account.client("s3").get_bucket_policy(Bucket=bucket)
    assert [one["Effect"] for one in json.loads(policy["Policy"])["Statement"]] == ["Deny"]
    with pytest.raises(ClientError, match="RepositoryPolicyNotFound"):
        own_account.client("ecr").get_repository_policy(repositoryName=NAME)
    assert BEFORE not in json.dumps(own_account.policies("deploy"))


def test_a_provider_that_is_there_is_used(own_account: Account) -> None:
    """An account has one for GitHub: with its ARN none is made, and what was made before stays."""
    provider = PROVIDER.replace(ACCOUNT, own_account.number)
    outputs = own_account.deploy(**PROMOTING, OidcProviderArn=provider)
    kept = own_account.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=provider)
    assert outputs["OidcProviderArn"] == provider
    assert kept["ClientIDList"] == ["sts.amazonaws.com"]
    assert own_account.trust("deploy")["Principal"] == {"Federated": provider}
