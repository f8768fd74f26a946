"""Deployment: prepare an account, deploy a release, put the former one back."""
