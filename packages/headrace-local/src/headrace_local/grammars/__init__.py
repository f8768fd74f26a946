"""The languages that AWS defines: CloudFormation templates, intrinsic functions, schedules, URIs. Needs no moto."""
