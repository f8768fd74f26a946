"""A release: what is deployed, the same bytes in each environment.

`manifest` lists its files, `build` makes one from a commit, `store` keeps it in an account, `ledger` records what was
deployed when, and `promotion` checks it before the next environment.
"""
