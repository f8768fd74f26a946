"""Is what is deployed the release, and does it score as it should? `python -m headrace_aws.smoke` asks, changing nothing.

`deployed` holds the stacks and what they made against the release, `scoring` has the deployed image score the golden
rows of a model, `golden` compares scores, and `kept` hands a scored model on to the next environment.
"""
