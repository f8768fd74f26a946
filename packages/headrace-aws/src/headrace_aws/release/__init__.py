"""A release: what is deployed, the same bytes in each environment.

`manifest` says what it is made of, `build` makes one from a commit, `store` keeps it in an account, `ledger` records
what was deployed when, and `promotion` brings it from one environment to the next.
"""
