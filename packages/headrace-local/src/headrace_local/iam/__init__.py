"""IAM, enforced: what a role's policies do not allow is denied as AWS denies it. `up --iam enforce` asks for it.

A request is read (`requests`), the permissions that it requires are looked up (`required_permissions`, with the tables in
`resources`, `table`, `s3`, `dynamodb` and `kms`), its principal is looked up (`principals`), each permission is decided
(`decision`, with `policies`, `evaluation`, `matching`, `conditions`, `resource_context` and `resource_policies`), and a denial
is sent (`denials`). `enforcement` puts that before moto; `services` and `managed_rules` are for what the local AWS does as a role
without a request of its own. moto has a checker (moto/iam/access_control.py): it knows neither resources nor conditions of most
services, and is not used.

A key that sts made is a session of its role. Any other is the user, administrator of the account; but the credentials of
a role are given only to those whom its trust policy names. OrganizationAccountAccessRole, which every account has, leads into
another account.

`web_identity` exchanges a token of an identity provider for a role. What CloudFormation makes for a stack it makes
as the stack's service role, or as the caller: `headrace_local.cloudformation.identity`.

Left out: policies of AWS's own (they cannot be attached here), service control policies, tags of resources other than
roles and keys (aws:ResourceTag), roles by SAML, the end of a session's time, the policies on tables, log groups and
event buses, and grants.
"""
