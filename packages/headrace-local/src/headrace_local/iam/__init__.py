"""IAM, enforced: what a role's policies do not allow is refused as AWS refuses it. `up --iam enforce` asks for it.

A request is read (`requests`), its needs are looked up (`needs`, with the tables in `resources`, `table`, `s3`,
`dynamodb`, and `keys` for KMS), its principal is found (`principals`), each need is decided (`decision`, with
`policies`, `evaluation`, `matching`, `conditions`, `resource_keys` and `resource_policies`), and a refusal is worded (`refusals`).
`enforcement` puts that before moto; `services` and `managed_rules` are for what the local AWS does as a role without a
request of its own. moto has a checker (moto/iam/access_control.py): it knows neither resources nor conditions of most
services, and is not used.

Who calls: a key that sts made is a session of its role. Any other is a person, administrator of the account; but the
credentials of a role are given to those only whom its trust policy names. Into another account leads the role
OrganizationAccountAccessRole, which every account has.

Who shows a token of an identity provider gets a role by `web_identity`. What CloudFormation makes for a stack it makes
as the stack's service role, or as the caller: `headrace_local.cloudformation.identity`.

Left out: policies of AWS's own (they cannot be attached here), service control policies, tags of resources other than
roles and keys (aws:ResourceTag), roles by SAML, the end of a session's time, the policies on tables, log groups and
event buses, and grants.
"""
