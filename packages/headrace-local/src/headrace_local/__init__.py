"""An embedded local AWS: one process on the loopback, no Docker, no account.

It proves wiring and semantics: real templates, real state machines, real jobs. It does not prove AWS's own
behaviour (quotas, IAM decisions, capacity, latency), and nothing here should be read as if it did.
"""
