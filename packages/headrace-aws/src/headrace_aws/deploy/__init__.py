"""Deployment: an account prepared, a release deployed, the former one put back."""
